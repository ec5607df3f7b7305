// Calls that name the ring by its index among the registered ones.
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/cases.h"
#include "harness/guard.h"
#include "harness/sync_cancel.h"

namespace ringspec {
namespace {

// Registers the ring with this task; its index, or -errno.
int RegisterWithTask(Ring& ring) {
  io_uring_rsrc_update update{};
  update.offset = -1U;
  update.data = static_cast<std::uint64_t>(ring.fd());
  const int count = ring.Register(IORING_REGISTER_RING_FDS, &update, 1);
  return count == 1 ? static_cast<int>(update.offset) : count;
}

int ResultOf(long returned) { return returned < 0 ? -errno : static_cast<int>(returned); }

RING_CASE(SetupRegistered, AWaitEndsAtItsTime, .clause = "SETUP-REGISTERED-01") {
  Ring ring;
  int index = -1;
  EXPECT_THAT(Call("register_ring", [&] { return index = RegisterWithTask(ring); }), Returns(0));
  __kernel_timespec limit = ToTimespec(50ms);
  const uapi::GeteventsArg argument{
      .sigmask = 0, .sigmask_sz = 0, .min_wait_usec = 0, .ts = AddressOf(&limit)};
  const WakeUp watchdog(Now() + 5s);

  EXPECT_THAT(Call(
                  "wait",
                  [&] {
                    return ResultOf(syscall(__NR_io_uring_enter, index, 0, 1,
                                            IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG |
                                                IORING_ENTER_REGISTERED_RING,
                                            &argument, sizeof(argument)));
                  },
                  50ms),
              Returns(-ETIME).After(50ms));
}

RING_CASE(SetupRegistered, ASynchronousCancelTakesItsTarget, .clause = "SETUP-REGISTERED-02") {
  constexpr unsigned kUseRegisteredRing = 1U << 31;
  Ring ring;
  int index = -1;
  EXPECT_THAT(Call("register_ring", [&] { return index = RegisterWithTask(ring); }), Returns(0));
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));
  const uapi::SyncCancelReg argument = SyncCancelArgument(Cancel(kTarget));

  EXPECT_THAT(
      Call("sync_cancel",
           [&] {
             return ResultOf(syscall(__NR_io_uring_register, index,
                                     uapi::kRegisterSyncCancel | kUseRegisteredRing, &argument, 1));
           }),
      Returns(0));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)));
}

}  // namespace
}  // namespace ringspec
