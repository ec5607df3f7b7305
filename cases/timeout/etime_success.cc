// ETIME_SUCCESS: an expiry that counts as success, although it is reported as -ETIME.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(Timeout, AnExpiryThatIsSuccessIsStillReportedAsETIME,
          .clause = "TIMEOUT-ETIMESUCCESS-01") {
  Ring ring;

  ring.Submit(Timeout(50ms).EtimeSuccess().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(Timeout, AnExpiryThatIsSuccessLetsTheSoftChainRun, .clause = "TIMEOUT-ETIMESUCCESS-02") {
  Ring ring;

  ring.Submit(Timeout(50ms).EtimeSuccess().Tag(kTimeout).Link(), Nop().Tag(kNext).Link(),
              Nop().Tag(kLast));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTimeout, -ETIME).After(50ms),
                                                 Completes(kNext, 0).After(50ms),
                                                 Completes(kLast, 0).After(50ms)));
}

RING_CASE(Timeout, ACancelIsNoSuccessAndFailsTheSoftChain, .clause = "TIMEOUT-ETIMESUCCESS-02") {
  Ring ring;
  ring.Submit(Timeout(20s).EtimeSuccess().Tag(kTimeout).Link(), Nop().Tag(kNext));

  ring.Submit(Cancel(kTimeout).Tag(kCancel));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTimeout, -ECANCELED),
                                   Completes(kNext, -ECANCELED)));
}

RING_CASE(Timeout, AnExpiryThatIsSuccessCanBeSkipped, .clause = "TIMEOUT-ETIMESUCCESS-03") {
  Ring ring;

  ring.Submit(Timeout(50ms).EtimeSuccess().Tag(kTimeout).SkipSuccess().Link(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kNext, 0).After(50ms)));
}

RING_CASE(Timeout, AnExpiryThatIsFailureIsNotSkipped, .clause = "TIMEOUT-ETIMESUCCESS-03") {
  Ring ring;

  ring.Submit(Timeout(50ms).Tag(kTimeout).SkipSuccess());

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(50ms)));
}

void ExpectTheChainToRunBehind(Timeout timeout, TimePoint due) {
  Ring ring;

  ring.Submit(timeout.EtimeSuccess().Tag(kTimeout).Link(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTimeout, -ETIME).DueAt(due),
                                                 Completes(kNext, 0).DueAt(due)));
}

RING_CASE(Timeout, AnAbsoluteExpiryMayBeSuccess, .clause = "TIMEOUT-ETIMESUCCESS-02") {
  const TimePoint due = Now() + 50ms;
  ExpectTheChainToRunBehind(Timeout(due).Abs(), due);
}

RING_CASE(Timeout, AnExpiryOfANamedClockMayBeSuccess, .clause = "TIMEOUT-ETIMESUCCESS-02") {
  ExpectTheChainToRunBehind(Timeout(50ms).Boottime(), Now() + 50ms);
  ExpectTheChainToRunBehind(Timeout(50ms).Realtime(), Now() + 50ms);
}

}  // namespace
}  // namespace ringspec
