// A wake-up for a thread that waits inside the kernel: interrupts its system call with a signal
// once the deadline has passed, and again and again until the guard is gone.
#pragma once

#include <ctime>

#include "harness/clock.h"

namespace ringspec {

class WakeUp {
 public:
  explicit WakeUp(TimePoint deadline);
  ~WakeUp();
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

 private:
  timer_t timer_;
};

}  // namespace ringspec
