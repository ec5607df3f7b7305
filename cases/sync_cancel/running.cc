// A synchronous cancel of work that a worker is executing waits for its end.
#include <thread>

#include "harness/cases.h"
#include "harness/guard.h"
#include "harness/stuck_write.h"
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
