// How a guarded request is linked: soft, hard, and with an expiry that counts as success.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(LinkTimeoutLinks, HardLinksSurviveTheExpiry, .clause = "LINK-TIMEOUT-HARD-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).HardLink(), LinkTimeout(50ms).HardLink(),
              Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms),
                                                 Completes(kNext, 0).After(50ms)));
}

RING_CASE(LinkTimeoutLinks, AHardLinkOfTheTargetSurvivesTheExpiry,
          .clause = "LINK-TIMEOUT-HARD-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).HardLink(), LinkTimeout(50ms).Link(),
              Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms),
                                                 Completes(kNext, 0).After(50ms)));
}

RING_CASE(LinkTimeoutLinks, ASoftLinkOfTheTargetDoesNotSurviveTheExpiry,
          .clause = "LINK-TIMEOUT-HARD-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms).HardLink(),
              Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms),
                                                 Completes(kNext, -ECANCELED).After(50ms)));
}

RING_CASE(LinkTimeoutLinks, AHardLinkStillMakesATarget, .clause = "LINK-TIMEOUT-HARD-01") {
  Ring ring;

  ring.Submit(Nop().Tag(kTarget).HardLink(), LinkTimeout(20s).HardLink(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, 0).AtOnce(),
                                                 Completes(kLinkTimeout, -ECANCELED).AtOnce(),
                                                 Completes(kNext, 0).AtOnce()));
}

RING_CASE(LinkTimeoutLinks, EtimeSuccessDoesNotSaveTheChain, .clause = "LINK-TIMEOUT-ES-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms).EtimeSuccess().Link(),
              Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms),
                                                 Completes(kNext, -ECANCELED).After(50ms)));
}

RING_CASE(LinkTimeoutSkip, ItPostsNothingWhenItExpires, .clause = "LINK-TIMEOUT-SKIP-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms).SkipSuccess());

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ECANCELED).After(50ms)));
}

RING_CASE(LinkTimeoutSkip, ItPostsNothingWhenItsTargetCompletes, .clause = "LINK-TIMEOUT-SKIP-01") {
  Ring ring;

  ring.Submit(Nop().Tag(kTarget).Link(), LinkTimeout(20s).SkipSuccess());

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0).AtOnce()));
}

RING_CASE(LinkTimeoutSkip, ItPostsNothingWhenItsTargetFails, .clause = "LINK-TIMEOUT-SKIP-01") {
  Ring ring;

  ring.Submit(Timeout(50ms).Tag(kTarget).Link(), LinkTimeout(20s).SkipSuccess());

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ETIME).After(50ms)));
}

RING_CASE(LinkTimeoutSkip, ItsOwnFlagDecidesAndNotThatOfACompletedTarget,
          .clause = "LINK-TIMEOUT-SKIP-01") {
  Ring ring;

  ring.Submit(Nop().Tag(kTarget).SkipSuccess().Link(), LinkTimeout(20s));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kLinkTimeout, -ECANCELED).AtOnce()));
}

RING_CASE(LinkTimeoutSkip, ItsOwnFlagDecidesAndNotThatOfACanceledTarget,
          .clause = "LINK-TIMEOUT-SKIP-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).SkipSuccess().Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
}

}  // namespace
}  // namespace ringspec
