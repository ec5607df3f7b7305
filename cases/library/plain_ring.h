// A ring as a program has it that uses nothing but liburing.  The harness does not watch it: the
// helpers under test take completions themselves.
#pragma once

#include <poll.h>

#include "harness/case.h"
#include "harness/error.h"
#include "harness/request.h"

namespace ringspec {

class PlainRing {
 public:
  PlainRing() {
    if (const int error = io_uring_queue_init(8, &ring_, 0)) {
      throw SetupError("io_uring_setup", -error);
    }
  }
  ~PlainRing() { io_uring_queue_exit(&ring_); }
  PlainRing(const PlainRing&) = delete;
  PlainRing& operator=(const PlainRing&) = delete;

  io_uring* get() { return &ring_; }
  operator io_uring*() { return &ring_; }  // NOLINT: what every helper takes first.

  // Makes the library believe that the kernel lacks this feature.
  void Forget(unsigned feature) { ring_.features &= ~feature; }

  // Puts a request into the SQ without submitting it.
  void PrepareNop(std::uint64_t user_data) {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    io_uring_prep_nop(sqe);
    sqe->user_data = user_data;
  }
  void PreparePoll(int fd, std::uint64_t user_data) {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    io_uring_prep_poll_add(sqe, fd, POLLIN);
    sqe->user_data = user_data;
  }
  // The requests that the kernel can see and has not taken.
  unsigned Flushed() const { return *ring_.sq.ktail - *ring_.sq.khead; }

 private:
  io_uring ring_{};
};

}  // namespace ringspec
