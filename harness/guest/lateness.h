// How late a machine is, for deadlines that must hold on a busy host as well as on an idle one.
#pragma once

#include <atomic>
#include <cstdint>

#include "harness/clock.h"

namespace ringspec {

// The deadlines of a machine whose timers were late by `worst` when it was calibrated.
Timing Scaled(const Timing& base, Duration worst);

// In real time a virtual machine may be held up at any moment by its host, of which its own kernel
// knows nothing (harness/deadline.h counts what that one knows).  A watcher is a process that
// does nothing but wait, and sees how late its own waits end; what a timer may be late then grows
// with what the machine was late by since the case began.
class LatenessWatch {
 public:
  // The process that watches; the cases that it forks from now on know.
  static LatenessWatch& Begin();
  // For the watcher: one of its waits ended so late.
  void Saw(Duration late);
  // A new case begins.
  void Clear() { held_up_ns_ = altogether_ns_ = 0; }

  // How often a watcher looks.
  static constexpr std::chrono::milliseconds kEvery = 10ms;

 private:
  friend Duration BoundFor(Duration late);
  friend Duration HeldUp();
  std::atomic<std::int64_t> held_up_ns_{0};  // at worst
  std::atomic<std::int64_t> altogether_ns_{0};
};

// How long the machine was held up altogether since the case began; 0 where nobody watches.
Duration HeldUp();

// The bound for a timer that was late by this much.  If that is too much the watcher, where there
// is one, first gets the time to find out why.
Duration BoundFor(Duration late);

}  // namespace ringspec
