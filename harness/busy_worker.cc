#include "harness/busy_worker.h"

#include <gtest/gtest.h>

#include "harness/workers.h"

namespace ringspec {

BusyWorker::BusyWorker(Ring& ring) {
  LimitToOneWorker(ring);
  ring.Submit(Queued().Tag(kBlocker));
  if (!WorkersAreBlocked(1)) ADD_FAILURE() << "the blocker did not get into a worker";
}

}  // namespace ringspec
