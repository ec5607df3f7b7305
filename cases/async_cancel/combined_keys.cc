// USERDATA, and what several keys in one cancel select: requests that fulfil all of them.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelKeys, USERDATAAloneIsTheDefaultKey, .clause = "CANCEL-USERDATA-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander), PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel().UserData(kTarget).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

// Decoys on both sides: whichever end the kernel searches from, half of the key finds them first.
RING_CASE(AsyncCancelKeys, FileAndUserDataTakeWhatFulfilsBoth, .clause = "CANCEL-FDUD-01") {
  Ring ring;
  const Pipe pipe;
  const Pipe other;
  const Request same_user = PollAdd(other.read_end(), POLLRDNORM).Tag(kTarget);
  const Request same_file = PollAdd(pipe.read_end()).Tag(kBystander);
  ring.Submit(same_user, same_file, PollAdd(pipe.read_end()).Tag(kTarget), same_file, same_user);

  ring.Submit(Cancel().Fd(pipe.read_end()).UserData(kTarget).Tag(kCancel));
  pipe.Write();
  other.Write();

  EXPECT_THAT(ring.Reap(6),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, POLLRDNORM), Completes(kTarget, POLLRDNORM),
                                   Completes(kBystander, POLLIN), Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelKeys, NeitherFileNorUserDataIsEnough, .clause = "CANCEL-FDUD-02") {
  Ring ring;
  const Pipe pipe;
  const Pipe other;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander), PollAdd(other.read_end()).Tag(kTarget));

  ring.Submit(Cancel().Fd(pipe.read_end()).UserData(kTarget).Tag(kCancel));
  pipe.Write();
  other.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kTarget, POLLIN),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelKeys, FileAndOpcodeTakeWhatFulfilsBoth, .clause = "CANCEL-FDOP-01") {
  Ring ring;
  const Pipe pipe;
  const Pipe other;
  ring.Submit(PollAdd(pipe.read_end(), POLLRDNORM).Tag(kBystander),
              Read(other.read_end()).Tag(kNext), Read(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kBystander).Fd(pipe.read_end()).Opcode(IORING_OP_READ).Tag(kCancel));
  pipe.Write();
  other.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kNext, 1), Completes(kBystander, POLLRDNORM)));
}

RING_CASE(AsyncCancelKeys, OpcodeAndUserDataTakeWhatFulfilsBoth, .clause = "CANCEL-OPUD-01") {
  Ring ring;
  const Pipe pipe;
  const Pipe other;
  const Request same_user = Read(other.read_end()).Tag(kTarget);
  const Request same_opcode = PollAdd(pipe.read_end()).Tag(kBystander);

  ring.Submit(same_user, same_opcode, PollAdd(pipe.read_end()).Tag(kTarget), same_opcode, same_user,
              Timeout(50ms).Tag(kTarget),
              Cancel().Opcode(IORING_OP_POLL_ADD).UserData(kTarget).Tag(kCancel));
  pipe.Write();
  other.Write(128);

  EXPECT_THAT(ring.Reap(7),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, 64), Completes(kTarget, 64),
                                   Completes(kTarget, -ETIME).After(50ms),
                                   Completes(kBystander, POLLIN), Completes(kBystander, POLLIN)));
}

}  // namespace
}  // namespace ringspec
