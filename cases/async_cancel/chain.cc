// Targets and cancels inside chains, behind a drain, and cancels as targets.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelChain, AMemberThatHasNotStartedIsNotFound, .clause = "CANCEL-LINKMEMBER-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Link().Tag(kHead), Nop().Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kCancel, -ENOENT)));

  pipe.Write();
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kHead, POLLIN), Completes(kTarget, 0)));
}

RING_CASE(AsyncCancelChain, CancelingTheHeadEndsASoftChain, .clause = "CANCEL-LINKHEAD-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Link().Tag(kHead), Nop().Link().Tag(kNext),
              Nop().Tag(kLast));

  ring.Submit(Cancel(kHead).Tag(kCancel));

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kHead, -ECANCELED),
                                   Completes(kNext, -ECANCELED), Completes(kLast, -ECANCELED)));
}

RING_CASE(AsyncCancelChain, CancelingAFutexWaitEndsASoftChain, .clause = "CANCEL-FUTEX-CHAIN-01") {
  Ring ring;
  const Futex futex;
  ring.Submit(FutexWait(futex).Link().Tag(kTarget), Nop().Tag(kNext));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, AnyOf(0, 1)), Completes(kTarget, -ECANCELED),
                                   Completes(kNext, -ECANCELED)));
}

RING_CASE(AsyncCancelChain, CancelingAWaitForAChildEndsASoftChain,
          .clause = "CANCEL-WAITID-CHAIN-01") {
  const Child child;
  Ring ring;
  ring.Submit(WaitId(child.pid()).Link().Tag(kTarget), Nop().Tag(kNext));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, AnyOf(0, 1)), Completes(kTarget, -ECANCELED),
                                   Completes(kNext, -ECANCELED)));
}

RING_CASE(AsyncCancelChain, AHardLinkSurvivesTheCancelOfItsHead,
          .clause = "CANCEL-LINKHEAD-HARD-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).HardLink().Tag(kHead), Nop().HardLink().Tag(kNext),
              Nop().Tag(kLast));

  ring.Submit(Cancel(kHead).Tag(kCancel));

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kHead, -ECANCELED),
                                   Completes(kNext, 0), Completes(kLast, 0)));
}

RING_CASE(AsyncCancelChain, ACancelDoesNotFindItself, .clause = "CANCEL-CANCEL-01") {
  Ring ring;

  ring.Submit(Cancel(kCancel).Tag(kCancel));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kCancel, -ENOENT)));
}

RING_CASE(AsyncCancelChain, AnEarlierCancelIsDone, .clause = "CANCEL-CANCEL-01") {
  Ring ring;

  ring.Submit(Cancel(kNobody).Tag(kTarget), Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, -ENOENT), Completes(kCancel, -ENOENT)));
}

RING_CASE(AsyncCancelChain, ACancelWaitsForItsTurnInTheChain, .clause = "CANCEL-LINKEDCANCEL-01") {
  Ring ring;
  const Pipe trigger, pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  ring.Submit(PollAdd(trigger.read_end()).Link().Tag(kHead), Cancel(kTarget).Link().Tag(kCancel),
              Nop().Tag(kNext));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  trigger.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kHead, POLLIN), Completes(kCancel, 0),
                                   Completes(kTarget, -ECANCELED), Completes(kNext, 0)));
}

RING_CASE(AsyncCancelChain, ACountLetsTheSoftChainRun, .clause = "CANCEL-LINKEDCANCEL-COUNT-01") {
  Ring ring;
  const Pipe pipe;
  for (int i = 0; i < 2; ++i) ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).All().Link().Tag(kCancel), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 2), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, -ECANCELED), Completes(kNext, 0)));
}

RING_CASE(AsyncCancelChain, AFailedCancelBreaksTheSoftChainBehindIt,
          .clause = "CANCEL-LINKEDCANCEL-01") {
  Ring ring;

  ring.Submit(Cancel(kNobody).Link().Tag(kCancel), Nop().Link().Tag(kNext), Nop().Tag(kLast));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kNext, -ECANCELED),
                                   Completes(kLast, -ECANCELED)));
}

RING_CASE(AsyncCancelChain, ACancelOfARunningRequestBreaksItToo,
          .clause = "CANCEL-LINKEDCANCEL-01") {
  Ring ring;
  const Pipe from, to;
  ring.Submit(Splice(from.read_end(), to.write_end()).Tag(kTarget));
  ASSERT_TRUE(WorkersAreBlocked(1));

  ring.Submit(Cancel(kTarget).Link().Tag(kCancel), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kCancel, AnyOf(-EALREADY, -ENOENT)),
                                                 Completes(kTarget, Interrupted()),
                                                 Completes(kNext, -ECANCELED)));
}

