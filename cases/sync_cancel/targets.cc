// What a synchronous cancel takes, and how it answers.
#include "harness/busy_worker.h"
#include "harness/cases.h"
#include "harness/sync_cancel.h"

namespace ringspec {
namespace {

RING_CASE(SyncCancel, OneRequestIsCanceledAndNoOther, .clause = "SYNC-CANCEL-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander), PollAdd(pipe.read_end()).Tag(kTarget));

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget)), Returns(0));

  pipe.Write();
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)));
}

RING_CASE(SyncCancel, AllReturnsHowManyItCanceled, .clause = "SYNC-CANCEL-ALL-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander),
              PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kTarget));

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget).All()), Returns(3));

  pipe.Write();
  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)));
}

RING_CASE(SyncCancel, NobodyIsFoundAndNobodyCanceled, .clause = "SYNC-CANCEL-NOENT-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  EXPECT_THAT(SyncCancel(ring, Cancel(kNobody)), Returns(-ENOENT));

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

RING_CASE(SyncCancel, AllFindsNobody, .clause = "SYNC-CANCEL-ALLNONE-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  EXPECT_THAT(SyncCancel(ring, Cancel(kNobody).All()), Returns(-ENOENT));

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

RING_CASE(SyncCancel, AnyFindsNobody, .clause = "SYNC-CANCEL-ALLNONE-01") {
  Ring ring;

  EXPECT_THAT(SyncCancel(ring, Cancel().Any()), Returns(-ENOENT));
}

// Cancels one of these requests, which wait for something that does not come.
void ExpectOneToBeCanceled(const Request& target) {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));
  ring.Submit(target);

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget)), Returns(0));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ECANCELED)));
  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

RING_CASE(SyncCancel, OneFutexWaitIsCanceled, .clause = "SYNC-CANCEL-FUTEX-01") {
  const Futex futex;
  ExpectOneToBeCanceled(FutexWait(futex).Tag(kTarget));
}

RING_CASE(SyncCancel, OneWaitidIsCanceled, .clause = "SYNC-CANCEL-FUTEX-01") {
  const Child child;
  ExpectOneToBeCanceled(WaitId(child.pid()).Tag(kTarget));
}

RING_CASE(SyncCancel, OneTimeoutIsCanceled, .clause = "SYNC-CANCEL-SQPOLL-02") {
  ExpectOneToBeCanceled(Timeout(20s).Tag(kTarget));
}

RING_CASE(SyncCancel, OneReadThatWaitsIsCanceled, .clause = "SYNC-CANCEL-SQPOLL-02") {
  const Pipe pipe;
  ExpectOneToBeCanceled(Read(pipe.read_end()).Tag(kTarget));
}

RING_CASE(SyncCancel, WhatWaitsForAWorkerIsCanceled, .clause = "SYNC-CANCEL-SQPOLL-01") {
  Ring ring;
  const BusyWorker worker(ring);
  ring.Submit(worker.Queued().Tag(kTarget), worker.Queued().Tag(kBystander));

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 5s), Returns(0));

  worker.Release(3);
  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, -ECANCELED),
                                                 Completes(kBlocker, 1), Completes(kBystander, 1)));
}

RING_CASE(SyncCancel, WhatIsCanceledAlreadyIsNotCountedAgain, .clause = "SYNC-CANCEL-DEFER-02") {
  Ring ring;
  const Pipe pipe;
  const Request target = PollAdd(pipe.read_end()).Tag(kTarget);
  ring.Submit(target);
  ASSERT_THAT(SyncCancel(ring, Cancel(kTarget)), Returns(0));
  ring.Submit(target, target, target);

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget).All()), Returns(3));

  EXPECT_THAT(ring.Reap(4), AllOf(SizeIs(4), Each(Completes(kTarget, -ECANCELED))));
}

RING_CASE(SyncCancel, ADrainDoesNotHoldItBack, .clause = "SYNC-CANCEL-DRAIN-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  ring.Submit(Nop().Drain().Tag(kNext));
  ASSERT_THAT(ring.ArrivedAtReturn(), IsEmpty());

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget)), Returns(0));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kNext, 0)));
}

RING_CASE(SyncCancel, TheSoftChainBehindATimeoutEnds, .clause = "SYNC-CANCEL-CHAIN-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTarget).Link(), Nop().Tag(kNext));
  ring.Submit(Timeout(50ms).Tag(kBystander));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, -ETIME).After(50ms)));

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget)), Returns(0));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kNext, -ECANCELED)));
}

RING_CASE(SyncCancel, TheSoftChainBehindAPollEnds, .clause = "SYNC-CANCEL-CHAIN-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), Nop().Tag(kNext));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget)), Returns(0));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kNext, -ECANCELED)));
}

RING_CASE(SyncCancel, AnyWithAllCountsFive, .clause = "SYNC-CANCEL-ALL-01") {
  Ring ring;
  const Pipe pipe;
  for (int i = 0; i < 5; ++i) ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  EXPECT_THAT(SyncCancel(ring, Cancel().Any().All()), Returns(5));

  EXPECT_THAT(ring.Reap(5), AllOf(SizeIs(5), Each(Completes(kTarget, -ECANCELED))));
}

}  // namespace
}  // namespace ringspec
