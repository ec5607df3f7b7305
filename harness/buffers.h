// Provided buffers, for requests that receive without saying where to.
#pragma once

#include "harness/ring.h"

namespace ringspec {

// Gives `ring` this many buffers of 64 bytes as group 0, the group of BufferSelect().  Kernels that
// have no buffer rings (before 5.19) have no request that needs them either: there it does nothing.
void ProvideBuffers(Ring& ring, unsigned count = 8);

}  // namespace ringspec
