// The keys of a cancel SQE, in a synchronous cancel.
#include "harness/cases.h"
#include "harness/process.h"
#include "harness/sync_cancel.h"

namespace ringspec {
namespace {

// The user_data beside a key is the bystander's: a kernel that ignores the key hits that.
RING_CASE(SyncCancelKey, FdTakesWhatUsesTheDescriptor, .clause = "SYNC-CANCEL-FD-01") {
  Ring ring;
  const Pipe pipe, other;
  ring.Submit(PollAdd(other.read_end()).Tag(kBystander), PollAdd(pipe.read_end()).Tag(kTarget));

  EXPECT_THAT(SyncCancel(ring, Cancel(kBystander).Fd(pipe.read_end())), Returns(0));

  other.Write();
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)));
}

RING_CASE(SyncCancelKey, TheFileOfADescriptorIsReleased, .clause = "SYNC-CANCEL-FD-02") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  EXPECT_THAT(SyncCancel(ring, Cancel().Fd(pipe.read_end())), Returns(0));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ECANCELED)));

  pipe.CloseReadEnd();

  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

RING_CASE(SyncCancelKey, FdAndUserDataTakeWhatFulfilsBoth, .clause = "SYNC-CANCEL-FDUD-01") {
  Ring ring;
  const Pipe pipe, other;
  constexpr unsigned kOtherEvents = POLLIN | POLLRDNORM;  // tells which of them are spared
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander),
              PollAdd(other.read_end(), kOtherEvents).Tag(kTarget),
              PollAdd(pipe.read_end()).Tag(kTarget),
              PollAdd(other.read_end(), kOtherEvents).Tag(kTarget),
              PollAdd(pipe.read_end()).Tag(kBystander));

  EXPECT_THAT(SyncCancel(ring, Cancel().UserData(kTarget).Fd(pipe.read_end())), Returns(0));

  pipe.Write();
  other.Write();
  EXPECT_THAT(ring.Reap(5),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kTarget, kOtherEvents),
                                   Completes(kTarget, kOtherEvents), Completes(kBystander, POLLIN),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(SyncCancelKey, FdFixedTakesWhatUsesTheSlot, .clause = "SYNC-CANCEL-FD-01") {
  Ring ring;
  const Pipe pipe, other;
  ring.RegisterFiles({other.read_end(), pipe.read_end()});
  ring.Submit(PollAdd(0).FixedFile().Tag(kBystander), PollAdd(1).FixedFile().Tag(kTarget));

  EXPECT_THAT(SyncCancel(ring, Cancel(kBystander).FixedFd(1)), Returns(0));

  other.Write();
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)));
}

RING_CASE(SyncCancelKey, FdFixedWithoutFdChangesNothing, .clause = "SYNC-CANCEL-FDFIXED-01") {
  Ring ring;
  const Pipe pipe, other;
  ring.RegisterFiles({-1, other.read_end()});
  ring.Submit(PollAdd(1).FixedFile().Tag(kBystander), PollAdd(pipe.read_end()).Tag(kTarget));

  EXPECT_THAT(
      SyncCancel(ring, Cancel(kTarget).Flags(IORING_ASYNC_CANCEL_FD_FIXED).With([](uapi::Sqe& sqe) {
        sqe.fd = 1;
      })),
      Returns(0));

  pipe.Write();
  other.Write();
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)));
}

RING_CASE(SyncCancelKey, AllOfADescriptorAreCounted, .clause = "SYNC-CANCEL-FD-01") {
  Ring ring;
  const Pipe pipe, other;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(other.read_end()).Tag(kBystander),
              Read(pipe.read_end()).Tag(kTarget));

  EXPECT_THAT(SyncCancel(ring, Cancel(kBystander).Fd(pipe.read_end()).All()), Returns(2));

  other.Write();
  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(SyncCancelKey, OpTakesTheOperation, .clause = "SYNC-CANCEL-OP-01") {
  Ring ring;
  const Pipe pipe, other;
  ring.Submit(PollAdd(other.read_end()).Tag(kBystander), Read(pipe.read_end()).Tag(kTarget));

  EXPECT_THAT(SyncCancel(ring, Cancel(kBystander).Opcode(IORING_OP_READ)), Returns(0));

  pipe.Write();
  other.Write();
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)));
}

RING_CASE(SyncCancelKey, AllOfAnOperationAreCounted, .clause = "SYNC-CANCEL-OP-01") {
  Ring ring;
  const Pipe pipe, other;
  ring.Submit(Read(pipe.read_end()).Tag(kTarget), PollAdd(other.read_end()).Tag(kBystander),
              Read(pipe.read_end()).Tag(kTarget));

  EXPECT_THAT(SyncCancel(ring, Cancel(kBystander).Opcode(IORING_OP_READ).All()), Returns(2));

  pipe.Write(128);
  other.Write();
  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

// ANY prevails over a key that the pending request does not have.
void ExpectAnyToPrevailOver(const Request& cancel) {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  const Completion call = SyncCancel(ring, cancel);
  pipe.Write();

  EXPECT_THAT(call, Returns(1));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ECANCELED)));
}

RING_CASE(SyncCancelKey, AnyPrevailsOverADescriptor, .clause = "SYNC-CANCEL-FDANY-01") {
  ExpectAnyToPrevailOver(Cancel().Fd(STDIN_FILENO).Any());
}

RING_CASE(SyncCancelKey, AnyPrevailsOverAnOpcode, .clause = "SYNC-CANCEL-FDANY-01") {
  ExpectAnyToPrevailOver(Cancel().Opcode(IORING_OP_NOP).Any());
}

RING_CASE(SyncCancelKey, OpAndUserDataTakeWhatFulfilsBoth, .clause = "SYNC-CANCEL-OPUD-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander), Timeout(50ms).Tag(kTarget),
              PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));

  EXPECT_THAT(SyncCancel(ring, Cancel().UserData(kTarget).Opcode(IORING_OP_POLL_ADD).All()),
              Returns(1));
  pipe.Write();

  EXPECT_THAT(
      ring.Reap(4),
      UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN),
                           Completes(kBystander, POLLIN), Completes(kTarget, -ETIME).After(50ms)));
}

RING_CASE(SyncCancelKey, OpTakesTheNewerOperations, .clause = "SYNC-CANCEL-OP-02") {
  Ring ring;
  ProvideBuffers(ring);
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander),
              ReadMultishot(pipe.read_end()).Tag(kTarget));

  EXPECT_THAT(SyncCancel(ring, Cancel(kBystander).Opcode(uapi::kOpReadMultishot)), Returns(0));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)));
}

}  // namespace
}  // namespace ringspec
