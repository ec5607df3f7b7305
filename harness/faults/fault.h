// A layer between the rings and the cases that breaks things on purpose, so that the harness's
// own tests and the negative control can show that a case notices.
#pragma once

#include <vector>

#include "harness/recorder.h"

namespace ringspec {

class FaultLayer {
 public:
  virtual ~FaultLayer() = default;
  // Before a batch is handed to the kernel.  Requests may be changed.
  virtual void OnSubmit(std::vector<Request>&) {}
  // The kernel has taken this batch, or a call's cancel, on the ring of this descriptor.
  virtual void AfterSubmit(int /*ring*/, const std::vector<Request>& /*batch*/) {}
  // CQEs as they were taken from the ring.  They may be changed, taken away or added to.
  virtual void OnArrival(std::vector<RawCqe>&) {}
  // A call other than a submission returned.  Its result and its time may be changed.  `due` is
  // when its own time limit ends, zero if it has none.
  virtual void OnReturn(Completion& /*returned*/, TimePoint /*due*/) {}
};

// Installs the layer (or none) for the rings of this process; returns the one before.
FaultLayer* InstallFaults(FaultLayer* layer);
FaultLayer* CurrentFaults();

}  // namespace ringspec
