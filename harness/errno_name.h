#pragma once

#include <string>

namespace ringspec {

// How a CQE's res is written everywhere: "-ECANCELED" for a known errno, else the number.
// The kernel-internal restart codes -512 to -530 have names here too; no CQE may carry one.
std::string ResultName(int res);

}  // namespace ringspec
