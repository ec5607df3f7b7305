// The second ring of a process, which is used like the first.
#include "harness/cases.h"
#include "harness/stuck_write.h"
#include "harness/sync_cancel.h"

namespace ringspec {
namespace {

RING_CASE(SetupSecond, ACancelTakesAll, .clause = "SETUP-SECOND-01") {
  const Ring first;
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), Timeout(20s).Tag(kTarget),
              PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(Cancel(kTarget).All().Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 2), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)));
}

RING_CASE(SetupSecond, RemovalsFindTheirTargets, .clause = "SETUP-SECOND-01") {
  const Ring first;
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), Timeout(20s).Tag(kTimeout),
              Timeout(20s).Tag(kNext));

  ring.Submit(PollRemove(kTarget).Tag(kCancel), TimeoutRemove(kTimeout).Tag(kRemove));
  const Request update = TimeoutUpdate(kNext, 50ms).Tag(kUpdate);
  const TimePoint due = Now() + 50ms;
  ring.Submit(update);

  EXPECT_THAT(ring.Reap(6),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kRemove, 0), Completes(kTimeout, -ECANCELED),
                                   Completes(kUpdate, 0), Completes(kNext, -ETIME).DueAt(due)));
}

RING_CASE(SetupSecond, ALinkTimeoutIsOnTimeAndUpdated, .clause = "SETUP-SECOND-01") {
  const Ring first;
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kNext).Link(), LinkTimeout(50ms).Tag(kTimeout).Link(),
              Nop().Tag(kLast));
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(20s).Link(),
              Nop().Tag(kLast));

  const TimePoint due = Now() + 50ms;
  ring.Submit(TimeoutUpdate(kLinkTimeout, 50ms).OfLinkTimeout().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(7),
              UnorderedElementsAre(Completes(kNext, -ECANCELED).After(50ms),
                                   Completes(kTimeout, -ETIME).After(50ms), Completes(kUpdate, 0),
                                   Completes(kTarget, -ECANCELED).DueAt(due),
                                   Completes(kLinkTimeout, -ETIME).DueAt(due),
                                   Completes(kLast, -ECANCELED), Completes(kLast, -ECANCELED)));
}

RING_CASE(SetupSecond, ASynchronousCancelTakesItsTarget, .clause = "SETUP-SECOND-02") {
  const Ring first;
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget)), Returns(0));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)));
}

RING_CASE(SetupSecond, ASynchronousCancelWaitsForItsTime, .clause = "SETUP-SECOND-02") {
  const Ring first;
  Ring ring;
  StuckWrite target(ring);

  EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 50ms), Returns(-ETIME).After(50ms));

  target.ExpectItToComplete();
}

RING_CASE(SetupSecond, AMinimumEndsTheWait, .clause = "SETUP-SECOND-03") {
  const Ring first;
  Ring ring;
  ring.Submit(Nop().Tag(kTarget));

  EXPECT_THAT(EnterAndWait(ring, Wait(2).For(20s).AtLeast(50ms)), Returns(0).After(50ms));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0)));
}

RING_CASE(SetupSecond, AWaitEndsAtItsTime, .clause = "SETUP-SECOND-04") {
  const Ring first;
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms)), Returns(-ETIME).After(50ms));
}

}  // namespace
}  // namespace ringspec
