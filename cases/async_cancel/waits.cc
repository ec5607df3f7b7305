// Targets that wait for a futex or a child.
#include <cstring>

#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelFutex, AWaitEndsWithECANCELEDAndWaitsNoMore, .clause = "CANCEL-FUTEX-01") {
  Ring ring;
  const Futex futex;
  ring.Submit(FutexWait(futex).Tag(kTarget), FutexWait(futex).Tag(kBystander));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, AnyOf(0, 1)),
                                                 Completes(kTarget, -ECANCELED)));

  EXPECT_EQ(futex.Wake(), 1) << "of two waiters one was canceled";
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, 0)));
}

RING_CASE(AsyncCancelFutex, OneWaitOfSeveralIsTaken, .clause = "CANCEL-FUTEX-01") {
  Ring ring;
  const Futex futex;
  ring.Submit(FutexWait(futex).Tag(kTarget), FutexWait(futex).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, AnyOf(0, 1)),
                                                 Completes(kTarget, -ECANCELED)));

  EXPECT_EQ(futex.Wake(), 1) << "of two waiters one was canceled";
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0)));
}

RING_CASE(AsyncCancelFutex, AVectoredWaitEndsOnceAndWaitsForNoneOfThem,
          .clause = "CANCEL-FUTEXV-01") {
  Ring ring;
  const Futex first, second;
  ring.Submit(FutexWaitV({&first, &second}).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, AnyOf(0, 1)),
                                                 Completes(kTarget, -ECANCELED)));
  EXPECT_EQ(first.Wake(), 0);
  EXPECT_EQ(second.Wake(), 0);
}

RING_CASE(AsyncCancelWaitid, TheChildCanStillBeWaitedFor, .clause = "CANCEL-WAITID-01") {
  Child child;
  Ring ring;
  ring.Submit(WaitId(child.pid()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, AnyOf(0, 1)),
                                                 Completes(kTarget, -ECANCELED)));
  child.Exit();
  EXPECT_TRUE(child.Collect()) << "somebody else has waited for the child";
}

// Nothing is known about the child: all zero, or what was there before.
RING_CASE(AsyncCancelWaitid, NothingIsStoredAboutTheChild, .clause = "CANCEL-WAITID-INFO-01") {
  const Child child;
  Ring ring;
  siginfo_t info, before, zero{};
  std::memset(&info, 0x5a, sizeof(info));
  before = info;
  ring.Submit(WaitId(child.pid(), &info).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, AnyOf(0, 1)),
                                                 Completes(kTarget, -ECANCELED)));
  const auto same = [&info](const siginfo_t& other) {
    return info.si_signo == other.si_signo && info.si_errno == other.si_errno &&
           info.si_code == other.si_code && info.si_pid == other.si_pid &&
           info.si_uid == other.si_uid && info.si_status == other.si_status;
  };
  EXPECT_TRUE(same(zero) || same(before)) << "pid " << info.si_pid << ", code " << info.si_code;
}

}  // namespace
}  // namespace ringspec
