#include "harness/sync_cancel.h"

#include "harness/faults/fault.h"

namespace ringspec {
namespace {

// The argument's time limit, if it has one that makes sense.
std::optional<Duration> LimitOf(const uapi::SyncCancelReg& argument) {
  const __kernel_timespec& time = argument.timeout;
  if (time.tv_sec < 0 || time.tv_nsec < 0) return std::nullopt;
  return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
}

}  // namespace

uapi::SyncCancelReg SyncCancelArgument(Request cancel, std::optional<Duration> timeout) {
  if (CurrentFaults() != nullptr) {
    cancel.sqe.user_data = kCall.value;  // The answer is that of the call.
    std::vector<Request> batch{std::move(cancel)};
    CurrentFaults()->OnSubmit(batch);
    cancel = batch.front();
  }
  uapi::SyncCancelReg argument{};
  argument.addr = cancel.sqe.addr;
  argument.fd = cancel.sqe.fd;
  argument.flags = cancel.sqe.cancel_flags;
  argument.opcode = static_cast<std::uint8_t>(cancel.sqe.len);
  argument.timeout = timeout ? ToTimespec(*timeout) : __kernel_timespec{-1, -1};
  return argument;
}

Completion SyncCancel(Ring& ring, const uapi::SyncCancelReg& argument) {
  Completion returned = Call(
      "sync_cancel", [&] { return ring.Register(uapi::kRegisterSyncCancel, &argument, 1); },
      LimitOf(argument));
  if (CurrentFaults() != nullptr) {
    Request asked;
    asked.sqe.opcode = IORING_OP_ASYNC_CANCEL;
    CurrentFaults()->AfterSubmit(ring.fd(), {asked});
  }
  return returned;
}

Completion SyncCancel(Ring& ring, const Request& cancel, std::optional<Duration> timeout) {
  return SyncCancel(ring, SyncCancelArgument(cancel, timeout));
}

Completion SyncCancel(Ring& ring, const void* argument, unsigned nr_args) {
  return Call("sync_cancel",
              [&] { return ring.Register(uapi::kRegisterSyncCancel, argument, nr_args); });
}

}  // namespace ringspec
