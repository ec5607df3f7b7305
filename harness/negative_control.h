// The negative control: every case, under every fault that applies to it, must turn red.
#pragma once

#include <cstdio>
#include <string>

namespace ringspec {

struct ControlOptions {
  std::string filter = "*";  // glob over case names
  double share = 1.0;        // of the injections, chosen by `seed`
  unsigned seed = 1;
  int points = 3;  // at most this many points of one kind in one case
};

// Runs on this machine and prints one JSON line for each case (how it does unbroken) and one for
// each injection: {"case":..., "fault":..., "point":0, "noticed":true, "outcome":..., ...}.
void NegativeControl(const ControlOptions& options, std::FILE* out);

}  // namespace ringspec
