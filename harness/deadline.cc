#include "harness/deadline.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace ringspec {
namespace {

// Tasks that spin in turn starve each other for as long as they are let: there is an end to it.
constexpr int kForgivenLimits = 4;

}  // namespace

Duration Starved(pid_t pid) {
  Duration total{};
  std::error_code gone;
  const std::string process = pid == 0 ? "self" : std::to_string(pid);
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + process + "/task", gone)) {
    Duration::rep on_cpu = 0;
    Duration::rep waited = 0;
    if (std::ifstream(task.path() / "schedstat") >> on_cpu >> waited) total += Duration(waited);
  }
  return total;
}

bool Deadline::Passed() {
  if (Now() < at()) return false;
  if (CurrentTiming().shares_cpus) forgiven_ = std::min(Starved(pid_), kForgivenLimits * limit_);
  return Now() >= at();
}

}  // namespace ringspec
