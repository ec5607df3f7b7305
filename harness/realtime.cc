#include "harness/realtime.h"

#include <sys/timex.h>

#include "harness/error.h"

namespace ringspec {
namespace {

// An offset is added by the kernel: between reading a clock and setting it time would pass.
int AddToRealtime(Duration by) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(by);
  timex change{};
  change.modes = ADJ_SETOFFSET | ADJ_NANO;
  change.time.tv_sec = seconds.count();
  change.time.tv_usec = (by - seconds).count();  // nanoseconds, by ADJ_NANO
  return clock_adjtime(CLOCK_REALTIME, &change);
}

}  // namespace

RealtimeClock::~RealtimeClock() {
  if (stepped_ != Duration::zero()) AddToRealtime(-stepped_);
}

void RealtimeClock::Step(Duration by) {
  Must("clock_adjtime", AddToRealtime(by));
  stepped_ += by;
}

}  // namespace ringspec
