#include "harness/realtime.h"

#include "harness/error.h"
#include "harness/request.h"

namespace ringspec {
namespace {

int SetRealtime(TimePoint value) {
  const __kernel_timespec time = ToTimespec(value);
  const timespec plain{static_cast<time_t>(time.tv_sec), static_cast<long>(time.tv_nsec)};
  return clock_settime(CLOCK_REALTIME, &plain);
}

}  // namespace

RealtimeClock::~RealtimeClock() {
  if (stepped_ != Duration::zero()) SetRealtime(Now() + offset_);
}

void RealtimeClock::Step(Duration by) {
  Must("clock_settime", SetRealtime(Now(CLOCK_REALTIME) + by));
  stepped_ += by;
}

}  // namespace ringspec
