// The real-time clock, stepped while a case runs.  Its case says `.touches = kRealtimeClock`.
#pragma once

#include "harness/clock.h"

namespace ringspec {

// Takes its steps back in the end.
class RealtimeClock {
 public:
  RealtimeClock() = default;
  ~RealtimeClock();
  RealtimeClock(const RealtimeClock&) = delete;
  RealtimeClock& operator=(const RealtimeClock&) = delete;

  // Moves the clock forward, or back.
  void Step(Duration by);

 private:
  Duration stepped_{};
};

}  // namespace ringspec