RING_CASE(AsyncCancelChain, ACancelByABadDescriptorBreaksItToo, .clause = "CANCEL-FD-BADF-02") {
  Ring ring;

  ring.Submit(Cancel().Fd(999).Link().Tag(kCancel), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, -EBADF), Completes(kNext, -ECANCELED)));
}

RING_CASE(AsyncCancelAsync, AWorkerCancelsAPollAndATimeout, .clause = "CANCEL-ASYNCFLAG-01") {
  constexpr Tag kCancelToo{"cancel_too", kCancel.value + 1};
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander),
              Timeout(20s).Tag(kTimeout));

  ring.Submit(Cancel(kTarget).Async().Tag(kCancel), Cancel(kTimeout).Async().Tag(kCancelToo));
  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kCancelToo, 0), Completes(kTimeout, -ECANCELED)));

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelAsync, AWorkerTakesAllOfAKey, .clause = "CANCEL-ASYNCFLAG-02") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), Timeout(20s).Tag(kTarget),
              PollAdd(pipe.read_end()).Tag(kBystander), Read(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).All().Async().Tag(kCancel));
  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 3), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, -ECANCELED), Completes(kTarget, -ECANCELED)));

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelAsync, AWorkerTakesADescriptorAsTheKey, .clause = "CANCEL-ASYNCFLAG-03") {
  Ring ring;
  const Pipe pipe, other;
  ring.Submit(PollAdd(other.read_end()).Tag(kBystander), PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kBystander).Fd(pipe.read_end()).Async().Tag(kCancel));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));

  other.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

// The one worker that could run the cancel opens a FIFO without a peer.
RING_CASE(AsyncCancelAsync, ACancelIsSynchronousAllTheSame, .clause = "CANCEL-ASYNCFLAG-01") {
  const TempDirectory directory;
  Ring ring;
  const Pipe pipe;
  LimitToOneWorker(ring);
  ring.Submit(OpenAt(directory.Fifo(), O_RDONLY).Async().Tag(kBlocker),
              PollAdd(pipe.read_end()).Tag(kTarget));
  ASSERT_TRUE(WorkersAreBlocked(1));

  ring.Submit(Cancel(kTarget).Async().Tag(kCancel));

  EXPECT_THAT(ring.ArrivedAtReturn(),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
  ring.ReapUntilQuiet();
}

RING_CASE(AsyncCancelSkip, ASuccessfulCancelIsSilent, .clause = "CANCEL-SKIP-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).SkipSuccess().Tag(kCancel));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelSkip, ACountIsSilentToo, .clause = "CANCEL-SKIP-03") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).All().SkipSuccess().Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              ElementsAre(Completes(kTarget, -ECANCELED), Completes(kTarget, -ECANCELED)));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());
}

RING_CASE(AsyncCancelSkip, AFailedCancelIsReported, .clause = "CANCEL-SKIP-01") {
  Ring ring;

  ring.Submit(Cancel(kNobody).SkipSuccess().Tag(kCancel));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kCancel, -ENOENT)));
}

RING_CASE(AsyncCancelSkip, ACanceledTargetIsReported, .clause = "CANCEL-SKIP-02") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).SkipSuccess().Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelSkip, TheChainBehindACanceledTargetIsSilent, .clause = "CANCEL-SKIP-02") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).SkipSuccess().Tag(kTarget).Link(), Nop().Tag(kNext).Link(),
              Nop().Tag(kLast));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.ReapUntilQuiet(),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelSkip, WhatIsCanceledBehindATargetIsReported, .clause = "CANCEL-SKIP-02") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), Nop().SkipSuccess().Tag(kNext).Link(),
              Nop().SkipSuccess().Tag(kLast));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kNext, -ECANCELED), Completes(kLast, -ECANCELED)));
}

// Whether the running request is reported as found is another clause's matter.
RING_CASE(AsyncCancelChain, AnInterruptedRequestEndsItsSoftChain, .clause = "CANCEL-LINKHEAD-02") {
  Ring ring;
  const Pipe from, to;
  ring.Submit(Splice(from.read_end(), to.write_end()).Tag(kTarget).Link(), Nop().Tag(kNext));
  ASSERT_TRUE(WorkersAreBlocked(1));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kCancel, AnyOf(-EALREADY, -ENOENT)),
                                                 Completes(kTarget, Interrupted()),
                                                 Completes(kNext, -ECANCELED)));
}

}  // namespace
}  // namespace ringspec
