// Targets that a worker or a timer is already busy with: found, but not to be taken back.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelAlready, ARunningRequestIsEALREADY, .clause = "CANCEL-EALREADY-01") {
  Ring ring;
  const Pipe from, to;
  ring.Submit(Splice(from.read_end(), to.write_end()).Tag(kTarget));
  ASSERT_TRUE(WorkersAreBlocked(1));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, -EALREADY),
                                                 Completes(kTarget, Interrupted())));
}

RING_CASE(AsyncCancelAlready, OnlyTheTargetEndsAndPostsItsOwnCqe, .clause = "CANCEL-EALREADY-02") {
  Ring ring;
  const Pipe from, to, other;
  ring.Submit(Splice(from.read_end(), to.write_end()).Tag(kTarget),
              Splice(other.read_end(), to.write_end()).Tag(kBystander),
              Splice(other.read_end(), to.write_end()).Tag(kBystander));
  ASSERT_TRUE(WorkersAreBlocked(3));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, -EALREADY),
                                                 Completes(kTarget, Interrupted())));

  other.Write(2);
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kBystander, 1), Completes(kBystander, 1)));
}

RING_CASE(AsyncCancelAlready, ARunningRequestIsNeverENOENT, .clause = "CANCEL-EALREADY-03") {
  Ring ring;
  const Pipe from, to;
  for (int i = 0; i < kDraws; ++i) {
    const Tag target = OfRound(kTarget, i);
    const Race race{{"already", UnorderedElementsAre(Completes(kCancel, -EALREADY),
                                                     Completes(target, Interrupted()))}};
    ring.Submit(Splice(from.read_end(), to.write_end()).Tag(target));
    ASSERT_TRUE(WorkersAreBlocked(1));

    ring.Submit(Cancel(target).Tag(kCancel));

    race.Draw(ring.Reap(2));
  }
}

RING_CASE(AsyncCancelAlready, ACancelMeetsAnExpiringTimeout,
          .clause = "CANCEL-EALREADY-TIMEOUT-01") {
  const Race race{
      {"canceled", UnorderedElementsAre(Completes(kCancel, 0), Completes(kTimeout, -ECANCELED))},
      {"expired", UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kTimeout, -ETIME))},
      {"expiring",
       UnorderedElementsAre(Completes(kCancel, -EALREADY), Completes(kTimeout, -ETIME))}};
  Ring ring;
  for (int i = 0; i < kDraws; ++i) {
    ring.Submit(Timeout(i * 10us).Tag(kTimeout));

    ring.Submit(Cancel(kTimeout).Tag(kCancel));

    race.Draw(ring.Reap(2));
  }
}

// Cancels everything until `targets` requests have ended; how many the cancels say they took, or -1
// if some request does not end, or not as a canceled one.  One that a worker holds in its hands may
// need a second cancel.
int CountUntilAllEnd(Ring& ring, int targets) {
  int counted = 0;
  for (int attempts = 0; targets > 0 && attempts < 20; ++attempts) {
    ring.Submit(Cancel().Any().All().Tag(kCancel));
    for (const Completion& one : ring.ReapUntilQuiet()) {
      const bool is_cancel = one.user_data == kCancel.value;
      if (is_cancel ? one.res < 0 : !Interrupted().Matches(one.res)) return -1;
      if (is_cancel) counted += one.res;
      if (!is_cancel) --targets;
    }
  }
  return targets > 0 ? -1 : counted;
}

RING_CASE(AsyncCancelCount, NoRequestIsCountedTwice, .clause = "CANCEL-ALL-COUNT-ONCE-01") {
  constexpr int kReads = 4;
  Ring ring;
  const Pipe pipe;
  const Request read = Read(pipe.read_end()).Async().Tag(kTarget);
  for (int i = 0; i < kDraws / 5; ++i) {
    ring.Submit(read, read, read, read);

    const int counted = CountUntilAllEnd(ring, kReads);

    const bool once = counted >= 0 && counted <= kReads;
    Recorder::Current().Drawn(once ? "counted once" : "forbidden " + std::to_string(counted), once);
    ASSERT_TRUE(once) << counted << " of " << kReads << " requests counted";
  }
}

}  // namespace
}  // namespace ringspec
