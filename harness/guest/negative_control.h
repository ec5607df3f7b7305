// The negative control: every case, under every fault that applies to it, must turn red.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/guest/order.h"
#include "harness/guest/stream.h"

namespace ringspec {

// Runs the ordered cases on this machine, and again for each fault at each of its points, and says
// so: {"event":"control", "id":..., "case":..., "holds":true, "outcome":..., ...} for a case
// unbroken, {..., "fault":..., "point":0, "noticed":true, ...} for each injection.  `say` returns
// false when nobody listens any more.
bool NegativeControl(const Order& order, const std::function<bool(const JsonObject&)>& say);

}  // namespace ringspec
