// Synchronous cancels that are refused: the right errno, and what they name is left alone.
#include <thread>

#include "harness/cases.h"
#include "harness/sync_cancel.h"

namespace ringspec {
namespace {

// A ring on which a target is pending that nobody may cancel.
class PendingTarget {
 public:
  explicit PendingTarget(const RingOptions& options = {}) : ring_(options) { Arm(); }

  Ring& ring() { return ring_; }

  void ExpectItToComplete() {
    pipe_.Write();
    EXPECT_THAT(ring_.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
  }

 private:
  void Arm() { ring_.Submit(PollAdd(pipe_.read_end()).Tag(kTarget)); }

  Ring ring_;
  const Pipe pipe_;
};

// Each of these names the target.
void ExpectEachToBeRefused(const std::vector<uapi::SyncCancelReg>& arguments, int error) {
  PendingTarget target;

  for (const uapi::SyncCancelReg& argument : arguments) {
    EXPECT_THAT(SyncCancel(target.ring(), argument), Returns(error));
  }

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRefused, UnknownFlagsOneByOne, .clause = "SYNC-CANCEL-INVAL-01") {
  std::vector<uapi::SyncCancelReg> arguments;
  for (unsigned bit = 6; bit < 32; ++bit) {
    arguments.push_back(SyncCancelArgument(Cancel(kTarget).Flags(1U << bit)));
  }
  ExpectEachToBeRefused(arguments, -EINVAL);
}

RING_CASE(SyncCancelRefused, PaddingByteByByte, .clause = "SYNC-CANCEL-INVAL-01") {
  std::vector<uapi::SyncCancelReg> arguments;
  const auto bad = [&]() -> uapi::SyncCancelReg& {
    return arguments.emplace_back(SyncCancelArgument(Cancel(kTarget)));
  };
  for (std::size_t i = 0; i < std::size(uapi::SyncCancelReg{}.pad); ++i) bad().pad[i] = 1;
  for (std::size_t i = 0; i < std::size(uapi::SyncCancelReg{}.pad2); ++i) {
    bad().pad2[i] = 1;
    bad().pad2[i] = std::uint64_t{1} << 63;
  }
  ExpectEachToBeRefused(arguments, -EINVAL);
}

RING_CASE(SyncCancelRefused, AnOpcodeThatDoesNotExist, .clause = "SYNC-CANCEL-OPRANGE-01") {
  ExpectEachToBeRefused({SyncCancelArgument(Cancel(kTarget).Opcode(200)),
                         SyncCancelArgument(Cancel(kTarget).Opcode(255).All())},
                        -EINVAL);
}

RING_CASE(SyncCancelRefused, ADescriptorThatIsNotOpen, .clause = "SYNC-CANCEL-BADF-01") {
  constexpr int kNotOpen = 999;
  ExpectEachToBeRefused({SyncCancelArgument(Cancel(kTarget).Fd(kNotOpen)),
                         SyncCancelArgument(Cancel(kTarget).Fd(kNotOpen).All()),
                         SyncCancelArgument(Cancel(kTarget).Fd(-1))},
                        -EBADF);
}

RING_CASE(SyncCancelRefused, ASlotWithoutAFile, .clause = "SYNC-CANCEL-BADF-01") {
  PendingTarget target;
  target.ring().RegisterFiles({STDIN_FILENO, -1});

  for (const int slot : {1, 2, -1}) {
    EXPECT_THAT(SyncCancel(target.ring(), Cancel(kTarget).FixedFd(slot)), Returns(-EBADF));
  }

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRefused, MoreOrLessThanOneArgument, .clause = "SYNC-CANCEL-NRARGS-01") {
  PendingTarget target;
  const uapi::SyncCancelReg argument = SyncCancelArgument(Cancel(kTarget));

  EXPECT_THAT(SyncCancel(target.ring(), &argument, 0), Returns(-EINVAL));
  EXPECT_THAT(SyncCancel(target.ring(), &argument, 2), Returns(-EINVAL));
  EXPECT_THAT(SyncCancel(target.ring(), nullptr, 1), Returns(-EINVAL));

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRefused, AnArgumentThatCannotBeRead, .clause = "SYNC-CANCEL-FAULT-01") {
  PendingTarget target;
  const auto* nowhere = reinterpret_cast<const void*>(16);  // NOLINT: below every mapping

  EXPECT_THAT(SyncCancel(target.ring(), nowhere, 1), Returns(-EFAULT));

  target.ExpectItToComplete();
}

// 200 is a register opcode of no kernel: what every kernel before 6.0 sees in a synchronous cancel.
RING_CASE(SyncCancelRefused, AnUnknownCallDoesNotWaitForRequests, .clause = "SYNC-CANCEL-OLD-01") {
  PendingTarget target;
  const uapi::SyncCancelReg argument = SyncCancelArgument(Cancel(kTarget));

  EXPECT_THAT(Call("register", [&] { return target.ring().Register(200, &argument, 1); }),
              Returns(-EINVAL).AtOnce());

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRefused, AThreadThatIsNotTheIssuer, .clause = "SYNC-CANCEL-ISSUER-01") {
  PendingTarget target({.flags = IORING_SETUP_SINGLE_ISSUER});

  std::thread([&] {
    EXPECT_THAT(SyncCancel(target.ring(), Cancel(kTarget)), Returns(-EEXIST));
  }).join();

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRefused, ARingThatDoesNotAllowIt, .clause = "SYNC-CANCEL-RESTRICT-01") {
  Ring ring({.flags = IORING_SETUP_R_DISABLED});
  io_uring_restriction allowed[2] = {};
  allowed[0].opcode = IORING_RESTRICTION_REGISTER_OP;
  allowed[0].register_op = IORING_REGISTER_ENABLE_RINGS;
  allowed[1].opcode = IORING_RESTRICTION_SQE_OP;
  allowed[1].sqe_op = IORING_OP_POLL_ADD;
  ASSERT_EQ(ring.Register(IORING_REGISTER_RESTRICTIONS, allowed, 2), 0);
  ASSERT_EQ(ring.Register(IORING_REGISTER_ENABLE_RINGS, nullptr, 0), 0);
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget)), Returns(-EACCES));

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(SyncCancelRefused, NobodyIsFoundOnAnIopollRing, .clause = "SYNC-CANCEL-IOPOLL-01") {
  Ring ring({.flags = IORING_SETUP_IOPOLL});

  EXPECT_THAT(SyncCancel(ring, Cancel(kNobody)), Returns(-ENOENT));
}

RING_CASE(SyncCancelRefused, ARefusalLeavesNoTrace, .clause = "SYNC-CANCEL-INVAL-02") {
  PendingTarget target;
  EXPECT_THAT(SyncCancel(target.ring(), Cancel(kTarget).Flags(1U << 31)), Returns(-EINVAL));

  EXPECT_THAT(SyncCancel(target.ring(), Cancel(kTarget)), Returns(0));

  EXPECT_THAT(target.ring().Reap(1), ElementsAre(Completes(kTarget, -ECANCELED)));
}

}  // namespace
}  // namespace ringspec
