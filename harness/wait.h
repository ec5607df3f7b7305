// io_uring_enter(2) with IORING_ENTER_GETEVENTS: a wait for completions and what limits it.
//
//   EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms)), Returns(-ETIME).After(50ms));
//
// A wait that nothing ends any more is interrupted a second after Reap would give up: it returns
// -EINTR.
#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "harness/call.h"
#include "harness/ring.h"

namespace ringspec {

class Wait {
 public:
  explicit Wait(unsigned min_complete) : min_complete_(min_complete) {}

  // Gives up after this time; a negative one is possible.
  Wait& For(Duration limit);
  // Gives up at this point of the ring's clock (IORING_ENTER_ABS_TIMER).
  Wait& Until(TimePoint point);
  // A timespec that stays the case's, or is none.
  Wait& Timespec(const void* timespec);
  // After this time any number of completions is enough (min_wait_usec).
  Wait& AtLeast(std::chrono::microseconds min_wait);
  // Blocks these signals, and no others, during the wait.
  Wait& Mask(const sigset_t& mask);
  // A mask that stays the case's, or is none, and the size that is stated for it.
  Wait& Mask(const void* mask, std::size_t size);
  Wait& Flags(unsigned flags);
  // The size that the call states for its argument.
  Wait& ArgumentSize(std::size_t size);
  // Submits these in the same call.
  Wait& Submitting(const Request& request);

 private:
  friend Completion EnterAndWait(Ring& ring, const Wait& wait);

  unsigned min_complete_;
  unsigned flags_ = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
  std::size_t size_ = sizeof(uapi::GeteventsArg);
  __kernel_timespec timespec_{};
  sigset_t mask_{};
  bool own_timespec_ = false;
  std::optional<Duration> limit_;  // from the call on, where it is known
  bool has_mask_ = false;
  uapi::GeteventsArg argument_{};
  std::vector<Request> requests_;
};

// The call, recorded as wait=<result>.
Completion EnterAndWait(Ring& ring, const Wait& wait);

}  // namespace ringspec
