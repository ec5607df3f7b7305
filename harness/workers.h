// io-wq, seen from outside: the worker threads of this process.
#pragma once

#include <gmock/gmock.h>

namespace ringspec {

class Ring;

// Waits until this many workers are blocked inside a request: asleep, and not for want of work.
// Returns whether they were in time.
bool WorkersAreBlocked(int count);

// Waits until this many workers have done what they had to do and sleep for want of work: requests
// that can wait on poll have been parked there.  Returns whether they were in time.
bool WorkersAreIdle(int count);

// How a request ends that was interrupted inside a worker, in cases about something else: also with
// a restart code, because an invariant judges those in every case.
testing::Matcher<int> Interrupted();

// Limits bounded and unbounded workers to one each (IORING_REGISTER_IOWQ_MAX_WORKERS), so that a
// second blocking request stays queued.  The limit belongs to the task and outlives the ring.
void LimitToOneWorker(Ring& ring);

}  // namespace ringspec
