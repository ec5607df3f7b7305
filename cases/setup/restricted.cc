// Rings that are disabled or restricted.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(SetupDisabled, EnteringIsEBADFDUntilTheRingIsEnabled, .clause = "SETUP-DISABLED-01") {
  Ring ring(RingOptions{.flags = IORING_SETUP_R_DISABLED});

  EXPECT_THAT(Call("enter", [&] { return ring.Enter(0, 0, IORING_ENTER_GETEVENTS, nullptr, 0); }),
              Returns(-EBADFD));
  EXPECT_THAT(
      Call("enable", [&] { return ring.Register(IORING_REGISTER_ENABLE_RINGS, nullptr, 0); }),
      Returns(0));
  ring.Submit(Timeout(0s).Tag(kTimeout), Cancel(kNobody).Tag(kCancel));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTimeout, -ETIME).AtOnce(),
                                                 Completes(kCancel, -ENOENT)));
}

RING_CASE(SetupRestricted, OtherOperationsAreEACCES, .clause = "SETUP-RESTRICT-01") {
  Ring ring(RingOptions{.flags = IORING_SETUP_R_DISABLED});
  io_uring_restriction only_nop{};
  only_nop.opcode = IORING_RESTRICTION_SQE_OP;
  only_nop.sqe_op = IORING_OP_NOP;
  EXPECT_THAT(
      Call("restrict", [&] { return ring.Register(IORING_REGISTER_RESTRICTIONS, &only_nop, 1); }),
      Returns(0));
  ring.Register(IORING_REGISTER_ENABLE_RINGS, nullptr, 0);

  for (const Request& request : std::initializer_list<Request>{
           Nop().Tag(kTarget), Cancel(kTarget).Tag(kCancel), Timeout(0s).Tag(kTimeout),
           TimeoutRemove(kTimeout).Tag(kRemove)}) {
    ring.Submit(request);
  }

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kTarget, 0), Completes(kCancel, -EACCES),
                                   Completes(kTimeout, -EACCES), Completes(kRemove, -EACCES)));
}

RING_CASE(SetupRestricted, OtherFlagsAreEACCES, .clause = "SETUP-RESTRICT-02") {
  Ring ring(RingOptions{.flags = IORING_SETUP_R_DISABLED});
  io_uring_restriction only_async[2]{};
  only_async[0].opcode = IORING_RESTRICTION_SQE_OP;
  only_async[0].sqe_op = IORING_OP_TIMEOUT;
  only_async[1].opcode = IORING_RESTRICTION_SQE_FLAGS_REQUIRED;
  only_async[1].sqe_flags = IOSQE_ASYNC;
  EXPECT_THAT(
      Call("restrict", [&] { return ring.Register(IORING_REGISTER_RESTRICTIONS, only_async, 2); }),
      Returns(0));
  ring.Register(IORING_REGISTER_ENABLE_RINGS, nullptr, 0);

  for (const Request& request :
       std::initializer_list<Request>{Timeout(0s).Async().Tag(kTarget), Timeout(0s).Tag(kTimeout),
                                      Timeout(0s).Async().HardLink().Tag(kBystander)}) {
    ring.Submit(request);
  }

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kTarget, -ETIME).AtOnce(),
                                   Completes(kTimeout, -EACCES), Completes(kBystander, -EACCES)));
}

RING_CASE(SetupDisabled, OnceEnabledItCancelsLikeAnyOther, .clause = "SETUP-DISABLED-02") {
  Ring ring(RingOptions{.flags = IORING_SETUP_R_DISABLED});
  ring.Register(IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kTarget),
              PollAdd(pipe.read_end()).Tag(kBystander), Timeout(50ms).Tag(kTimeout));

  ring.Submit(Cancel(kTarget).All().Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(5),
              UnorderedElementsAre(Completes(kCancel, 2), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN),
                                   Completes(kTimeout, -ETIME).After(50ms)));
}

}  // namespace
}  // namespace ringspec
