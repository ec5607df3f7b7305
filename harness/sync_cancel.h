// io_uring_register_sync_cancel(3): cancels as a cancel SQE does, but in the call itself.
//
//   SyncCancel(ring, Cancel(kTarget).All())           // waits for as long as it takes
//   SyncCancel(ring, Cancel(kTarget), 50ms)
#pragma once

#include <optional>

#include "harness/call.h"
#include "harness/ops.h"
#include "harness/ring.h"

namespace ringspec {

// The argument that asks for what `cancel` asks for.  Without a timeout both its fields are -1.
uapi::SyncCancelReg SyncCancelArgument(Request cancel, std::optional<Duration> timeout = {});

Completion SyncCancel(Ring& ring, const uapi::SyncCancelReg& argument);
Completion SyncCancel(Ring& ring, const Request& cancel, std::optional<Duration> timeout = {});

// The call with any argument at all.
Completion SyncCancel(Ring& ring, const void* argument, unsigned nr_args);

}  // namespace ringspec
