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

// A ring with nothing left in it goes after an RCU grace period, a few ticks.
constexpr Duration kBetweenLooks = 10ms;

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

// Of a short file all, as it is now; empty if it is gone.
std::string FirstBytes(int file) {
  std::array<char, 64> text;
  const ssize_t got = pread(file, text.data(), text.size(), 0);
  return {text.data(), static_cast<size_t>(std::max<ssize_t>(got, 0))};
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

// How many threads there are: "0.00 0.01 0.05 1/66 1234" has 66.
int Threads() {
  static const int file = OpenForGood("/proc/loadavg");
  const std::string text = FirstBytes(file);
  int threads = 0;
  if (const size_t slash = text.find('/'); slash != std::string::npos) {
    std::from_chars(text.data() + slash + 1, text.data() + text.size(), threads);
  }
  return threads;
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

// The threads of the unbound pools, which close rings: "kworker/u4:1".  To look for new ones costs
// more than to look at all that are known, so that is done when the number of threads says so.
class UnboundWorkers {
 public:
  // Those that do something at this moment, with their names.
  std::map<int, std::string> Busy() {
    const int threads = Threads();
    if (threads != threads_ || threads == 0) Find();
    threads_ = threads;
    std::map<int, std::string> busy;
    for (const auto& [pid, file] : files_) {
      if (file == kOther) continue;
      const std::string name = FirstBytes(file);
      if (name.empty()) threads_ = 0;  // It has ended, and another may have begun.
      // wq_worker_comm(): "+iou_exit" while it works, "-iou_exit" when it has.
      if (name.find('+') != std::string::npos) busy[pid] = name;
    }
    return busy;
  }

 private:
  void Find() {
    std::map<int, int> found;
    for (const int pid : KernelThreads()) {
      const auto known = files_.extract(pid);
      found[pid] = known ? known.mapped() : OpenIfUnbound(pid);
    }
    for (const auto& [pid, file] : files_) close(file);
    files_ = std::move(found);
  }

  static int OpenIfUnbound(int pid) {
    const int file = OpenForGood("/proc/" + std::to_string(pid) + "/comm");
    if (FirstBytes(file).starts_with("kworker/u")) return file;
    close(file);
    return kOther;
  }

  // Most kernel threads are none of them, and none becomes one.
  static constexpr int kOther = -1;

  int threads_ = 0;
  std::map<int, int> files_;
};

std::string StackOf(int pid) {
  const int file = OpenForGood("/proc/" + std::to_string(pid) + "/stack");
  std::string stack = Contents(file);
  close(file);
  return stack;
}

// Where the workers are that close a ring at this moment.
std::string ClosingRings() {
  static UnboundWorkers workers;
  std::string stacks;
  for (const auto& [pid, name] : workers.Busy()) {
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
    std::this_thread::sleep_for(kBetweenLooks);
    closing = ClosingRings();
  } while (!closing.empty() && Now() < last);
  return closing;
}

}  // namespace ringspec
