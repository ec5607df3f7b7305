// The kernel's log as this machine's init sees it: what the kernel complains about while a case
// runs is told with the case, in order, whatever the console shows and however late.
#pragma once

#include <cstdint>
#include <string>

namespace ringspec {

// What /proc/sys/kernel/tainted says: a kernel that has warned or worse is tainted.
std::int64_t Tainted();

class KernelLog {
 public:
  // Without a log (an ordinary user's process) nothing is marked and nothing is seen.
  KernelLog() = default;
  // Complaints from here on.  The log stays open for as long as the process lives.
  static KernelLog Open();

  bool IsOpen() const { return fd_ >= 0; }
  // "ringspec begin 17 Suite.Name default", for readers of the log.  At level "info" a quietly
  // booted kernel does not print it: a console costs the emulator more than most cases do.
  void Mark(const std::string& what) const;
  // Every line of level "warning" or worse since the last time, the oldest first.
  std::string TakeComplaints() const { return Take(kWarning); }
  // What the kernel says about the tasks that sleep uninterruptibly (SysRq w).
  std::string BlockedTasks() const;

 private:
  static constexpr int kWarning = 4;
  static constexpr int kDebug = 7;

  // Every line of this level or worse since the last time.
  std::string Take(int level) const;

  int fd_ = -1;
};

}  // namespace ringspec
