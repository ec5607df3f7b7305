#include "harness/deadline.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "harness/clock.h"
#include "harness/guest/lateness.h"

namespace ringspec {
namespace {

// Another process that never leaves the one processor on which ours may run.
class Rival {
 public:
  Rival() {
    sched_getaffinity(0, sizeof(before_), &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof(one), &one);
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (true) asm volatile("");
  }
  ~Rival() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    sched_setaffinity(0, sizeof(before_), &before_);
  }
  Rival(const Rival&) = delete;
  Rival& operator=(const Rival&) = delete;

 private:
  cpu_set_t before_;
  pid_t pid_;
};

// For as long as it lives, nothing is forgiven because other processes had the processors.
class UnsharedCpus {
 public:
  UnsharedCpus() { CurrentTiming().shares_cpus = false; }
  ~UnsharedCpus() { CurrentTiming().shares_cpus = before_; }
  UnsharedCpus(const UnsharedCpus&) = delete;
  UnsharedCpus& operator=(const UnsharedCpus&) = delete;

 private:
  bool before_ = CurrentTiming().shares_cpus;
};

// Waits for the deadline as one who has work to do; returns how long it took.
Duration Outwait(Duration limit) {
  const TimePoint start = Now();
  Deadline deadline(limit);
  while (!deadline.Passed()) continue;
  return Now() - start;
}

TEST(Deadline, PassesWhenItsTimeHasPassed) { EXPECT_GE(Outwait(10ms), 10ms); }

TEST(Deadline, DoesNotRunWhileAnotherProcessHasTheProcessor) {
  const Rival rival;
  const Duration before = Starved();

  const Duration took = Outwait(50ms);

  EXPECT_GT(Starved(), before);
  EXPECT_GE(took, 50ms + std::min(before, Duration(50ms)));  // Not all of a busy host's.
}

TEST(Deadline, HasAnEndHoweverLongOthersHaveTheProcessor) {
  const Rival rival;
  while (Starved() < 100ms) continue;

  Deadline deadline(10ms);
  const TimePoint start = Now();
  while (!deadline.Passed()) continue;

  EXPECT_LE(deadline.at(), start + 50ms);
}

TEST(Deadline, DoesNotRunWhileTheMachineIsHeldUp) {
  LatenessWatch& watch = LatenessWatch::Begin();
  watch.Saw(1h);  // Before it began.

  Deadline deadline(10ms);
  const TimePoint due = deadline.at();
  watch.Saw(5ms);
  watch.Saw(5ms);
  while (!deadline.Passed()) continue;
  watch.Clear();

  EXPECT_GE(deadline.at(), due + 10ms);
  EXPECT_LE(deadline.at(), due + 40ms);
}

TEST(Deadline, ForgivesNothingInVirtualTime) {
  const Rival rival;
  while (Starved() == Duration{}) continue;
  const UnsharedCpus virtual_time;

  Deadline deadline(10ms);
  const TimePoint due = deadline.at();
  while (!deadline.Passed()) continue;

  EXPECT_EQ(deadline.at(), due);
}

}  // namespace
}  // namespace ringspec
