// Time without a processor, which is nobody's lateness, and a deadline that knows of it.
//
// In real time the host may be busy with something else; in virtual time a guest with one processor
// may be busy with another task of the same case, its polling thread for example.
#pragma once

#include <sys/types.h>

#include "harness/clock.h"

namespace ringspec {

// How long the tasks of this process (0: our own) were ready and had no processor since it was
// forked, those of its polling and worker threads included; 0 where the kernel does not count it
// (CONFIG_SCHED_INFO, Documentation/scheduler/sched-stats.rst).
Duration Starved(pid_t pid = 0);

// In real time it does not run while the process is starved or the whole machine held up by its
// host (harness/guest/lateness.h); in virtual time waiting is free.
class Deadline {
 public:
  explicit Deadline(Duration limit, pid_t pid = 0);

  // The earliest moment at which it may have passed.
  TimePoint at() const { return start_ + limit_ + forgiven_; }
  bool Passed();

 private:
  TimePoint start_;
  Duration held_up_before_;
  Duration limit_;
  pid_t pid_;
  Duration forgiven_{};
};

}  // namespace ringspec
