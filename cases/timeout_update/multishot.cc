// Updating a timeout that repeats.
#include "harness/cases.h"
#include "harness/pass_time.h"

namespace ringspec {
namespace {

constexpr Duration kNew = 200ms;

RING_CASE(TimeoutUpdating, AllLaterShotsHaveTheNewInterval, .clause = "TIMEOUT-UPDATE-MSHOT-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Multishot().Tag(kTimeout));

  const TimePoint begin = Now();
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));

  for (int shot = 1; shot <= 3; ++shot) {
    EXPECT_THAT(ring.Reap(1),
                ElementsAre(Completes(kTimeout, -ETIME).More().DueAt(begin + shot * kNew)));
  }
  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED)));
}

RING_CASE(TimeoutUpdating, TheNumberOfShotsIsKept, .clause = "TIMEOUT-UPDATE-MSHOT-02") {
  Ring ring;
  ring.Submit(Timeout(20s).Multishot().Count(3).Tag(kTimeout));

  const TimePoint begin = Now();
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).More().DueAt(begin + kNew)));
  EXPECT_THAT(ring.Reap(1),
              ElementsAre(Completes(kTimeout, -ETIME).More().DueAt(begin + 2 * kNew)));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(begin + 3 * kNew)));
}

RING_CASE(TimeoutUpdating, ShotsThatWereFiredStayCounted, .clause = "TIMEOUT-UPDATE-MSHOT-02") {
  Ring ring;
  ring.Submit(Timeout(kNew).Multishot().Count(3).Tag(kTimeout));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).More().After(kNew)));

  PassTime(10ms);  // Without the update the next shot would come that much too early.
  const TimePoint begin = Now();
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).More().DueAt(begin + kNew)));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(begin + 2 * kNew)));
}

RING_CASE(TimeoutUpdating, AMultishotTimeoutTakesNoPointInTime,
          .clause = "TIMEOUT-UPDATE-MSHOT-03") {
  Ring ring;
  ring.Submit(Timeout(kNew).Multishot().Count(2).Tag(kTimeout));

  ring.Submit(TimeoutUpdate(kTimeout, Now() + 20s).Abs().Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, -EINVAL)));

  EXPECT_THAT(ring.Reap(2), ElementsAre(Completes(kTimeout, -ETIME).More().After(kNew),
                                        Completes(kTimeout, -ETIME).After(2 * kNew)));
}

}  // namespace
}  // namespace ringspec
