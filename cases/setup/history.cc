// What a ring has done before changes nothing about its timers.
#include "harness/cases.h"

namespace ringspec {
namespace {

// A cancel, a removal and an update, each with its target.
void DoAndReap(Ring& ring, const Pipe& pipe) {
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), Timeout(20s).Tag(kNext),
              Timeout(20s).Tag(kLast));
  const TimePoint due = Now();
  ring.Submit(Cancel(kTarget).Tag(kCancel), TimeoutRemove(kNext).Tag(kRemove),
              TimeoutUpdate(kLast, 0s).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(6),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kRemove, 0), Completes(kNext, -ECANCELED),
                                   Completes(kUpdate, 0), Completes(kLast, -ETIME).DueAt(due)));
}

RING_CASE(SetupHistory, TimeoutsAreOnTime, .clause = "SETUP-HISTORY-01") {
  Ring ring;
  const Pipe pipe;
  DoAndReap(ring, pipe);

  ring.Submit(Timeout(50ms).Tag(kTimeout), Timeout(20s).Tag(kBystander));
  const TimePoint due = Now() + 60ms;
  ring.Submit(TimeoutUpdate(kBystander, 60ms).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTimeout, -ETIME).After(50ms),
                                                 Completes(kUpdate, 0).AtOnce(),
                                                 Completes(kBystander, -ETIME).DueAt(due)));
}

RING_CASE(SetupHistory, ALinkTimeoutIsOnTime, .clause = "SETUP-HISTORY-01") {
  Ring ring;
  const Pipe pipe;
  DoAndReap(ring, pipe);

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms).Link(),
              Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms),
                                                 Completes(kNext, -ECANCELED)));
}

RING_CASE(SetupHistory, AWaitIsOnTime, .clause = "SETUP-HISTORY-02") {
  Ring ring;
  const Pipe pipe;
  DoAndReap(ring, pipe);

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms)), Returns(-ETIME).After(50ms));
}

RING_CASE(SetupHistory, AWaitBesideAPendingTimeoutIsOnTime, .clause = "SETUP-HISTORY-02") {
  Ring ring;
  ring.Submit(Timeout(150ms).Tag(kTimeout));

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms)), Returns(-ETIME).After(50ms));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(150ms)));
}

}  // namespace
}  // namespace ringspec
