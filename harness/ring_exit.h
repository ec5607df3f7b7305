// Rings on their way out: close(2) returns at once, and a thread of the kernel's does the rest.
#pragma once

#include <string>

#include "harness/clock.h"

namespace ringspec {

// How long closing a ring may take: cancelation(7) promises that it does not wait for the
// natural end of its requests.
inline constexpr Duration kTeardownBound = 2s;

// Waits until the kernel is done with every ring that was closed.  Empty if that is within the
// bound, else where the kernel's threads are that still wait for a ring's requests.  Those will say
// so themselves, minutes later and in the middle of another case (io_ring_exit_work() warns after
// five), so this is asked after each case.  Only for a machine where all rings are ours.
std::string RingsThatStay();

}  // namespace ringspec
