#include "harness/guard.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "harness/error.h"
#include "harness/request.h"

namespace ringspec {
namespace {

// Between the check of a deadline and the system call the signal finds nobody: so it repeats.
constexpr Duration kAgain = 10ms;

int WakeUpSignal() { return SIGRTMIN + 3; }

// Of the program, and so of each process of it: not in the memory of one, which others may share.
[[maybe_unused]] const bool installed = [] {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_RESTART;  // A call that ends with a restart code shows by going on.
  return sigaction(WakeUpSignal(), &action, nullptr) == 0;
}();

timespec ToPlainTimespec(Duration value) {
  const __kernel_timespec time = ToTimespec(value);
  return {static_cast<time_t>(time.tv_sec), static_cast<long>(time.tv_nsec)};
}

}  // namespace

WakeUp::WakeUp(TimePoint deadline) {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = WakeUpSignal();
  event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
  Must("timer_create", timer_create(CLOCK_MONOTONIC, &event, &timer_));
  const itimerspec when{ToPlainTimespec(kAgain), ToPlainTimespec(deadline)};
  timer_settime(timer_, TIMER_ABSTIME, &when, nullptr);
}

WakeUp::~WakeUp() { timer_delete(timer_); }

}  // namespace ringspec
