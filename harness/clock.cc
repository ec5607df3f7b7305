#include "harness/clock.h"

namespace ringspec {

TimePoint Now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

Timing& CurrentTiming() {
  static Timing timing;
  return timing;
}

Duration LatenessBound(Duration floor, Duration worst_seen) { return floor + 10 * worst_seen; }

}  // namespace ringspec
