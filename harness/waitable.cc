#include "harness/waitable.h"

#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <csignal>

#include "harness/error.h"

namespace ringspec {

int Futex::Wake() const {
  const long woken = syscall(SYS_futex, word(), FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
  return Must("futex", static_cast<int>(woken));
}

Child::Child() : pid_(Must("fork", fork())) {
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  syscall(SYS_close_range, 0U, ~0U, 0U);  // A ring of ours would not close with us.
  while (true) pause();
}

Child::~Child() {
  // Not collected here: a request that still waits for it gets what it waited for, always.
  if (!collected_) Exit();
}

void Child::Exit() const {
  Must("kill", kill(pid_, SIGKILL));
  siginfo_t info{};
  waitid(P_PID, pid_, &info, WEXITED | WNOWAIT);  // Fails if a request has collected it: fine.
}

bool Child::Collect() {
  collected_ = true;
  return waitpid(pid_, nullptr, 0) == pid_;
}

}  // namespace ringspec
