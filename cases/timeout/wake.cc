// The oldest use of a timeout: it wakes who waits for more completions than will come.
#include <sys/timerfd.h>

#include "harness/cases.h"
#include "harness/guard.h"

namespace ringspec {
namespace {

// Waits in io_uring_enter(2) for `count` completions, and no longer than Reap would.
void WaitFor(Ring& ring, unsigned count) {
  const WakeUp in_vain(Now() + CurrentTiming().give_up);
  ring.Enter(0, count, IORING_ENTER_GETEVENTS, nullptr, 0);
}

RING_CASE(Timeout, AnExpiryWakesAWaitForMoreCompletions, .clause = "TIMEOUT-WAKE-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(Timeout(50ms).Tag(kTimeout), PollAdd(pipe.read_end()).Tag(kBystander));

  WaitFor(ring, 3);
  pipe.Write();

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTimeout, -ETIME).After(50ms),
                                                 Completes(kBystander, POLLIN)));
}

// A descriptor that becomes readable while the task waits.
Descriptor ReadyAt(TimePoint due) {
  const __kernel_timespec time = ToTimespec(due);
  const itimerspec when{{}, {static_cast<time_t>(time.tv_sec), static_cast<long>(time.tv_nsec)}};
  Descriptor timer(Must("timerfd_create", timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)));
  Must("timerfd_settime", timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &when, nullptr));
  return timer;
}

RING_CASE(Timeout, AReachedCountWakesAWaitForMoreCompletions, .clause = "TIMEOUT-WAKE-01") {
  Ring ring;
  Pipe pipe;
  const TimePoint due = Now() + 50ms;
  const Descriptor timer = ReadyAt(due);
  ring.Submit(Timeout(20s).Count(1).Tag(kTimeout), PollAdd(timer.get()).Tag(kEvent),
              PollAdd(pipe.read_end()).Tag(kBystander));

  WaitFor(ring, 4);
  pipe.Write();

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTimeout, 0).DueAt(due),
                                                 Completes(kEvent, POLLIN).DueAt(due),
                                                 Completes(kBystander, POLLIN)));
}

}  // namespace
}  // namespace ringspec
