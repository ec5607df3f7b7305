#include "harness/deadline.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "harness/guest/lateness.h"

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

Deadline::Deadline(Duration limit, pid_t pid)
    : start_(Now()), held_up_before_(HeldUp()), limit_(limit), pid_(pid) {}

bool Deadline::Passed() {
  if (Now() < at()) return false;
  if (CurrentTiming().shares_cpus) {
    const Duration lost = Starved(pid_) + HeldUp() - held_up_before_;
    forgiven_ = std::clamp(lost, Duration{}, kForgivenLimits * limit_);
  }
  return Now() >= at();
}

}  // namespace ringspec
