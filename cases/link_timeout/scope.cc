// Which request a link timeout guards, and from when on.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(LinkTimeoutScope, ItGuardsTheRequestDirectlyBeforeItOnceThatHasStarted,
          .clause = "LINK-TIMEOUT-SCOPE-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(Timeout(100ms).Tag(kHead).HardLink(), PollAdd(pipe.read_end()).Tag(kTarget).Link(),
              LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kHead, -ETIME).After(100ms),
                                                 Completes(kTarget, -ECANCELED).After(150ms),
                                                 Completes(kLinkTimeout, -ETIME).After(150ms)));
}

RING_CASE(LinkTimeoutScope, ItDoesNotGuardTheRequestBehindIt, .clause = "LINK-TIMEOUT-SCOPE-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(Nop().Tag(kTarget).Link(), LinkTimeout(50ms).Link(),
              PollAdd(pipe.read_end()).Tag(kNext), Timeout(100ms).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, 0).AtOnce(),
                                                 Completes(kLinkTimeout, -ECANCELED).AtOnce(),
                                                 Completes(kTimeout, -ETIME).After(100ms)));
  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kNext, POLLIN)));
}

// What the page advises: last in the chain, it limits the time of all of it.
RING_CASE(LinkTimeoutScope, AtTheEndOfAChainItLimitsAllOfIt, .clause = "LINK-TIMEOUT-SCOPE-02") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kHead).Link(),
              PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kHead, -ECANCELED).After(50ms),
                                                 Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
}

// A request elsewhere in the ring has the user_data of the target.
void ExpectTheLinkedOneIsCanceled(bool other_comes_first) {
  Ring ring;
  const Pipe pipe, idle;
  const Request other = PollAdd(pipe.read_end()).Tag(kTarget);
  if (other_comes_first) ring.Submit(other);
  ring.Submit(PollAdd(idle.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms));
  if (!other_comes_first) ring.Submit(other);

  std::vector<Completion> completions = ring.Reap(2);
  pipe.Write();
  for (const Completion& one : ring.Reap(1)) completions.push_back(one);

  EXPECT_THAT(completions,
              UnorderedElementsAre(Completes(kLinkTimeout, -ETIME).After(50ms),
                                   Completes(kTarget, -ECANCELED), Completes(kTarget, POLLIN)));
}

RING_CASE(LinkTimeoutScope, AnOlderRequestOfTheSameUserDataIsSpared,
          .clause = "LINK-TIMEOUT-UDKEY-01") {
  ExpectTheLinkedOneIsCanceled(true);
}

RING_CASE(LinkTimeoutScope, AYoungerRequestOfTheSameUserDataIsSpared,
          .clause = "LINK-TIMEOUT-UDKEY-01") {
  ExpectTheLinkedOneIsCanceled(false);
}

RING_CASE(LinkTimeoutScope, ATargetWithoutAUserDataIsCanceled, .clause = "LINK-TIMEOUT-FIRE-01") {
  constexpr Tag kZero{"zero", 0};
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kZero).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kZero, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
}

RING_CASE(LinkTimeoutScope, AYoungerTimeoutOfTheSameUserDataIsSpared,
          .clause = "LINK-TIMEOUT-SCOPE-01") {
  Ring ring;

  ring.Submit(Timeout(20s).Tag(kTarget).Link(), LinkTimeout(50ms), Timeout(100ms).Tag(kTarget));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms),
                                                 Completes(kTarget, -ETIME).After(100ms)));
}

}  // namespace
}  // namespace ringspec
