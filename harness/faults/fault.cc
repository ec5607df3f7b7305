#include "harness/faults/fault.h"

#include <utility>

namespace ringspec {
namespace {

FaultLayer* installed = nullptr;

}  // namespace

FaultLayer* InstallFaults(FaultLayer* layer) { return std::exchange(installed, layer); }
FaultLayer* CurrentFaults() { return installed; }

}  // namespace ringspec
