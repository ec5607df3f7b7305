// Removing timeouts by their user_data.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(TimeoutRemoval, EndsTheNamedTimeoutAndSparesTheOthers, .clause = "TIMEOUT-REMOVE-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout), Timeout(50ms).Tag(kBystander));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED),
                                   Completes(kBystander, -ETIME).After(50ms)));
}

RING_CASE(TimeoutRemoval, AnUnknownUserDataIsENOENT, .clause = "TIMEOUT-REMOVE-NOENT-01") {
  Ring ring;
  ring.Submit(Timeout(50ms).Tag(kBystander));

  ring.Submit(TimeoutRemove(kNobody).Tag(kRemove));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kRemove, -ENOENT),
                                                 Completes(kBystander, -ETIME).After(50ms)));
}

RING_CASE(TimeoutRemoval, AnExpiredTimeoutIsENOENT, .clause = "TIMEOUT-REMOVE-NOENT-01") {
  Ring ring;
  ring.Submit(Timeout(1ms).Tag(kTimeout));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(1ms)));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kRemove, -ENOENT)));
}

RING_CASE(TimeoutRemoval, APollOfThatUserDataIsENOENT, .clause = "TIMEOUT-REMOVE-NOENT-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(TimeoutRemove(kTarget).Tag(kRemove));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, -ENOENT), Completes(kTarget, POLLIN)));
}

RING_CASE(TimeoutRemoval, AVainRemovalFailsTheSoftChainBehindIt,
          .clause = "TIMEOUT-REMOVE-NOENT-01") {
  Ring ring;

  ring.Submit(TimeoutRemove(kNobody).Tag(kRemove).Link(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, -ENOENT), Completes(kNext, -ECANCELED)));
}

RING_CASE(TimeoutRemoval, TakesOneTimeoutOfSeveralThatShareTheUserData,
          .clause = "TIMEOUT-REMOVE-DUP-01") {
  Ring ring;
  for (int i = 0; i < 3; ++i) ring.Submit(Timeout(50ms).Tag(kTimeout));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED),
                                   Completes(kTimeout, -ETIME).After(50ms),
                                   Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(TimeoutRemoval, ACountTimeoutIsRemoved, .clause = "TIMEOUT-REMOVE-COUNT-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(100).Tag(kTimeout), Timeout(50ms).Count(100).Tag(kBystander),
              Timeout(50ms).Tag(kBystander));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED),
                                   Completes(kBystander, -ETIME).After(50ms),
                                   Completes(kBystander, -ETIME).After(50ms)));
}

RING_CASE(TimeoutRemoval, OneThatMayBeSilentIsRemovedAndReported,
          .clause = "TIMEOUT-REMOVE-SKIP-01") {
  Ring ring;
  ring.Submit(Timeout(20s).SkipSuccess().Tag(kTimeout), Timeout(50ms).Tag(kBystander));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED),
                                   Completes(kBystander, -ETIME).After(50ms)));
}

RING_CASE(TimeoutRemoval, ASuccessfulOneMayBeSilent, .clause = "TIMEOUT-REMOVE-SKIP-02") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout));

  ring.Submit(TimeoutRemove(kTimeout).SkipSuccess().Tag(kRemove));

  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kTimeout, -ECANCELED)));
}

RING_CASE(TimeoutRemoval, AVainOneIsReported, .clause = "TIMEOUT-REMOVE-SKIP-02") {
  Ring ring;
  ring.Submit(Timeout(50ms).Tag(kBystander));

  ring.Submit(TimeoutRemove(kNobody).SkipSuccess().Tag(kRemove));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kRemove, -ENOENT),
                                                 Completes(kBystander, -ETIME).After(50ms)));
}

RING_CASE(TimeoutRemoval, ARemovalInAChainRunsInItsTurn, .clause = "TIMEOUT-REMOVE-CHAIN-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(Timeout(20s).Tag(kTimeout));
  ring.Submit(PollAdd(pipe.read_end()).Tag(kHead).Link(),
              TimeoutRemove(kTimeout).Tag(kRemove).Link(), Nop().Tag(kNext));
  ring.Submit(Timeout(50ms).Tag(kBystander));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, -ETIME).After(50ms)));

  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kHead, POLLIN), Completes(kRemove, 0),
                                   Completes(kTimeout, -ECANCELED), Completes(kNext, 0)));
}

RING_CASE(TimeoutRemoval, ARemovalInAWorkerRemoves, .clause = "TIMEOUT-REMOVE-CHAIN-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout), Timeout(50ms).Tag(kBystander));

  ring.Submit(TimeoutRemove(kTimeout).Async().Tag(kRemove));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED),
                                   Completes(kBystander, -ETIME).After(50ms)));
}

RING_CASE(TimeoutRemoval, ALinkTimeoutIsNotFound, .clause = "TIMEOUT-REMOVE-LT-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms));

  ring.Submit(TimeoutRemove(kLinkTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kRemove, -ENOENT), Completes(kTarget, -ECANCELED),
                                   Completes(kLinkTimeout, -ETIME).After(50ms)));
}

RING_CASE(TimeoutRemoval, FailsTheSoftChainBehindTheTimeout, .clause = "TIMEOUT-REMOVE-LINK-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout).Link(), Nop().Tag(kNext).Link(), Nop().Tag(kLast));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED),
                                   Completes(kNext, -ECANCELED), Completes(kLast, -ECANCELED)));
}

RING_CASE(TimeoutRemoval, AHardLinkSurvivesIt, .clause = "TIMEOUT-REMOVE-LINK-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout).HardLink(), Nop().Tag(kNext));
  ring.Submit(Timeout(50ms).Tag(kBystander));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, -ETIME).After(50ms)));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED),
                                   Completes(kNext, 0)));
}

// From shortly before the expiry to shortly after it.
RING_CASE(TimeoutRemoval, AtTheExpiryExactlyOneOfBothWins, .clause = "TIMEOUT-REMOVE-EALREADY-01") {
  const Race race{
      {"removed", UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED))},
      {"gone",
       UnorderedElementsAre(Completes(kRemove, -ENOENT), Completes(kTimeout, -ETIME).After(300us))},
      {"firing", UnorderedElementsAre(Completes(kRemove, -EALREADY),
                                      Completes(kTimeout, -ETIME).After(300us))}};
  Ring ring;
  for (int i = 0; i < kDraws; ++i) {
    const TimePoint act = Now() + 300us + (i - kDraws / 2) * 2us;
    ring.Submit(Timeout(300us).Tag(kTimeout));
    while (Now() < act) continue;
    ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));
    race.Draw(ring.Reap(2));
  }
}

RING_CASE(TimeoutRemoval, AVainOneLeavesNoTrace, .clause = "TIMEOUT-REMOVE-NOENT-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout), TimeoutRemove(kNobody).Tag(kCancel));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kCancel, -ENOENT)));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED)));
}

}  // namespace
}  // namespace ringspec
