#include "harness/workers.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "harness/clock.h"
#include "harness/deadline.h"
#include "harness/error.h"
#include "harness/ring.h"
#include "harness/uapi.h"

namespace ringspec {
namespace {

std::string FirstWord(const std::filesystem::path& file) {
  std::string word;
  std::ifstream(file) >> word;
  return word;
}

bool IsAsleep(const std::filesystem::path& task) {
  std::string stat;
  std::getline(std::ifstream(task / "stat") >> std::ws, stat);
  const std::size_t state = stat.rfind(") ");  // pid (comm) state ...
  return state != std::string::npos && stat.substr(state + 2, 1).find_first_of("SD") == 0;
}

// The kernel function in which a task sleeps.  Up to 5.15 wchan may not know: it looks for frame
// pointers where there are none; the stack, which only root may read, is the same without.
std::string WhereItSleeps(const std::filesystem::path& task) {
  std::string function = FirstWord(task / "wchan");
  if (function.empty() || function == "0") {
    std::string address;
    function.clear();
    std::ifstream(task / "stack") >> address >> function;
  }
  return function;
}

enum class WorkerState { kNoWorker, kRunning, kIdle, kBlocked };

// A worker without work sleeps in io_wq_worker() (io_wqe_worker() up to 5.18).
WorkerState StateOf(const std::filesystem::path& task) {
  if (!FirstWord(task / "comm").starts_with("iou-wrk")) return WorkerState::kNoWorker;
  const std::string where = IsAsleep(task) ? WhereItSleeps(task) : "";
  if (where.empty()) return WorkerState::kRunning;
  return where.find("worker") != std::string::npos ? WorkerState::kIdle : WorkerState::kBlocked;
}

int WorkersThatAre(WorkerState state) {
  int count = 0;
  std::error_code gone;  // A worker may exit between listing and reading.
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", gone)) {
    if (StateOf(task.path()) == state) ++count;
  }
  return count;
}

bool WaitForWorkers(int count, WorkerState state) {
  Deadline deadline(CurrentTiming().give_up);
  // A look costs more than the wait for the next: who has waited for long is told a little later.
  for (long pause_ns = 200'000; WorkersThatAre(state) < count;
       pause_ns = std::min(pause_ns * 5 / 4, 10'000'000L)) {
    if (deadline.Passed()) return false;
    const timespec pause{0, pause_ns};
    nanosleep(&pause, nullptr);
  }
  return true;
}

}  // namespace

bool WorkersAreBlocked(int count) { return WaitForWorkers(count, WorkerState::kBlocked); }
bool WorkersAreIdle(int count) { return WaitForWorkers(count, WorkerState::kIdle); }

testing::Matcher<int> Interrupted() {
  constexpr int kRestartSys = 512;
  return testing::AnyOf(-EINTR, -ECANCELED, -kRestartSys);
}

void LimitToOneWorker(Ring& ring) {
  std::array<unsigned, 2> limits{1, 1};
  const int result = ring.Register(IORING_REGISTER_IOWQ_MAX_WORKERS, limits.data(), 2);
  if (result < 0) throw SetupError("IORING_REGISTER_IOWQ_MAX_WORKERS", -result);
}

}  // namespace ringspec
