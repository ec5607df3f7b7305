// Time as the harness measures it, and the few deadlines it has.
#pragma once

#include <chrono>
#include <ctime>

namespace ringspec {

using namespace std::chrono_literals;
using Duration = std::chrono::nanoseconds;

// A point on CLOCK_MONOTONIC, in nanoseconds.
using TimePoint = Duration;

TimePoint Now(clockid_t clock = CLOCK_MONOTONIC);

// How long closing a ring may take: cancelation(7) promises that it does not wait for the natural
// end of its requests.
inline constexpr Duration kTeardownBound = 2s;

// The deadlines of one guest.  Virtual time makes waiting free and lateness small, so both are
// set by whoever knows the machine; these are the values for real time on a busy host.
struct Timing {
  // How long Reap waits for a completion that may never come.
  Duration give_up = 1s;
  // How long the harness looks for late completions after the body.
  Duration quiet = 50ms;
  // What a timer may be late before it counts as broken: ten times the worst lateness that the
  // guest showed when it was calibrated, on top of this floor.
  Duration lateness = 700ms;
  // Other processes may keep ours off the processors, and that time does not count.
  bool shares_cpus = true;
};

Timing& CurrentTiming();

// The bound above from a calibration's worst lateness.
Duration LatenessBound(Duration floor, Duration worst_seen);

}  // namespace ringspec
