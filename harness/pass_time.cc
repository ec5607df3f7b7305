#include "harness/pass_time.h"

#include "harness/error.h"
#include "harness/request.h"

namespace ringspec {

void PassTime(Duration span) {
  io_uring ring{};
  if (const int error = io_uring_queue_init(1, &ring, 0)) throw SetupError("PassTime", -error);
  __kernel_timespec timespec = ToTimespec(span);
  io_uring_prep_timeout(io_uring_get_sqe(&ring), &timespec, 0, 0);
  io_uring_submit(&ring);
  io_uring_cqe* cqe = nullptr;
  while (io_uring_wait_cqe(&ring, &cqe) == -EINTR) {
  }
  io_uring_queue_exit(&ring);
}

}  // namespace ringspec
