#include "harness/ring_exit.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <map>
#include <string_view>
#include <thread>
#include <vector>

namespace ringspec {
namespace {

// A ring with nothing left in it goes after an RCU grace period, one or two ticks.
constexpr Duration kBetweenLooks = 10ms;

std::string Slurp(const std::string& path) {
  std::string text;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::array<char, 4096> piece;
  for (ssize_t got; file >= 0 && (got = read(file, piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<size_t>(got));
  }
  if (file >= 0) close(file);
  return text;
}

// The children of kthreadd (CONFIG_PROC_CHILDREN; a kernel without it shows none).
std::vector<int> KernelThreads() {
  const std::string text = Slurp("/proc/2/task/2/children");
  std::vector<int> threads;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; ++at) {
    int pid = 0;
    at = std::from_chars(at, end, pid).ptr;
    if (pid != 0) threads.push_back(pid);
  }
  return threads;
}

// Closing rings is work for the unbound pools, "kworker/u4:1".  A worker is one for life, and most
// kernel threads are none.
bool IsUnboundWorker(int pid) {
  static std::map<int, bool> known;
  const auto [entry, is_new] = known.try_emplace(pid);
  if (is_new)
    entry->second = Slurp("/proc/" + std::to_string(pid) + "/comm").starts_with("kworker/u");
  return entry->second;
}

// Where the workers are that close a ring at this moment.
std::string ClosingRings() {
  std::string stacks;
  for (const int pid : KernelThreads()) {
    if (!IsUnboundWorker(pid)) continue;
    const std::string task = "/proc/" + std::to_string(pid);
    const std::string name = Slurp(task + "/comm");
    // wq_worker_comm(): "+iou_exit" while it works, "-iou_exit" when it has.
    if (name.find('+') == std::string::npos) continue;
    const std::string stack = Slurp(task + "/stack");
    if (stack.find("io_ring_exit_work") != std::string::npos) stacks += name + stack;
  }
  return stacks;
}

}  // namespace

std::string RingsThatStay() {
  const TimePoint last = Now() + kTeardownBound;
  std::string closing;
  do {
    std::this_thread::sleep_for(kBetweenLooks);
    closing = ClosingRings();
  } while (!closing.empty() && Now() < last);
  return closing;
}

}  // namespace ringspec
