// Several timeouts at a time.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(Timeout, SeveralExpireInTheOrderOfTheirDeadlines, .clause = "TIMEOUT-MANY-01") {
  Ring ring;

  ring.Submit(Timeout(150ms).Tag(kLast), Timeout(50ms).Tag(kHead), Timeout(100ms).Tag(kNext));

  EXPECT_THAT(ring.Reap(3), ElementsAre(Completes(kHead, -ETIME).After(50ms),
                                        Completes(kNext, -ETIME).After(100ms),
                                        Completes(kLast, -ETIME).After(150ms)));
}

RING_CASE(Timeout, TwoMayShareAUserDataAndBothComplete, .clause = "TIMEOUT-DUP-01") {
  Ring ring;

  ring.Submit(Timeout(50ms).Tag(kTimeout), Timeout(100ms).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(2), ElementsAre(Completes(kTimeout, -ETIME).After(50ms),
                                        Completes(kTimeout, -ETIME).After(100ms)));
}

}  // namespace
}  // namespace ringspec
