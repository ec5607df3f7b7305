// Waits and signals.
#include "harness/cases.h"
#include "harness/guard.h"

namespace ringspec {
namespace {

volatile std::sig_atomic_t handled = 0;

// SIGUSR1, blocked and pending: it arrives as soon as somebody lets it.
void MakeSignalPending() {
  handled = 0;
  struct sigaction action {};
  action.sa_handler = [](int) { handled = handled + 1; };
  sigaction(SIGUSR1, &action, nullptr);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  raise(SIGUSR1);
}

bool IsBlocked(int signal) {
  sigset_t current;
  pthread_sigmask(SIG_SETMASK, nullptr, &current);
  return sigismember(&current, signal) == 1;
}

RING_CASE(WaitSignal, ASignalEndsAWaitWithEINTR, .clause = "WAIT-SIG-EINTR-01") {
  Ring ring;
  const TimePoint due = Now() + 50ms;
  const WakeUp alarm(due);

  EXPECT_THAT(EnterAndWait(ring, Wait(1)), Returns(-EINTR).DueAt(due));
}

RING_CASE(WaitSignal, TheMaskHoldsForTheWaitAndNoLonger, .clause = "WAIT-EXT-SIG-01") {
  Ring ring;
  MakeSignalPending();
  sigset_t none;
  sigemptyset(&none);

  const Completion returned = EnterAndWait(ring, Wait(1).For(20s).Mask(none));

  EXPECT_THAT(returned, Returns(-EINTR).AtOnce());
  EXPECT_EQ(handled, 1);
  EXPECT_TRUE(IsBlocked(SIGUSR1));
}

RING_CASE(WaitSignal, AMaskNeedsNoLimitBesideIt, .clause = "WAIT-EXT-SIG-01") {
  Ring ring;
  MakeSignalPending();
  sigset_t none;
  sigemptyset(&none);

  EXPECT_THAT(EnterAndWait(ring, Wait(1).Mask(none)), Returns(-EINTR).AtOnce());
  EXPECT_EQ(handled, 1);
}

RING_CASE(WaitSignal, AMaskMayBeTheWholeArgument, .clause = "WAIT-SIG-MASK-01") {
  Ring ring;
  MakeSignalPending();
  sigset_t none;
  sigemptyset(&none);
  const WakeUp alarm(Now() + 1s);

  const Completion returned = Call(
      "wait", [&] { return ring.Enter(0, 1, IORING_ENTER_GETEVENTS, &none, uapi::kSigsetSize); });

  EXPECT_THAT(returned, Returns(-EINTR).AtOnce());
  EXPECT_EQ(handled, 1);
  EXPECT_TRUE(IsBlocked(SIGUSR1));
}

RING_CASE(WaitSignal, AMaskKeepsASignalFromEndingTheWait, .clause = "WAIT-EXT-SIG-01") {
  Ring ring;
  MakeSignalPending();
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms).Mask(blocked)), Returns(-ETIME).After(50ms));
  EXPECT_EQ(handled, 0);
}

RING_CASE(WaitSignal, AMaskLeavesAPointInTimeAsItIs, .clause = "WAIT-ABS-01") {
  Ring ring;
  sigset_t none;
  sigemptyset(&none);
  const TimePoint due = Now() + 50ms;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).Until(due).Mask(none)), Returns(-ETIME).DueAt(due));
}

RING_CASE(WaitSignal, TheMaskIsRestoredAfterACompletion, .clause = "WAIT-EXT-SIG-02") {
  Ring ring;
  sigset_t all;
  sigfillset(&all);
  ring.Submit(Timeout(50ms).Tag(kTimeout));

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(20s).Mask(all)), Returns(0));
  EXPECT_FALSE(IsBlocked(SIGUSR2));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(WaitSignal, TheMaskIsRestoredAfterTheLimit, .clause = "WAIT-EXT-SIG-01") {
  Ring ring;
  sigset_t all;
  sigfillset(&all);

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms).Mask(all)), Returns(-ETIME).After(50ms));
  EXPECT_FALSE(IsBlocked(SIGUSR2));
}

RING_CASE(WaitSignal, TheMaskIsRestoredAfterABadTimespec, .clause = "WAIT-EXT-SIG-01") {
  Ring ring;
  sigset_t all;
  sigfillset(&all);

  EXPECT_THAT(EnterAndWait(ring, Wait(1).Timespec(reinterpret_cast<const void*>(1)).Mask(all)),
              Returns(-EFAULT));
  EXPECT_FALSE(IsBlocked(SIGUSR2));
}

RING_CASE(WaitSignal, EverySignalEndsItsWait, .clause = "WAIT-SIG-EINTR-01") {
  Ring ring;

  for (int i = 0; i < 3; ++i) {
    const TimePoint due = Now() + 50ms;
    const WakeUp alarm(due);
    EXPECT_THAT(EnterAndWait(ring, Wait(1)), Returns(-EINTR).DueAt(due));
  }
}

RING_CASE(WaitSignal, ACompletionThatIsThereIsNotHiddenByASignal, .clause = "WAIT-SIG-EINTR-02") {
  Ring ring;
  ring.Submit(Nop().Tag(kTarget));
  const TimePoint due = Now() + 50ms;
  const WakeUp alarm(due);

  EXPECT_THAT(EnterAndWait(ring, Wait(2)), Returns(0).DueAt(due));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0)));
}

}  // namespace
}  // namespace ringspec
