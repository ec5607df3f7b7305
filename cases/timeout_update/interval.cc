// A new interval or point in time for an armed timeout.
#include "harness/cases.h"
#include "harness/pass_time.h"

namespace ringspec {
namespace {

// The deadline of a timeout of 20 s that is updated at once.
constexpr Duration kNew = 50ms;

RING_CASE(TimeoutUpdating, AShorterIntervalCountsFromNow, .clause = "TIMEOUT-UPDATE-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, ALongerIntervalCountsFromNow, .clause = "TIMEOUT-UPDATE-01") {
  Ring ring;
  ring.Submit(Timeout(200ms).Tag(kTimeout), Timeout(100ms).Tag(kBystander));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, -ETIME).After(100ms)));

  const TimePoint due = Now() + 300ms;
  ring.Submit(TimeoutUpdate(kTimeout, 300ms).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, OnlyTheNamedTimeoutIsUpdated, .clause = "TIMEOUT-UPDATE-01") {
  Ring ring;
  ring.Submit(Timeout(50ms).Tag(kBystander), Timeout(50ms).Tag(kTimeout));

  const TimePoint due = Now() + 200ms;
  ring.Submit(TimeoutUpdate(kTimeout, 200ms).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kBystander, -ETIME).After(50ms),
                                   Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, AbsIsAPointInTime, .clause = "TIMEOUT-UPDATE-02") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, due).Abs().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, APointInThePastIsNow, .clause = "TIMEOUT-UPDATE-02") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout));

  ring.Submit(TimeoutUpdate(kTimeout, 1ns).Abs().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).AtOnce()));
}

RING_CASE(TimeoutUpdating, AnIntervalReplacesAPointInTime, .clause = "TIMEOUT-UPDATE-04") {
  Ring ring;
  ring.Submit(Timeout(Now() + 20s).Abs().Tag(kTimeout));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, FromIntervalToPointAndBack, .clause = "TIMEOUT-UPDATE-04") {
  Ring ring;
  ring.Submit(Timeout(50ms).Tag(kTimeout));
  ring.Submit(TimeoutUpdate(kTimeout, Now() + 10s).Abs().Tag(kUpdate));
  EXPECT_THAT(ring.ReapFor(100ms), ElementsAre(Completes(kUpdate, 0)));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, ACountTimeoutBecomesATimer, .clause = "TIMEOUT-UPDATE-COUNT-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(2).Tag(kTimeout));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));
  for (int i = 0; i < 3; ++i) ring.Submit(Nop().Tag(kEvent));

  EXPECT_THAT(ring.Reap(5), UnorderedElementsAre(Completes(kUpdate, 0), Completes(kEvent, 0),
                                                 Completes(kEvent, 0), Completes(kEvent, 0),
                                                 Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, ACountBesideItGoesOn, .clause = "TIMEOUT-UPDATE-COUNT-02") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(2).Tag(kTimeout), Timeout(20s).Tag(kTarget));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTarget, kNew).Tag(kUpdate), Nop().Tag(kEvent));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kUpdate, 0), Completes(kEvent, 0),
                                                 Completes(kTimeout, 0)));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, TheTimespecMayChangeAfterSubmission,
          .clause = "TIMEOUT-UPDATE-STABLE-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout));

  __kernel_timespec value = ToTimespec(kNew);
  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, &value).Tag(kUpdate));
  value = ToTimespec(10s);

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, OneOfSeveralThatShareTheUserDataIsUpdated,
          .clause = "TIMEOUT-UPDATE-01") {
  Ring ring;
  ring.Submit(Timeout(200ms).Tag(kTimeout), Timeout(200ms).Tag(kTimeout));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due),
                                   Completes(kTimeout, -ETIME).After(200ms)));
}

RING_CASE(TimeoutUpdating, ItMayBeRepeated, .clause = "TIMEOUT-UPDATE-01") {
  Ring ring;
  ring.Submit(Timeout(100ms).Tag(kTimeout));
  ring.Submit(TimeoutUpdate(kTimeout, 20s).Tag(kUpdate), Timeout(150ms).Tag(kBystander));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kUpdate, 0),
                                                 Completes(kBystander, -ETIME).After(150ms)));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, AVainOneLeavesNoTrace, .clause = "TIMEOUT-UPDATE-NOENT-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout), TimeoutUpdate(kNobody, kNew).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, -ENOENT)));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, AllSixtyFourBitsOfTheUserDataCount, .clause = "TIMEOUT-UPDATE-UD-02") {
  constexpr Tag kOtherLow{"other", kTimeout.value ^ 1};
  constexpr Tag kOtherHigh{"other", kTimeout.value ^ std::uint64_t{1} << 63};
  Ring ring;
  ring.Submit(Timeout(150ms).Tag(kTimeout));

  ring.Submit(TimeoutUpdate(kOtherLow, kNew).Tag(kUpdate),
              TimeoutUpdate(kOtherHigh, kNew).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kUpdate, -ENOENT), Completes(kUpdate, -ENOENT),
                                   Completes(kTimeout, -ETIME).After(150ms)));
}

RING_CASE(TimeoutUpdating, SecondsAndNanosecondsAddUp, .clause = "TIMEOUT-UPDATE-01") {
  constexpr Duration kLong = 1s + 500ms + 900us;
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout));

  const TimePoint due = Now() + kLong;
  ring.Submit(TimeoutUpdate(kTimeout, kLong).Tag(kUpdate));
  PassTime(kLong - 100ms);

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

}  // namespace
}  // namespace ringspec
