// The time that a synchronous cancel waits for work that a worker is executing.
#include "harness/cases.h"
#include "harness/guard.h"
#include "harness/stuck_write.h"
#include "harness/sync_cancel.h"

namespace ringspec {
namespace {

RING_CASE(SyncCancelRunning, ATimeoutEndsTheWait, .clause = "SYNC-CANCEL-TIMEOUT-01") {
  Ring ring;
  StuckWrite target(ring);

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 50ms), Returns(-ETIME).After(50ms));

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRunning, ATimeoutHasSecondsAndNanoseconds, .clause = "SYNC-CANCEL-TIMEOUT-01") {
  Ring ring;
  StuckWrite target(ring);

  // No longer than it has to be: a worker that is to stop and cannot spins.
  constexpr Duration kLimit = 1s + 100ms + 900us;
  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), kLimit), Returns(-ETIME).After(kLimit));

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRunning, EachCallHasATimeoutOfItsOwn, .clause = "SYNC-CANCEL-TIMEOUT-01") {
  Ring ring;
  StuckWrite target(ring);

  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 50ms), Returns(-ETIME).After(50ms));
  }

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRunning, ATimeoutOfZeroDoesNotWait, .clause = "SYNC-CANCEL-TIMEOUT-02") {
  Ring ring;
  StuckWrite target(ring);

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 0s), Returns(-ETIME).AtOnce());

  target.ExpectItToComplete();
}

// Only both fields together mean that there is no limit.
void ExpectNoWait(const __kernel_timespec& timeout) {
  Ring ring;
  StuckWrite target(ring);
  uapi::SyncCancelReg argument = SyncCancelArgument(Cancel(kTarget));
  argument.timeout = timeout;
  const WakeUp watchdog(Now() + 5s);

  EXPECT_THAT(SyncCancel(ring, argument), Returns(-ETIME).AtOnce());

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRunning, SecondsOfMinusOneAloneAreALimit, .clause = "SYNC-CANCEL-TIMEOUT-03") {
  ExpectNoWait({-1, 0});
}

RING_CASE(SyncCancelRunning, NanosecondsOfMinusOneAloneAreALimit,
          .clause = "SYNC-CANCEL-TIMEOUT-03") {
  ExpectNoWait({0, -1});
}

RING_CASE(SyncCancelRunning, WhereNothingRunsTheTimeoutDoesNotMatter,
          .clause = "SYNC-CANCEL-TIMEOUT-04") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 0s), Returns(0));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ECANCELED)));
}

// The limit does not depend on how the target was selected.
void ExpectALimitFor(Request (*cancel)(const StuckWrite& target)) {
  Ring ring;
  StuckWrite target(ring);

  EXPECT_THAT(SyncCancel(ring, cancel(target), 50ms), Returns(-ETIME).After(50ms));

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRunning, ATimeoutEndsAWaitByDescriptor, .clause = "SYNC-CANCEL-TIMEOUT-01") {
  ExpectALimitFor([](const StuckWrite& target) -> Request { return Cancel().Fd(target.fd()); });
}

RING_CASE(SyncCancelRunning, ATimeoutEndsAWaitByOpcode, .clause = "SYNC-CANCEL-TIMEOUT-05") {
  ExpectALimitFor([](const StuckWrite&) -> Request { return Cancel().Opcode(IORING_OP_WRITE); });
}

RING_CASE(SyncCancelRunning, AVainCallLeavesTheNextItsTimeout, .clause = "SYNC-CANCEL-TIMEOUT-01") {
  Ring ring;
  StuckWrite target(ring);
  EXPECT_THAT(SyncCancel(ring, Cancel(kNobody), 50ms), Returns(-ENOENT).AtOnce());

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 50ms), Returns(-ETIME).After(50ms));

  target.ExpectItToComplete();
}

// Whether a signal ends a call is another clause's matter.
RING_CASE(SyncCancelRunning, ASignalLeavesTheNextCallItsTimeout,
          .clause = "SYNC-CANCEL-TIMEOUT-01") {
  Ring ring;
  StuckWrite target(ring);
  {
    const WakeUp signal(Now() + 20ms);
    EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 40ms), Returns(AnyOf(-EINTR, -ETIME)));
  }

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 50ms), Returns(-ETIME).After(50ms));

  target.ExpectItToComplete();
}

}  // namespace
}  // namespace ringspec
