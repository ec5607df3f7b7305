// A deadline that does not run while other processes keep ours off the processors.
//
// In real time a host may be so busy that a kernel which is on time seems late.  How long our own
// tasks were ready and had no processor is counted by the kernel, and is not the fault of what is
// under test.  In virtual time nobody else is there and nothing is forgiven.
#pragma once

#include <sys/types.h>

#include "harness/clock.h"

namespace ringspec {

// How long the tasks of this process (0: our own) have waited for a processor since it was forked,
// those of its polling and worker threads included; 0 in virtual time, and where the kernel does
// not count it (CONFIG_SCHED_INFO, Documentation/scheduler/sched-stats.rst).
Duration Starved(pid_t pid = 0);

class Deadline {
 public:
  explicit Deadline(Duration limit, pid_t pid = 0) : start_(Now()), limit_(limit), pid_(pid) {}

  // The earliest moment at which it may have passed.
  TimePoint at() const { return start_ + limit_ + forgiven_; }
  bool Passed();

 private:
  TimePoint start_;
  Duration limit_;
  pid_t pid_;
  Duration forgiven_{};
};

}  // namespace ringspec
