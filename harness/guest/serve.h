// The guest's side of a run: facts first, then a child for each case of each order (shift.h).
#pragma once

#include "harness/guest/kernel_log.h"
#include "harness/guest/settle.h"

namespace ringspec {

class Window;

struct Channels {
  int orders;                // order lines come from here
  int events;                // JSON lines go there
  Window* window = nullptr;  // or both through here, and a byte on the descriptors rings the bell
  KernelLog kernel_log;
};

// Waits until this machine keeps time, and sets the bounds of all cases by how well it does.
Calibration CalibrateTiming();

// Returns when the host says quit or is gone.
void Serve(const Channels& channels);

}  // namespace ringspec
