#include "harness/guest/ring_exit.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string_view>
#include <thread>
#include <vector>

#include "harness/clock.h"

namespace ringspec {
namespace {

// A ring with nothing left in it goes after an RCU grace period, a few ticks.  In virtual time it
// is the look that costs, in real time the wait for it.
Duration BetweenLooks() { return CurrentTiming().shares_cpus ? 10ms : 50ms; }

// Descriptors that stay open are up here, so that those of a case have the numbers they would have
// without them.
constexpr int kOutOfTheWay = 256;

int OpenForGood(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  const int kept = fcntl(file, F_DUPFD_CLOEXEC, kOutOfTheWay);
  close(file);
  return kept;
}

// All of a file as it is now; empty if it is gone.
std::string Contents(int file) {
  std::string text;
  std::array<char, 4096> piece;
  ssize_t got;
  while ((got = pread(file, piece.data(), piece.size(), static_cast<off_t>(text.size()))) > 0) {
    text.append(piece.data(), static_cast<size_t>(got));
  }
  return text;
}

// The children of kthreadd (CONFIG_PROC_CHILDREN; a kernel without it shows none).
std::vector<int> KernelThreads() {
  static const int file = OpenForGood("/proc/2/task/2/children");
  const std::string text = Contents(file);
  std::vector<int> threads;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; ++at) {
    int pid = 0;
    at = std::from_chars(at, end, pid).ptr;
    if (pid != 0) threads.push_back(pid);
  }
  return threads;
}

// Its name, if this is a thread of the unbound pools, which close rings: "kworker/u4:1".  Most
// kernel threads are none, and none becomes one.
std::string NameOfUnboundWorker(int pid) {
  static std::map<int, int> files;
  const auto [entry, is_new] = files.try_emplace(pid, -1);
  if (is_new) entry->second = OpenForGood("/proc/" + std::to_string(pid) + "/comm");
  if (entry->second < 0) return "";
  std::string name = Contents(entry->second);
  if (name.starts_with("kworker/u")) return name;
  close(entry->second);
  entry->second = -1;
  if (name.empty()) files.erase(entry);  // It has ended; another may get its number.
  return "";
}

std::string StackOf(int pid) {
  const int file = OpenForGood("/proc/" + std::to_string(pid) + "/stack");
  std::string stack = Contents(file);
  close(file);
  return stack;
}

// Where the workers are that close a ring at this moment.
std::string ClosingRings() {
  std::string stacks;
  for (const int pid : KernelThreads()) {
    const std::string name = NameOfUnboundWorker(pid);
    // wq_worker_comm(): "+iou_exit" while it works, "-iou_exit" when it has.
    if (std::ranges::find(name, '+') == name.end()) continue;
    const std::string stack = StackOf(pid);
    if (stack.find("io_ring_exit_work") != std::string::npos) stacks += name + stack;
  }
  return stacks;
}

}  // namespace

std::string RingsThatStay() {
  const TimePoint last = Now() + kTeardownBound;
  std::string closing;
  do {
    std::this_thread::sleep_for(BetweenLooks());
    closing = ClosingRings();
  } while (!closing.empty() && Now() < last);
  return closing;
}

}  // namespace ringspec
