// Timeouts and cancels while completions overflow the completion queue.
#include "harness/cases.h"
#include "harness/pass_time.h"

namespace ringspec {
namespace {

// A ring whose completion queue is full, with four completions more that it has no room for.
class FullRing {
 public:
  static constexpr int kRoom = 8;
  static constexpr int kWaiting = 12;

  explicit FullRing(int waiting = kWaiting) : waiting_(waiting) {
    for (int i = 0; i < waiting; ++i) ring_.Submit(Nop().Tag(kEvent));
  }

  Ring& operator*() { return ring_; }
  Ring* operator->() { return &ring_; }

  // What had been waiting, and these.
  void ExpectWhatWaitedAnd(std::vector<CompletionMatcher> expected) {
    expected.insert(expected.end(), waiting_, Completes(kEvent, 0));
    EXPECT_THAT(ring_.Reap(static_cast<int>(expected.size())), UnorderedElementsAreArray(expected));
  }

 private:
  Ring ring_{RingOptions{.entries = 4}};
  int waiting_;
};

RING_CASE(SetupOverflow, ATimeoutThatIsArmedIsOnTime, .clause = "SETUP-OVERFLOW-01") {
  FullRing ring;

  ring->Submit(Timeout(50ms).Tag(kTimeout));

  ring.ExpectWhatWaitedAnd({Completes(kTimeout, -ETIME).After(50ms)});
}

RING_CASE(SetupOverflow, ATimeoutIsOnTimeWhenTheQueueIsJustFull, .clause = "SETUP-OVERFLOW-01") {
  FullRing ring(FullRing::kRoom);

  ring->Submit(Timeout(50ms).Tag(kTimeout));

  ring.ExpectWhatWaitedAnd({Completes(kTimeout, -ETIME).After(50ms)});
}

RING_CASE(SetupOverflow, ATimeoutThatExpiresIsReported, .clause = "SETUP-OVERFLOW-01") {
  FullRing ring;
  ring->Submit(Timeout(50ms).Tag(kTimeout));
  PassTime(60ms);

  const TimePoint due = Now();
  ring.ExpectWhatWaitedAnd({Completes(kTimeout, -ETIME).DueAt(due)});
}

RING_CASE(SetupOverflow, ATimeoutThatIsUpdatedIsOnTime, .clause = "SETUP-OVERFLOW-02") {
  FullRing ring;
  ring->Submit(Timeout(20s).Tag(kTimeout));

  const TimePoint due = Now() + 50ms;
  ring->Submit(TimeoutUpdate(kTimeout, 50ms).Tag(kUpdate));

  ring.ExpectWhatWaitedAnd({Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)});
}

RING_CASE(SetupOverflow, ALinkTimeoutIsOnTime, .clause = "SETUP-OVERFLOW-01") {
  FullRing ring;
  const Pipe pipe;

  ring->Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms).Link(),
               Nop().Tag(kNext));

  ring.ExpectWhatWaitedAnd({Completes(kTarget, -ECANCELED).After(50ms),
                            Completes(kLinkTimeout, -ETIME).After(50ms),
                            Completes(kNext, -ECANCELED)});
}

RING_CASE(SetupOverflow, ACancelTakesItsTarget, .clause = "SETUP-OVERFLOW-03") {
  FullRing ring;
  const Pipe pipe;
  ring->Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));

  ring->Submit(Cancel(kTarget).Tag(kCancel));
  pipe.Write();

  ring.ExpectWhatWaitedAnd(
      {Completes(kCancel, 0), Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)});
}

RING_CASE(SetupOverflow, ACancelCountsItsTargets, .clause = "SETUP-OVERFLOW-04") {
  FullRing ring;
  const Pipe pipe;
  ring->Submit(PollAdd(pipe.read_end()).Tag(kTarget), Timeout(20s).Tag(kTarget));

  ring->Submit(Cancel(kTarget).All().Tag(kCancel));

  ring.ExpectWhatWaitedAnd(
      {Completes(kCancel, 2), Completes(kTarget, -ECANCELED), Completes(kTarget, -ECANCELED)});
}

}  // namespace
}  // namespace ringspec
