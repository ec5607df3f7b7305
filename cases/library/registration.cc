// What the registration helpers return when the kernel refuses.
#include "cases/library/plain_ring.h"
#include "harness/cases.h"
#include "harness/errno_name.h"

namespace ringspec {
namespace {

// The result of canceling nobody, with these flags.
int CancelNobody(PlainRing& ring, unsigned flags) {
  io_uring_sync_cancel_reg request{};
  request.addr = 0x1234;
  request.flags = flags;
  request.timeout = {-1, -1};
  const int result = io_uring_register_sync_cancel(ring, &request);
  Record("sync_cancel", ResultName(result));
  return result;
}

RING_CASE(LibraryRegistration, SyncCancelOfNobodyReturnsMinusENOENT, .clause = "LIB-SYNCCANCEL-01",
          .axis = Axis::kLiburing) {
  PlainRing ring;

  EXPECT_EQ(CancelNobody(ring, 0), -ENOENT);
}

RING_CASE(LibraryRegistration, ASyncCancelThatIsRefusedReturnsMinusEINVAL,
          .clause = "LIB-SYNCCANCEL-01", .axis = Axis::kLiburing) {
  PlainRing ring;

  EXPECT_EQ(CancelNobody(ring, ~0U), -EINVAL);
}

}  // namespace
}  // namespace ringspec
