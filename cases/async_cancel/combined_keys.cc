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

// By its user_data alone a kernel finds a poll before a timeout, or the timeout first: one of the
// two cancels would take the wrong one.
RING_CASE(AsyncCancelKeys, OpcodeAndUserDataTakeWhatFulfilsBoth, .clause = "CANCEL-OPUD-01") {
  Ring ring;
  const Pipe pipe;
  const Pipe other;
  const int poll_fd = pipe.read_end();
  const int read_fd = other.read_end();
  ring.Submit(PollAdd(poll_fd).Tag(kBystander), Timeout(50ms).Tag(kBystander),
              Read(read_fd).Tag(kTarget), PollAdd(poll_fd).Tag(kTarget), Timeout(50ms).Tag(kTarget),
              Read(read_fd).Tag(kNext), PollAdd(poll_fd).Tag(kNext), Timeout(20s).Tag(kNext),
              PollAdd(poll_fd).Tag(kBystander), Timeout(50ms).Tag(kBystander));

  ring.Submit(Cancel().Opcode(IORING_OP_POLL_ADD).UserData(kTarget).Tag(kCancel),
              Cancel().Opcode(IORING_OP_TIMEOUT).UserData(kNext).Tag(kCancel));
  pipe.Write();
  other.Write(128);

  EXPECT_THAT(
      ring.Reap(12),
      UnorderedElementsAre(
          Completes(kCancel, 0), Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
          Completes(kTarget, 64), Completes(kTarget, -ETIME).After(50ms),
          Completes(kNext, -ECANCELED), Completes(kNext, 64), Completes(kNext, POLLIN),
          Completes(kBystander, POLLIN), Completes(kBystander, POLLIN),
          Completes(kBystander, -ETIME).After(50ms), Completes(kBystander, -ETIME).After(50ms)));
}

}  // namespace
}  // namespace ringspec
