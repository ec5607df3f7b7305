// Waits until a young kernel keeps time.
//
// The first seconds after boot are no measure of a kernel: until high-resolution timers are on it
// ticks at 4 ms, and work that was put off during boot keeps the CPUs busy.
#pragma once

#include "harness/clock.h"
#include "harness/guest/stream.h"

namespace ringspec {

// What was seen when the kernel had settled; the lateness is that of the last 20 timeouts.
struct Calibration {
  bool settled = false;
  Duration timer_resolution{};
  Duration settle{};
  Duration lateness_median{};
  Duration lateness_max{};

  JsonObject Json() const;
};

// Sleeps until the kernel has dismissed the workers that only booting and probing needed, up to
// fifteen, each of which would be looked at after each case.  For virtual time, where that is free.
void OutliveIdleWorkers();

// Loops 1 ms timeouts until 20 in a row are late by `on_time` at most, but no longer than `limit`.
Calibration Settle(Duration on_time, Duration limit);

}  // namespace ringspec
