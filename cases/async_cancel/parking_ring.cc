// Targets that a worker has begun, and cannot park without the lock of the ring: the submitter has
// that, and does not let go of it while a file keeps it.  No race has to be won for a cancel of the
// same submission to come in between.
#include "harness/cases.h"
#include "harness/held_thread.h"

namespace ringspec {
namespace {

// The hold lasts for as long as one waits for anything here, so that a worker has begun.
template <typename Parked>
void CancelInAKeptSubmission(const Parked& request) {
  Ring ring;
  const Pipe pipe;
  pipe.Write();
  HeldThread reader([&](void* page) { std::ignore = read(pipe.read_end(), page, 1); });
  reader.LetGoAfter(CurrentTiming().give_up);

  ring.Submit(Parked(request).Async().Tag(kTarget), Read(pipe.read_end()).Tag(kBystander),
              Cancel(kTarget).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kBystander, 1), Completes(kCancel, -EALREADY),
                                   Completes(kTarget, Interrupted())));
}

RING_CASE(AsyncCancelParking, AFutexWaitThatWaitsForTheRingIsNotParked,
          .clause = "CANCEL-IOWQ-PARK-02") {
  const Futex futex;
  CancelInAKeptSubmission(FutexWait(futex));
}

RING_CASE(AsyncCancelParking, AVectoredFutexWaitThatWaitsForTheRingIsNotParked,
          .clause = "CANCEL-IOWQ-PARK-02") {
  const Futex first, second;
  CancelInAKeptSubmission(FutexWaitV({&first, &second}));
}

RING_CASE(AsyncCancelParking, AWaitidThatWaitsForTheRingIsNotParked,
          .clause = "CANCEL-IOWQ-PARK-02") {
  const Child child;
  CancelInAKeptSubmission(WaitId(child.pid()));
}

}  // namespace
}  // namespace ringspec
