// A target that completes before its link timeout expires, or just as it does.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(LinkTimeout, ATargetThatCompletesAtOnceDisarmsIt, .clause = "LINK-TIMEOUT-DONE-01") {
  Ring ring;

  ring.Submit(Nop().Tag(kTarget).Link(), LinkTimeout(20s));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, 0).AtOnce(),
                                                 Completes(kLinkTimeout, -ECANCELED).AtOnce()));
}

RING_CASE(LinkTimeout, ATargetThatCompletesLaterDisarmsIt, .clause = "LINK-TIMEOUT-DONE-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(Read(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(20s));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  const TimePoint ready = Now();
  pipe.Write();

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, 1).DueAt(ready),
                                                 Completes(kLinkTimeout, -ECANCELED).DueAt(ready)));
}

RING_CASE(LinkTimeout, ADisarmedOneNeverFires, .clause = "LINK-TIMEOUT-DONE-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(Nop().Tag(kTarget).Link(), LinkTimeout(50ms), Timeout(100ms).Tag(kTimeout),
              PollAdd(pipe.read_end()).Tag(kTarget));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, 0).AtOnce(),
                                                 Completes(kLinkTimeout, -ECANCELED).AtOnce(),
                                                 Completes(kTimeout, -ETIME).After(100ms)));
  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(LinkTimeout, ATargetThatFailsAtOnceDisarmsIt, .clause = "LINK-TIMEOUT-DONE-02") {
  Ring ring;

  ring.Submit(Read(-1).Tag(kTarget).Link(), LinkTimeout(20s));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -EBADF).AtOnce(),
                                                 Completes(kLinkTimeout, -ECANCELED).AtOnce()));
}

RING_CASE(LinkTimeout, ATargetThatFailsLaterDisarmsIt, .clause = "LINK-TIMEOUT-DONE-02") {
  Ring ring;

  ring.Submit(Timeout(50ms).Tag(kTarget).Link(), LinkTimeout(20s));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ETIME).After(50ms),
                                                 Completes(kLinkTimeout, -ECANCELED).After(50ms)));
}

RING_CASE(LinkTimeout, ATargetThatIsCanceledDisarmsIt, .clause = "LINK-TIMEOUT-CANCELTARGET-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander),
              PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(20s));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kLinkTimeout, -ECANCELED).AtOnce(),
                                   Completes(kBystander, POLLIN)));
}

// The results that are documented, by what happened first.  A target that could not be canceled any
// more was "attempted canceled", says io_uring_enter(2): -ETIME, whatever became of it.
Race DocumentedResults(int result) {
  return {{"completed",
           UnorderedElementsAre(Completes(kTarget, result), Completes(kLinkTimeout, -ECANCELED))},
          {"not found",
           UnorderedElementsAre(Completes(kTarget, result), Completes(kLinkTimeout, -ENOENT))},
          {"attempted",
           UnorderedElementsAre(Completes(kTarget, result), Completes(kLinkTimeout, -ETIME))},
          {"expired",
           UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kLinkTimeout, -ETIME))}};
}

RING_CASE(LinkTimeout, ATimerThatFindsNoTargetIsENOENT, .clause = "LINK-TIMEOUT-NOENT-01") {
  const Race race = DocumentedResults(0);
  Ring ring;

  for (int i = 0; i < kDraws && !testing::Test::HasFailure(); ++i) {
    ring.Submit(Nop().Tag(kTarget).Link(), LinkTimeout(1ns));

    race.Draw(ring.Reap(2));
  }
}

RING_CASE(LinkTimeout, ACompletionAtTheTimeOfExpiryHasADocumentedResult,
          .clause = "LINK-TIMEOUT-RESVAL-01") {
  const Race race = DocumentedResults(POLLIN);
  Ring ring;
  const Pipe pipe;

  for (int i = 0; i < kDraws && !testing::Test::HasFailure(); ++i) {
    ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(1ms));

    const TimePoint about_due = Now() + 1ms + std::chrono::microseconds(i - kDraws / 2);
    while (Now() < about_due) {
    }
    pipe.Write();

    race.Draw(ring.Reap(2));
    pipe.Drain();
  }
}

}  // namespace
}  // namespace ringspec
