#include "harness/setup.h"

#include "harness/uapi.h"

namespace ringspec {
namespace {

struct Row {
  Setup setup;
  std::string_view name;
  unsigned flags;
};

constexpr Row kRows[] = {
    {Setup::kDefault, "default", 0},
    {Setup::kDefer, "defer", IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN},
    {Setup::kCoop, "coop", IORING_SETUP_COOP_TASKRUN},
    {Setup::kSqpoll, "sqpoll", IORING_SETUP_SQPOLL},
};

Setup current = Setup::kDefault;

}  // namespace

std::string_view Name(Setup setup) { return kRows[static_cast<int>(setup)].name; }

std::optional<Setup> SetupNamed(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.setup;
  }
  return std::nullopt;
}

unsigned SetupFlags(Setup setup) { return kRows[static_cast<int>(setup)].flags; }

Setup CurrentSetup() { return current; }
void SetCurrentSetup(Setup setup) { current = setup; }

}  // namespace ringspec
