#include "harness/guest/settle.h"

#include <sys/prctl.h>

#include <algorithm>
#include <deque>

namespace ringspec {
namespace {

constexpr size_t kInARow = 20;
constexpr Duration kTimeout = 1ms;

Duration LatenessOfOneTimeout() {
  const TimePoint start = Now();
  timespec span{.tv_sec = 0, .tv_nsec = kTimeout.count()};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &span, nullptr);
  return Now() - start - kTimeout;
}

Duration TimerResolution() {
  timespec resolution{};
  clock_getres(CLOCK_MONOTONIC, &resolution);
  return std::chrono::seconds(resolution.tv_sec) + Duration(resolution.tv_nsec);
}

// A worker of an unbound pool goes when it was idle for five minutes (kernel/workqueue.c,
// IDLE_WORKER_TIMEOUT).
constexpr timespec kUntilTheyGo{.tv_sec = 310, .tv_nsec = 0};

}  // namespace

void OutliveIdleWorkers() { clock_nanosleep(CLOCK_MONOTONIC, 0, &kUntilTheyGo, nullptr); }

Calibration Settle(Duration on_time, Duration limit) {
  prctl(PR_SET_TIMERSLACK, 1);
  const TimePoint start = Now();
  std::deque<Duration> last;
  bool settled = false;
  while (!settled && Now() - start < limit) {
    last.push_back(LatenessOfOneTimeout());
    if (last.size() > kInARow) last.pop_front();
    settled =
        last.size() == kInARow && std::ranges::max(last) <= on_time && TimerResolution() == 1ns;
  }
  prctl(PR_SET_TIMERSLACK, 0);

  std::ranges::sort(last);
  return {.settled = settled,
          .timer_resolution = TimerResolution(),
          .settle = Now() - start,
          .lateness_median = last[last.size() / 2],
          .lateness_max = last.back()};
}

JsonObject Calibration::Json() const {
  return JsonObject()
      .Flag("settled", settled)
      .Number("timer_resolution_ns", timer_resolution.count())
      .Number("settle_ns", settle.count())
      .Number("lateness_median_ns", lateness_median.count())
      .Number("lateness_max_ns", lateness_max.count());
}

}  // namespace ringspec
