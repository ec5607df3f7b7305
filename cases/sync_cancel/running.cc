// A synchronous cancel of work that a worker is executing waits for its end.
#include <thread>

#include "harness/cases.h"
#include "harness/guard.h"
#include "harness/pass_time.h"
#include "harness/sync_cancel.h"

namespace ringspec {
namespace {

RING_CASE(SyncCancelRunning, TheCallReturnsOnceTheTargetHasEnded, .clause = "SYNC-CANCEL-WAIT-01") {
  Ring ring;
  const Pipe from, to;
  ring.Submit(Splice(from.read_end(), to.write_end()).Tag(kTarget));
  ASSERT_TRUE(WorkersAreBlocked(1));

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget)), Returns(0));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, Interrupted())));
}

RING_CASE(SyncCancelRunning, TheTargetHasCompletedWhenTheCallReturns,
          .clause = "SYNC-CANCEL-WAIT-02") {
  Ring ring;
  const Pipe from, to;
  ring.Submit(Splice(from.read_end(), to.write_end()).Tag(kTarget));
  ASSERT_TRUE(WorkersAreBlocked(1));

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 5s), Returns(0));
  ring.GetEvents();

  EXPECT_THAT(ring.ArrivedAtReturn(), ElementsAre(Completes(kTarget, Interrupted())));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, Interrupted())));
}

RING_CASE(SyncCancelRunning, AllCountsWhatItInterrupts, .clause = "SYNC-CANCEL-WAIT-COUNT-01") {
  Ring ring;
  const Pipe from, to;
  ring.Submit(Splice(from.read_end(), to.write_end()).Tag(kTarget),
              Splice(from.read_end(), to.write_end()).Tag(kTarget));
  ASSERT_TRUE(WorkersAreBlocked(2));

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget).All(), 5s), Returns(2));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, Interrupted()),
                                                 Completes(kTarget, Interrupted())));
}

// A write that a worker is executing and that nothing interrupts until its page is released.
class StuckWrite {
 public:
  explicit StuckWrite(Ring& ring) : ring_(ring) {
    ring.Submit(Write(pipe_.write_end())
                    .With([this](uapi::Sqe& sqe) { sqe.addr = page_.address(); })
                    .Async()
                    .Tag(kTarget));
    if (!page_.SomebodyIsStuck()) throw SetupError("a write from a stuck page", ETIME);
  }

  // Returns when that was.
  TimePoint ReleaseAfter(Duration span) const {
    PassTime(span);
    const TimePoint now = Now();
    page_.Release();
    return now;
  }

  // Lets it go on; it was not canceled.
  void ExpectItToComplete() {
    page_.Release();
    EXPECT_THAT(ring_.Reap(1), ElementsAre(Completes(kTarget, 1)));
  }

 private:
  Ring& ring_;
  const Pipe pipe_;
  const StuckPage page_;
};

RING_CASE(SyncCancelRunning, TheCallWaitsForATargetThatTakesItsTime,
          .clause = "SYNC-CANCEL-WAIT-01") {
  Ring ring;
  StuckWrite target(ring);
  TimePoint released{};
  std::thread later([&] { released = target.ReleaseAfter(50ms); });

  const Completion call = SyncCancel(ring, Cancel(kTarget));
  later.join();

  EXPECT_THAT(call, Returns(0).DueAt(released));
  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRunning, ATimeoutEndsTheWait, .clause = "SYNC-CANCEL-TIMEOUT-01") {
  Ring ring;
  StuckWrite target(ring);

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 50ms), Returns(-ETIME).After(50ms));

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRunning, ATimeoutHasSecondsAndNanoseconds, .clause = "SYNC-CANCEL-TIMEOUT-01") {
  Ring ring;
  StuckWrite target(ring);

  constexpr Duration kLimit = 1s + 500ms + 900us;
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

RING_CASE(SyncCancelRunning, AllWaitsToo, .clause = "SYNC-CANCEL-WAIT-ALL-01") {
  Ring ring;
  StuckWrite target(ring);

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget).All(), 50ms), Returns(-ETIME).After(50ms));

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRunning, AnyWaitsToo, .clause = "SYNC-CANCEL-WAIT-ALL-01") {
  Ring ring;
  StuckWrite target(ring);

  EXPECT_THAT(SyncCancel(ring, Cancel().Any(), 50ms), Returns(-ETIME).After(50ms));

  target.ExpectItToComplete();
}

RING_CASE(SyncCancelRunning, ASignalEndsTheWait, .clause = "SYNC-CANCEL-SIGNAL-01") {
  Ring ring;
  StuckWrite target(ring);
  const TimePoint due = Now() + 50ms;
  const WakeUp signal(due);

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 5s), Returns(-EINTR).DueAt(due));

  target.ExpectItToComplete();
}

}  // namespace
}  // namespace ringspec
