#include "harness/sync_cancel.h"

#include "harness/fault.h"

namespace ringspec {

uapi::SyncCancelReg SyncCancelArgument(Request cancel, std::optional<Duration> timeout) {
  if (CurrentFaults() != nullptr) {
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
  return SyncCancel(ring, &argument, 1);
}

Completion SyncCancel(Ring& ring, const Request& cancel, std::optional<Duration> timeout) {
  return SyncCancel(ring, SyncCancelArgument(cancel, timeout));
}

Completion SyncCancel(Ring& ring, const void* argument, unsigned nr_args) {
  return Call("sync_cancel",
              [&] { return ring.Register(uapi::kRegisterSyncCancel, argument, nr_args); });
}

}  // namespace ringspec
