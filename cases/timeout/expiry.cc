// A timeout by time alone: never early, and what its expiry does to a chain.
#include "harness/cases.h"
#include "harness/pass_time.h"

namespace ringspec {
namespace {

RING_CASE(Timeout, ExpiresWithETIMEAndNeverEarly, .clause = "TIMEOUT-ETIME-01") {
  Ring ring;

  ring.Submit(Timeout(50ms).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(Timeout, EveryNanosecondOfASecondCounts, .clause = "TIMEOUT-ETIME-01") {
  constexpr Duration kAlmostASecond = 1s - 1ns;
  Ring ring;

  ring.Submit(Timeout(kAlmostASecond).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(kAlmostASecond)));
}

RING_CASE(Timeout, SecondsAndNanosecondsAddUp, .clause = "TIMEOUT-ETIME-01") {
  constexpr Duration kLong = 1s + 500ms + 900us;
  Ring ring;

  ring.Submit(Timeout(kLong).Tag(kTimeout));
  PassTime(kLong - 100ms);

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(kLong)));
}

RING_CASE(Timeout, AZeroTimeoutExpiresAtOnce, .clause = "TIMEOUT-ZERO-01") {
  Ring ring;

  ring.Submit(Timeout(0s).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).AtOnce()));
}

RING_CASE(Timeout, AnExpiryFailsTheSoftChainBehindIt, .clause = "TIMEOUT-LINK-01") {
  Ring ring;

  ring.Submit(Timeout(50ms).Tag(kTimeout).Link(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTimeout, -ETIME).After(50ms),
                                                 Completes(kNext, -ECANCELED)));
}

RING_CASE(Timeout, AHardLinkSurvivesTheExpiry, .clause = "TIMEOUT-LINK-02") {
  Ring ring;

  ring.Submit(Timeout(50ms).Tag(kTimeout).HardLink(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTimeout, -ETIME).After(50ms),
                                                 Completes(kNext, 0).After(50ms)));
}

}  // namespace
}  // namespace ringspec
