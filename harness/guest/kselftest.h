// The cases as a kselftest: KTAP on stdout, exit code as tools/testing/selftests/kselftest.h has
// it.
//
//   ringspec-cases --kselftest=ringspec.plan [--filter=GLOB] [--ringspec_setup=S]
//   [--allow-host-changes]
//
// Judges less finely than the Python side: what cannot be told here is a SKIP, never a failure.
#pragma once

#include <optional>
#include <string>

#include "harness/setup.h"

namespace ringspec {

struct KselftestOptions {
  std::string plan;
  std::string filter = "*";
  std::optional<Setup> setup;       // none: all
  bool allow_host_changes = false;  // also cases that set the clock or may leave a stuck task
};

// 0 passed, 1 something failed, 2 all that ran failed as known, 3 a known failure did not happen,
// 4 everything was skipped.
int Kselftest(const KselftestOptions& options);

}  // namespace ringspec
