// A timeout inside a chain: when it starts, and what its count does to the rest.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(Timeout, AnIntervalInAChainStartsWhenItsTurnComes, .clause = "TIMEOUT-LINK-03") {
  Ring ring;

  ring.Submit(Timeout(100ms).Tag(kHead).HardLink(), Timeout(50ms).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(2), ElementsAre(Completes(kHead, -ETIME).After(100ms),
                                        Completes(kTimeout, -ETIME).After(150ms)));
}

RING_CASE(Timeout, AnAbsoluteTimeInAChainIsComparedWhenItsTurnComes, .clause = "TIMEOUT-LINK-03") {
  Ring ring;

  ring.Submit(Timeout(400ms).Tag(kHead).HardLink(), Timeout(Now() + 50ms).Abs().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kHead, -ETIME).After(400ms),
                                                 Completes(kTimeout, -ETIME).After(400ms)));
}

RING_CASE(Timeout, AChainWaitsForThePollBeforeItsTimeout, .clause = "TIMEOUT-LINK-03") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kHead).Link(), Timeout(50ms).Tag(kTimeout));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  const TimePoint ready = Now();
  pipe.Write();

  EXPECT_THAT(ring.Reap(2), ElementsAre(Completes(kHead, POLLIN).DueAt(ready),
                                        Completes(kTimeout, -ETIME).DueAt(ready + 50ms)));
}

RING_CASE(Timeout, AReachedCountLetsTheSoftChainRun, .clause = "TIMEOUT-LINK-04") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(1).Tag(kTimeout).Link(), Nop().Tag(kNext));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  ring.Submit(Nop().Tag(kEvent));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kEvent, 0), Completes(kTimeout, 0),
                                                 Completes(kNext, 0)));
}

}  // namespace
}  // namespace ringspec
