// OP: the opcode of the request as the key.
#include "harness/busy_worker.h"
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelOp, AllOfAnOpcodeTakesNoOther, .clause = "CANCEL-OP-01") {
  Ring ring;
  const Pipe pipe;
  const Pipe other;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), Read(other.read_end()).Tag(kBystander),
              Timeout(50ms).Tag(kTimeout), PollAdd(other.read_end()).Tag(kNext),
              Cancel(kNobody).Opcode(IORING_OP_POLL_ADD).All().Tag(kCancel));
  other.Write();

  EXPECT_THAT(ring.Reap(5),
              UnorderedElementsAre(Completes(kCancel, 2), Completes(kTarget, -ECANCELED),
                                   Completes(kNext, -ECANCELED), Completes(kBystander, 1),
                                   Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(AsyncCancelOp, EveryOtherOpcodeFindsNothing, .clause = "CANCEL-OP-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), Timeout(20s).Tag(kTimeout));

  for (unsigned opcode = 0; opcode <= IORING_OP_MSG_RING; ++opcode) {
    if (opcode == IORING_OP_POLL_ADD || opcode == IORING_OP_TIMEOUT) continue;
    ring.Submit(Cancel(kTarget).Opcode(opcode).Tag(kRemove));
  }
  constexpr int kOthers = IORING_OP_MSG_RING - 1;
  EXPECT_THAT(ring.Reap(kOthers), AllOf(SizeIs(kOthers), Each(Completes(kRemove, -ENOENT))));

  ring.Submit(Cancel(kTimeout).Tag(kCancel));
  pipe.Write();
  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTimeout, -ECANCELED),
                                   Completes(kTarget, POLLIN)));
}

RING_CASE(AsyncCancelOp, ATimeoutIsFoundByItsOpcode, .clause = "CANCEL-OP-02") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander), Timeout(50ms).Tag(kTarget),
              Timeout(50ms).Tag(kTarget), Cancel(kNobody).Opcode(IORING_OP_TIMEOUT).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(
      ring.Reap(4),
      UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                           Completes(kTarget, -ETIME).After(50ms), Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelOp, AReadThatWaitsForAWorkerIsFound, .clause = "CANCEL-OP-QUEUED-01") {
  Ring ring;
  const Pipe pipe;
  const BusyWorker worker(ring);
  ring.Submit(worker.Queued().Tag(kBystander), Read(pipe.read_end()).Async().Tag(kTarget));

  ring.Submit(Cancel(kBystander).Opcode(IORING_OP_READ).Tag(kCancel));
  worker.Release(2);

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBlocker, 1), Completes(kBystander, 1)));
}

RING_CASE(AsyncCancelOp, UserDataDoesNotMatter, .clause = "CANCEL-OP-03") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(Read(pipe.read_end()).Tag(kBystander), PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kBystander).Opcode(IORING_OP_POLL_ADD).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, 1)));
}

RING_CASE(AsyncCancelOp, AReceiveThatRepeatsIsFoundByItsOpcode, .clause = "CANCEL-OP-01") {
  Ring ring;
  ProvideBuffers(ring);
  const SocketPair sockets;
  ring.Submit(RecvMultishot(sockets.near()).Tag(kTarget), PollAdd(sockets.near()).Tag(kBystander));

  ring.Submit(Cancel(kBystander).Opcode(IORING_OP_RECV).All().Tag(kCancel));
  sockets.SendToNear();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 1), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

// With ALL, which reports one: what a cancel of one such wait reports is another clause's matter.
RING_CASE(AsyncCancelOp, AFutexWaitIsFoundByItsOpcode, .clause = "CANCEL-OP-FUTEX-01") {
  Ring ring;
  const Pipe pipe;
  const Futex futex;
  ring.Submit(FutexWait(futex).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(Cancel(kNobody).Opcode(uapi::kOpFutexWait).All().Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 1), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelOp, AFutexWaitIsSparedByAnotherOpcode, .clause = "CANCEL-OP-FUTEX-01") {
  Ring ring;
  const Futex futex;
  ring.Submit(FutexWait(futex).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Opcode(uapi::kOpFutexWaitv).Tag(kCancel));
  futex.Wake();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kTarget, 0)));
}

RING_CASE(AsyncCancelOp, AFutexVectorIsFoundByItsOpcode, .clause = "CANCEL-OP-FUTEX-01") {
  Ring ring;
  const Futex first;
  const Futex second;
  ring.Submit(FutexWaitV({&first, &second}).Tag(kTarget), FutexWait(first).Tag(kBystander));

  ring.Submit(Cancel(kNobody).Opcode(uapi::kOpFutexWaitv).All().Tag(kCancel));
  std::vector<Completion> completions = ring.Reap(2);
  first.Wake();
  for (Completion& spared : ring.Reap(1)) completions.push_back(std::move(spared));

  EXPECT_THAT(completions,
              UnorderedElementsAre(Completes(kCancel, 1), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, 0)));
}

RING_CASE(AsyncCancelOp, AWaitForAChildIsFoundByItsOpcode, .clause = "CANCEL-OP-FUTEX-01") {
  Ring ring;
  const Pipe pipe;
  const Child child;
  ring.Submit(WaitId(child.pid()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(Cancel(kNobody).Opcode(uapi::kOpWaitid).All().Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 1), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

}  // namespace
}  // namespace ringspec
