// An update beside what surrounds it: the timeout's chain and flags, its expiry, its own chain.
#include "harness/cases.h"

namespace ringspec {
namespace {

constexpr Duration kNew = 50ms;

RING_CASE(TimeoutUpdating, TheSoftChainBehindTheTimeoutFailsAtTheNewExpiry,
          .clause = "TIMEOUT-UPDATE-UD-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout).Link(), Nop().Tag(kNext));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due),
                                   Completes(kNext, -ECANCELED).DueAt(due)));
}

RING_CASE(TimeoutUpdating, AHardLinkOfTheTimeoutStaysHard, .clause = "TIMEOUT-UPDATE-UD-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout).HardLink(), Nop().Tag(kNext));

  const Request update = TimeoutUpdate(kTimeout, kNew).Tag(kUpdate);
  const TimePoint due = Now() + kNew;
  ring.Submit(update);

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due),
                                   Completes(kNext, 0).DueAt(due)));
}

RING_CASE(TimeoutUpdating, EtimeSuccessOfTheTimeoutIsKept, .clause = "TIMEOUT-UPDATE-UD-01") {
  Ring ring;
  ring.Submit(Timeout(20s).EtimeSuccess().Tag(kTimeout).Link(), Nop().Tag(kNext));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due),
                                   Completes(kNext, 0).DueAt(due)));
}

RING_CASE(TimeoutUpdating, OneThatMayBeSilentIsUpdatedAndReported,
          .clause = "TIMEOUT-UPDATE-SKIP-01") {
  Ring ring;
  ring.Submit(Timeout(20s).SkipSuccess().Tag(kTimeout));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, ASuccessfulUpdateMayBeSilent, .clause = "TIMEOUT-UPDATE-SKIP-02") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, kNew).SkipSuccess().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, AVainUpdateIsReported, .clause = "TIMEOUT-UPDATE-SKIP-02") {
  Ring ring;

  ring.Submit(TimeoutUpdate(kNobody, kNew).SkipSuccess().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, -ENOENT)));
}

// Behind a poll, before a no-op; `link` is IOSQE_IO_LINK or IOSQE_IO_HARDLINK.
void ExpectAnUpdateToRunInItsTurn(unsigned link) {
  const auto linked = [link](uapi::Sqe& sqe) { sqe.flags |= link; };
  Ring ring;
  const Pipe pipe;
  ring.Submit(Timeout(20s).Tag(kTimeout));
  ring.Submit(PollAdd(pipe.read_end()).Tag(kHead).With(linked),
              TimeoutUpdate(kTimeout, kNew).Tag(kUpdate).With(linked), Nop().Tag(kNext));
  ring.Submit(Timeout(50ms).Tag(kBystander));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, -ETIME).After(50ms)));

  const TimePoint due = Now() + kNew;
  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kHead, POLLIN), Completes(kUpdate, 0),
                                   Completes(kNext, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(TimeoutUpdating, AnUpdateInAChainRunsInItsTurn, .clause = "TIMEOUT-UPDATE-ASYNC-01") {
  ExpectAnUpdateToRunInItsTurn(IOSQE_IO_LINK);
}

RING_CASE(TimeoutUpdating, AnUpdateInAHardChainRunsInItsTurn, .clause = "TIMEOUT-UPDATE-ASYNC-01") {
  ExpectAnUpdateToRunInItsTurn(IOSQE_IO_HARDLINK);
}

RING_CASE(TimeoutUpdating, AnUpdateInAWorkerUpdates, .clause = "TIMEOUT-UPDATE-ASYNC-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout));

  const TimePoint due = Now() + kNew;
  ring.Submit(TimeoutUpdate(kTimeout, kNew).Async().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTimeout, -ETIME).DueAt(due)));
}

// From shortly before the expiry to shortly after it.
RING_CASE(TimeoutUpdating, AtTheExpiryTheTimeoutStillEndsOnce,
          .clause = "TIMEOUT-UPDATE-EALREADY-01") {
  const Race race{{"updated", UnorderedElementsAre(Completes(kUpdate, 0),
                                                   Completes(kTimeout, -ETIME).After(1ms))},
                  {"gone", UnorderedElementsAre(Completes(kUpdate, -ENOENT),
                                                Completes(kTimeout, -ETIME).After(300us))},
                  {"firing", UnorderedElementsAre(Completes(kUpdate, -EALREADY),
                                                  Completes(kTimeout, -ETIME).After(300us))}};
  Ring ring;
  for (int i = 0; i < kDraws; ++i) {
    const TimePoint act = Now() + 300us + (i - kDraws / 2) * 2us;
    ring.Submit(Timeout(300us).Tag(kTimeout));
    while (Now() < act) continue;
    ring.Submit(TimeoutUpdate(kTimeout, 1ms).Tag(kUpdate));
    race.Draw(ring.Reap(2));
  }
}

}  // namespace
}  // namespace ringspec
