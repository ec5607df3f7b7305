// Absolute times inside a time namespace: on the clock as the submitter reads it.
#include "harness/time_namespace.h"

#include "harness/cases.h"

namespace ringspec {
namespace {

// Far apart, so that one clock's offset applied to the other shows.
constexpr Duration kMonotonicAhead = 1000s;
constexpr Duration kBoottimeAhead = 5000s;

RING_CASE(Timeout, AnAbsoluteMonotonicTimeIsThatOfTheTimeNamespace,
          .clause = "TIMEOUT-ABS-TIMENS-01", .memory = Memory::kOwn) {
  EnterTimeNamespace(kMonotonicAhead, kBoottimeAhead);
  Ring ring;
  const TimePoint due = Now() + 50ms;

  ring.Submit(Timeout(due).Abs().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(Timeout, AnAbsoluteBoottimeIsThatOfTheTimeNamespace, .clause = "TIMEOUT-ABS-TIMENS-01",
          .memory = Memory::kOwn) {
  EnterTimeNamespace(kMonotonicAhead, kBoottimeAhead);
  Ring ring;
  const TimePoint due = Now() + 50ms;

  ring.Submit(Timeout(Now(CLOCK_BOOTTIME) + 50ms).Abs().Boottime().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(Timeout, ATimeNamespaceDoesNotMoveAnAbsoluteRealtime, .clause = "TIMEOUT-ABS-TIMENS-01",
          .memory = Memory::kOwn) {
  EnterTimeNamespace(kMonotonicAhead, kBoottimeAhead);
  Ring ring;
  const TimePoint due = Now() + 50ms;

  ring.Submit(Timeout(Now(CLOCK_REALTIME) + 50ms).Abs().Realtime().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(Timeout, ATimeNamespaceDoesNotMoveAnInterval, .clause = "TIMEOUT-ABS-TIMENS-01",
          .memory = Memory::kOwn) {
  EnterTimeNamespace(kMonotonicAhead, kBoottimeAhead);
  Ring ring;

  ring.Submit(Timeout(50ms).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(50ms)));
}

}  // namespace
}  // namespace ringspec
