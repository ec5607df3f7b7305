// The real-time clock, stepped while a case runs.  Its case says `.touches = kRealtimeClock`.
#pragma once

#include "harness/clock.h"

namespace ringspec {

// Puts the clock back where it would have been, measured by the monotonic clock.
class RealtimeClock {
 public:
  RealtimeClock() : offset_(Now(CLOCK_REALTIME) - Now()) {}
  ~RealtimeClock();
  RealtimeClock(const RealtimeClock&) = delete;
  RealtimeClock& operator=(const RealtimeClock&) = delete;

  // Moves the clock forward, or back.
  void Step(Duration by);

 private:
  Duration offset_;
  Duration stepped_{};
};

}  // namespace ringspec
