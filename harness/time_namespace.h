// Time namespaces (time_namespaces(7)): the same kernel clocks, read with another offset.
#pragma once

#include "harness/clock.h"

namespace ringspec {

// Moves the process of the case into a time namespace of its own whose CLOCK_MONOTONIC and
// CLOCK_BOOTTIME are ahead by these offsets.  Now() jumps.  There is no way back: a case runs in a
// process of its own.  Call it before the case makes a ring: only a process with one thread can
// move.
void EnterTimeNamespace(Duration monotonic, Duration boottime);

}  // namespace ringspec
