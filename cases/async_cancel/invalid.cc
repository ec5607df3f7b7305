// Cancel SQEs that are refused: the right errno, and the request that they name is left alone.
#include "harness/cases.h"

namespace ringspec {
namespace {

using uapi::Sqe;

// Each of these names the pending poll of kTarget, and must be refused one by one.
void ExpectRefused(const std::vector<Request>& cancels, const testing::Matcher<int>& error) {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  for (const Request& cancel : cancels) ring.Submit(cancel);
  pipe.Write();

  std::vector<CompletionMatcher> expected(cancels.size(), Completes(kCancel, error));
  expected.push_back(Completes(kTarget, POLLIN));
  EXPECT_THAT(ring.Reap(static_cast<int>(expected.size())), UnorderedElementsAreArray(expected));
}

Cancel CancelTarget() { return Cancel(kTarget).Tag(kCancel); }

RING_CASE(AsyncCancelInvalid, UnknownFlagsOneByOne, .clause = "CANCEL-INVAL-FLAG-01") {
  std::vector<Request> cancels;
  for (unsigned bit = 6; bit < 32; ++bit) cancels.push_back(CancelTarget().Flags(1U << bit));
  ExpectRefused(cancels, -EINVAL);
}

RING_CASE(AsyncCancelInvalid, OffIsUnused, .clause = "CANCEL-INVAL-OFF-01") {
  ExpectRefused({CancelTarget().With([](Sqe& sqe) { sqe.off = 1; }),
                 CancelTarget().With([](Sqe& sqe) { sqe.off = std::uint64_t{1} << 63; })},
                -EINVAL);
}

RING_CASE(AsyncCancelInvalid, LenIsUnusedWithoutOP, .clause = "CANCEL-INVAL-LEN-01") {
  ExpectRefused({CancelTarget().With([](Sqe& sqe) { sqe.len = 1; })}, -EINVAL);
}

RING_CASE(AsyncCancelInvalid, IoprioIsUnused, .clause = "CANCEL-INVAL-IOPRIO-01") {
  ExpectRefused({CancelTarget().With([](Sqe& sqe) { sqe.ioprio = 1; }),
                 CancelTarget().With([](Sqe& sqe) { sqe.ioprio = 1U << 15; })},
                -EINVAL);
}

RING_CASE(AsyncCancelInvalid, SpliceFdIsUnused, .clause = "CANCEL-INVAL-SPLICEFD-01") {
  ExpectRefused({CancelTarget().With([](Sqe& sqe) { sqe.splice_fd_in = 1; }),
                 CancelTarget().With([](Sqe& sqe) { sqe.splice_fd_in = -1; })},
                -EINVAL);
}

RING_CASE(AsyncCancelInvalid, BufferIndexIsUnused, .clause = "CANCEL-INVAL-BUFIDX-01") {
  ExpectRefused({CancelTarget().With([](Sqe& sqe) { sqe.buf_index = 1; })}, -EINVAL);
}

RING_CASE(AsyncCancelInvalid, ACancelSelectsNoBuffer, .clause = "CANCEL-INVAL-BUFSEL-01") {
  ExpectRefused({CancelTarget().BufferSelect()}, -EOPNOTSUPP);
}

RING_CASE(AsyncCancelInvalid, AnyBesideAFile, .clause = "CANCEL-INVAL-FDANY-01") {
  ExpectRefused(
      {CancelTarget().Fd(STDIN_FILENO).Any(), CancelTarget().Fd(STDIN_FILENO).Any().All()},
      -EINVAL);
}

RING_CASE(AsyncCancelInvalid, AnyBesideAnOpcode, .clause = "CANCEL-INVAL-OPANY-01") {
  ExpectRefused({CancelTarget().Opcode(IORING_OP_POLL_ADD).Any(),
                 CancelTarget().Opcode(IORING_OP_POLL_ADD).Any().All()},
                -EINVAL);
}

RING_CASE(AsyncCancelInvalid, AnOpcodeThatDoesNotExist, .clause = "CANCEL-INVAL-OP-01") {
  ExpectRefused({CancelTarget().Opcode(200), CancelTarget().Opcode(255)}, -EINVAL);
}

// The low byte, or more, is the target's opcode.
RING_CASE(AsyncCancelInvalid, AnOpcodeIsNotCutToAByte, .clause = "CANCEL-INVAL-OP-02") {
  for (const unsigned above : {0x100U, 0x1'0000U, 0x8000'0000U}) {
    ExpectRefused({CancelTarget().Opcode(above + IORING_OP_POLL_ADD)}, AnyOf(-EINVAL, -ENOENT));
  }
}

RING_CASE(AsyncCancelInvalid, NoCancelOnAnIopollRing, .clause = "CANCEL-INVAL-IOPOLL-01") {
  Ring ring({.flags = IORING_SETUP_IOPOLL});

  ring.Submit(Cancel(kNobody).Tag(kCancel));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kCancel, -EINVAL)));
}

RING_CASE(AsyncCancelInvalid, TheProbeTellsThatThereIsACancel, .clause = "CANCEL-PROBE-01") {
  Ring ring;
  io_uring_probe* probe = io_uring_get_probe_ring(ring.raw());
  const bool supported =
      probe != nullptr && io_uring_opcode_supported(probe, IORING_OP_ASYNC_CANCEL);
  io_uring_free_probe(probe);
  Record("probe", supported ? "supported" : "unsupported");

  ring.Submit(Timeout(20s).Tag(kTarget), Cancel(kTarget).Tag(kCancel));

  EXPECT_TRUE(supported);
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelInvalid, OffIsUnusedBesideFlags, .clause = "CANCEL-INVAL-OFF-02") {
  ExpectRefused({CancelTarget().All().With([](Sqe& sqe) { sqe.off = 1; }),
                 CancelTarget().All().With([](Sqe& sqe) { sqe.off = std::uint64_t{1} << 63; }),
                 CancelTarget().Any().With([](Sqe& sqe) { sqe.off = 1; })},
                -EINVAL);
}

}  // namespace
}  // namespace ringspec
