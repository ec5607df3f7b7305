// An update keeps the clock that the timeout was armed on.
#include "harness/cases.h"
#include "harness/time_namespace.h"

namespace ringspec {
namespace {

// The clocks are far apart: on another one the new point has passed, or lies beyond Reap.
RING_CASE(TimeoutUpdating, APointIsOnTheRealtimeClockOfTheTimeout, .clause = "TIMEOUT-UPDATE-03") {
  Ring ring;
  ring.Submit(Timeout(20s).Realtime().Tag(kTimeout));

  const TimePoint due = Now() + 50ms;
  ring.Submit(TimeoutUpdate(kTimeout, Now(CLOCK_REALTIME) + 50ms).Abs().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, APointOnTheMonotonicClockHasPassedOnTheRealtimeClock,
          .clause = "TIMEOUT-UPDATE-03") {
  Ring ring;
  ring.Submit(Timeout(20s).Realtime().Tag(kTimeout));

  const TimePoint now = Now();
  ring.Submit(TimeoutUpdate(kTimeout, now + 20s).Abs().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(now)));
}

RING_CASE(TimeoutUpdating, AMonotonicPointIsThatOfTheTimeNamespace, .clause = "TIMEOUT-UPDATE-03",
          .memory = Memory::kOwn) {
  EnterTimeNamespace(1000s, 5000s);
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout));

  const TimePoint due = Now() + 50ms;
  ring.Submit(TimeoutUpdate(kTimeout, due).Abs().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, ABoottimePointIsThatOfTheTimeNamespace, .clause = "TIMEOUT-UPDATE-03",
          .memory = Memory::kOwn) {
  EnterTimeNamespace(1000s, 5000s);
  Ring ring;
  ring.Submit(Timeout(20s).Boottime().Tag(kTimeout));

  const TimePoint due = Now() + 50ms;
  ring.Submit(TimeoutUpdate(kTimeout, Now(CLOCK_BOOTTIME) + 50ms).Abs().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

}  // namespace
}  // namespace ringspec
