// Rings on their way out: close(2) returns at once, and a thread of the kernel's does the rest.
#pragma once

#include <string>

namespace ringspec {

// Waits until the kernel is done with every ring that was closed.  Empty if that is within
// kTeardownBound, else where the kernel's threads are that still wait for a ring's requests.  They
// say so themselves, minutes later and in the middle of another case (io_ring_exit_work() warns
// after five), so this is asked after each case.  For a machine where all rings are ours.
std::string RingsThatStay();

}  // namespace ringspec
