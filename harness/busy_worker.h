// io-wq with its only worker busy: whatever else needs one stays queued.
#pragma once

#include "harness/descriptor.h"
#include "harness/ops.h"
#include "harness/ring.h"

namespace ringspec {

class BusyWorker {
 public:
  // Leaves the task one worker, which executes a splice (kBlocker) until there is data for it.
  explicit BusyWorker(Ring& ring);

  // One more splice between the same pipes.
  Splice Queued() const { return {from_.read_end(), to_.write_end()}; }
  // Data for that many splices, the blocker first.
  void Release(int splices = 1) const { from_.Write(splices); }

  // Where the data comes from and goes to.
  const Pipe& from() const { return from_; }
  const Pipe& to() const { return to_; }

 private:
  const Pipe from_, to_;
};

}  // namespace ringspec
