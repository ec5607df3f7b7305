#include "harness/guest/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "harness/deadline.h"
#include "harness/guest/guest.h"
#include "harness/guest/shared_memory.h"

namespace ringspec {
namespace {

// A task that does not die of SIGKILL within this time is stuck in the kernel.
constexpr Duration kDeathAgony = 2s;
constexpr size_t kLongestLastWords = 4096;
constexpr size_t kLongestStack = 8192;
constexpr size_t kLongestRings = 6144;

// The end of whatever a child writes, however much that is.
class LastWords {
 public:
  explicit LastWords(int fd) : fd_(fd) {}

  void Read() {
    std::array<char, 4096> buffer;
    for (ssize_t got; (got = read(fd_, buffer.data(), buffer.size())) > 0;) {
      text_.append(buffer.data(), static_cast<size_t>(got));
      if (text_.size() > kLongestLastWords) text_.erase(0, text_.size() - kLongestLastWords);
      if (static_cast<size_t>(got) < buffer.size()) break;
    }
  }

  const std::string& text() const { return text_; }

 private:
  int fd_;
  std::string text_;
};

std::string Slurp(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string WhereItIsStuck(pid_t pid) {
  std::string text;
  std::error_code ignored;
  const std::filesystem::path tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, ignored)) {
    const std::string status = Slurp(task.path() / "status");
    const size_t state = status.find("State:");
    text += "task " + task.path().filename().string() + " " + Slurp(task.path() / "comm") +
            status.substr(std::min(state, status.size()), status.find('\n', state) - state) +
            "\nsyscall: " + Slurp(task.path() / "syscall") +
            "wchan: " + Slurp(task.path() / "wchan") + "\n" + Slurp(task.path() / "stack");
    if (text.size() > kLongestStack) break;
  }
  return text.substr(0, kLongestStack);
}

// What the kernel shows of a process's rings (fs/proc/fd.c, io_uring/fdinfo.c): it takes no lock
// that a stuck task might hold.
std::string ItsRings(pid_t pid) {
  std::string text;
  std::error_code ignored;
  const std::filesystem::path process = "/proc/" + std::to_string(pid);
  for (const auto& fd : std::filesystem::directory_iterator(process / "fd", ignored)) {
    if (std::filesystem::read_symlink(fd.path(), ignored) != "anon_inode:[io_uring]") continue;
    const std::string number = fd.path().filename().string();
    text += "ring, descriptor " + number + ":\n" + Slurp(process / "fdinfo" / number);
    if (text.size() > kLongestRings) break;
  }
  return text.substr(0, kLongestRings);
}

// The status of waitpid if the child ends within `limit`.
std::optional<int> AwaitEnd(pid_t pid, int pidfd, int stderr_fd, LastWords& words, Duration limit,
                            LatenessWatch* lateness = nullptr) {
  Deadline deadline(limit, pid);
  std::array<pollfd, 2> fds{{{pidfd, POLLIN, 0}, {stderr_fd, POLLIN, 0}}};
  while (!deadline.Passed()) {
    const TimePoint begin = Now();
    // Never below zero, which poll(2) takes for ever: the deadline may have passed meanwhile.
    const auto left = std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline.at() - begin),
                               std::chrono::milliseconds(0));
    const auto wait = lateness != nullptr ? std::min(left, LatenessWatch::kEvery) : left;
    const int ready = poll(fds.data(), fds.size(), static_cast<int>(wait.count()));
    if (ready == 0 && lateness != nullptr) lateness->Saw(Now() - begin - wait);
    if ((fds[1].revents & POLLIN) != 0) words.Read();
    int status = 0;
    if ((fds[0].revents & POLLIN) != 0 && waitpid(pid, &status, WNOHANG) == pid) return status;
  }
  return std::nullopt;
}

void BuryTheDead() {
  while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
}

// In a guest everything but init and ourselves is a leftover, and an orphan is a child of ours; on
// a host, the child's process group is.
void KillLeftovers(pid_t child) {
  BuryTheDead();
  if (InGuest() && waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD) return;
  kill(InGuest() ? -1 : -child, SIGKILL);
  BuryTheDead();
}

[[noreturn]] void BeTheChild(int stderr_fd, const std::function<void()>& body) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  dup2(stderr_fd, STDERR_FILENO);
  body();
  _exit(0);
}

}  // namespace

ChildEnd RunInChild(Duration limit, const std::function<void()>& body,
                    const ChildOptions& options) {
  std::array<int, 2> pipe_fds{};
  if (pipe2(pipe_fds.data(), O_CLOEXEC | O_NONBLOCK) != 0) std::abort();
  // Here for as long as the child may be: it uses this very memory.
  const std::function<void()> be_the_child = [&] { BeTheChild(pipe_fds[1], body); };
  const pid_t pid = options.shares_memory ? CloneIntoThisMemory(be_the_child) : fork();
  if (pid == 0) be_the_child();
  if (pid < 0) {  // Never on: to kill(2) it would be everybody.
    std::perror("ringspec: cannot start a child");
    std::abort();
  }

  ChildEnd end;
  LastWords words(pipe_fds[0]);
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  std::optional<int> status = AwaitEnd(pid, pidfd, pipe_fds[0], words, limit, options.lateness);
  if (!status) {
    end.way = ChildEnd::Way::kHung;
    end.stuck_where =
        WhereItIsStuck(pid) + ItsRings(pid) + (options.on_hang ? options.on_hang() : "");
    kill(pid, SIGKILL);
    status = AwaitEnd(pid, pidfd, pipe_fds[0], words, kDeathAgony);
    words.Read();
    end.last_words = status ? "it died of SIGKILL" : "it does not die of SIGKILL";
  } else {
    words.Read();
    end.way = WIFSIGNALED(*status) ? ChildEnd::Way::kSignaled : ChildEnd::Way::kExited;
    end.status = WIFSIGNALED(*status) ? WTERMSIG(*status) : WEXITSTATUS(*status);
    end.last_words = words.text();
  }
  KillLeftovers(pid);
  close(pidfd);
  // Not before: the last writer's end would wake us up once more, in the middle of the child's.
  for (const int end_of_pipe : pipe_fds) close(end_of_pipe);
  return end;
}

std::string ChildEnd::Describe() const {
  const std::string words = last_words.empty() ? "" : ": " + last_words;
  switch (way) {
    case Way::kHung:
      return "did not return" + words;
    case Way::kSignaled:
      return std::string("killed by SIG") + sigabbrev_np(status) + words;
    case Way::kExited:
      break;
  }
  return "exited with status " + std::to_string(status) + words;
}

}  // namespace ringspec
