#include "harness/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <future>
#include <string>
#include <thread>

#include "harness/deadline.h"
#include "harness/error.h"
#include "harness/recorder.h"

namespace ringspec {
namespace {

// cancelation(7) promises that an end does not wait for the natural end of requests; this much is
// generous for everything else that it waits for.
constexpr std::chrono::milliseconds kEndBound = 2s;

// The words on the line between a process and its case.
constexpr char kReady = 'r';
constexpr char kRefused = 'f';
constexpr char kBroken = 'b';
constexpr char kExit = 'e';
constexpr char kExec = 'x';

// One word, or 0 when the line was cut.
char Hear(int line) {
  char word = 0;
  return read(line, &word, 1) == 1 ? word : char{};
}

bool IsReadableInTime(int fd) {
  Deadline deadline(kEndBound);
  pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
  while (!deadline.Passed()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.at() - Now());
    if (poll(&ready, 1, std::max(0, static_cast<int>(left.count()))) == 1) return true;
  }
  return false;
}

void Say(int line, char word) {
  if (write(line, &word, 1) != 1) _exit(1);
}

char RunBody(const std::function<void()>& body) {
  try {
    body();
  } catch (const SetupRefused&) {
    return kRefused;
  } catch (const std::exception& exception) {
    Recorder::Current().Note(exception.what());
    return kBroken;
  }
  return testing::Test::HasFailure() ? kBroken : kReady;
}

[[noreturn]] void BecomeAnotherProgram(int line) {
  fcntl(line, F_SETFD, 0);
  std::string flag = kExecutedFlag + std::to_string(line);
  char name[] = "ringspec-cases";
  char* arguments[] = {name, flag.data(), nullptr};
  char* environment[] = {nullptr};
  execve("/proc/self/exe", arguments, environment);
  _exit(127);
}

[[noreturn]] void BeTheProcess(int line, const std::function<void()>& body) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  Say(line, RunBody(body));
  if (Hear(line) == kExec) BecomeAnotherProgram(line);
  _exit(0);
}

// How long a file may be held by a ring that is closed: a kernel looks again every 50 ms whether
// all requests are gone, and 5.10 to 7.3 took up to 125 ms of virtual time.
Duration ReleaseBound() {
  const Timing& timing = CurrentTiming();
  return timing.shares_cpus ? timing.give_up : 15 * timing.quiet;
}

}  // namespace

Process::Process(const std::function<void()>& body) {
  int lines[2];
  Must("socketpair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, lines));
  pid_ = Must("fork", fork());
  if (pid_ == 0) {
    close(lines[0]);
    BeTheProcess(lines[1], body);
  }
  close(lines[1]);
  line_ = Descriptor(lines[0]);
  switch (Hear(line_.get())) {
    case kReady:
      return;
    case kRefused:
      throw SetupRefused(EINVAL);
    default:
      throw SetupError("a process of the case", EIO);
  }
}

Process::~Process() {
  if (collected_) return;
  kill(pid_, SIGKILL);
  AwaitEnd(0);
}

void Process::Tell(char word) const {
  Must("write", static_cast<int>(write(line_.get(), &word, 1)));
}

// 0 if it ends with this status of waitpid(2).
int Process::AwaitEnd(int wanted_status) {
  const Descriptor pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!IsReadableInTime(pidfd.get())) return -ETIME;
  int status = 0;
  collected_ = waitpid(pid_, &status, 0) == pid_;
  return collected_ && status == wanted_status ? 0 : -EIO;
}

Completion Process::Exit() {
  return Call("exit", [this] {
    Tell(kExit);
    return AwaitEnd(0);
  });
}

Completion Process::Kill() {
  return Call("kill", [this] {
    kill(pid_, SIGKILL);
    return AwaitEnd(SIGKILL);
  });
}

Completion Process::Exec() {
  return Call("exec", [this] {
    Tell(kExec);
    return IsReadableInTime(line_.get()) && Hear(line_.get()) == kReady ? 0 : -ETIME;
  });
}

void InAThreadThatStays(const std::function<void()>& body) {
  std::promise<void> done;
  std::thread([&] {
    try {
      body();
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
    while (true) pause();
  }).detach();
  done.get_future().get();
}

Completion CloseOf(Ring& ring) {
  return Call("close", [&] {
    const TimePoint begin = Now();
    ring.Close();
    return Now() - begin > kEndBound ? -ETIME : 0;
  });
}

bool TheOtherEndIsReleased(int fd) {
  pollfd end{.fd = fd, .events = 0, .revents = 0};
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(ReleaseBound());
  const bool released =
      poll(&end, 1, static_cast<int>(limit.count())) == 1 && (end.revents & (POLLERR | POLLHUP));
  Record("released", released ? "yes" : "no");
  return released;
}

int BeExecuted(int line) {
  Say(line, kReady);
  Hear(line);
  return 0;
}

}  // namespace ringspec
