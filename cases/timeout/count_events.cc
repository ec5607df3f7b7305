// What is an event for a count timeout, and what is none.
#include "harness/cases.h"
#include "harness/pass_time.h"

namespace ringspec {
namespace {

// Whether the count timeout is still armed is asked by removing it.
void ExpectStillArmed(Ring& ring) {
  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED)));
}

RING_CASE(TimeoutCount, AnExpiryOfAnotherTimeoutIsNoEvent, .clause = "TIMEOUT-COUNT-06") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(2).Tag(kTimeout), Timeout(50ms).Tag(kTarget));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ETIME).After(50ms)));

  ring.Submit(Nop().Tag(kEvent));

  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kEvent, 0)));
  ExpectStillArmed(ring);
}

// A repeating timeout that is armed again must not keep events from one that counts.
RING_CASE(TimeoutCount, AMultishotTimeoutBesideItChangesNothing, .clause = "TIMEOUT-COUNT-14") {
  Ring ring;
  ring.Submit(Timeout(200ms).Multishot().Tag(kTarget), Timeout(20s).Count(2).Tag(kTimeout));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ETIME).More().After(200ms)));

  const TimePoint due = Now();
  ring.Submit(Nop().Tag(kEvent), Nop().Tag(kEvent));
  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kEvent, 0), Completes(kEvent, 0),
                                                 Completes(kTimeout, 0).DueAt(due)));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(TimeoutCount, AnExpiryBeforeTheArmingIsNoEvent, .clause = "TIMEOUT-COUNT-06") {
  Ring ring;
  ring.Submit(Timeout(50ms).Count(100).Tag(kTarget));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ETIME).After(50ms)));

  ring.Submit(Timeout(20s).Count(2).Tag(kTimeout), Nop().Tag(kEvent));
  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kEvent, 0)));

  ring.Submit(Nop().Tag(kEvent));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kEvent, 0), Completes(kTimeout, 0)));
}

RING_CASE(TimeoutCount, AnExpiryThatIsHandledAfterTheArmingIsNoEvent,
          .clause = "TIMEOUT-COUNT-06") {
  Ring ring;
  ring.Submit(Timeout(50ms).Tag(kTarget));
  PassTime(51ms);

  ring.Submit(Timeout(20s).Count(1).Tag(kTimeout));

  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kTarget, -ETIME).After(50ms)));
  ExpectStillArmed(ring);
}

RING_CASE(TimeoutCount, ExpiriesThatAreHandledTogetherReachNoCount, .clause = "TIMEOUT-COUNT-06") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(5).Tag(kTimeout), Timeout(50ms).Tag(kTarget),
              Timeout(50ms).Tag(kTarget));
  PassTime(51ms);

  ring.Submit(Nop().Tag(kEvent));

  EXPECT_THAT(ring.ReapUntilQuiet(),
              UnorderedElementsAre(Completes(kEvent, 0), Completes(kTarget, -ETIME).After(50ms),
                                   Completes(kTarget, -ETIME).After(50ms)));
  ExpectStillArmed(ring);
}

RING_CASE(TimeoutCount, ACanceledTimeoutIsNoEvent, .clause = "TIMEOUT-COUNT-07") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(2).Tag(kTimeout), Timeout(20s).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.ReapUntilQuiet(),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
  ExpectStillArmed(ring);
}

RING_CASE(TimeoutCount, ARemovedTimeoutIsNoEvent, .clause = "TIMEOUT-COUNT-07") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(2).Tag(kTimeout), Timeout(20s).Tag(kTarget));

  ring.Submit(TimeoutRemove(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.ReapUntilQuiet(),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
  ExpectStillArmed(ring);
}

RING_CASE(TimeoutCount, AnotherCountTimeoutThatCompletesIsNoEvent, .clause = "TIMEOUT-COUNT-06") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(2).Tag(kTimeout), Timeout(20s).Count(1).Tag(kTarget));

  ring.Submit(Nop().Tag(kEvent));

  EXPECT_THAT(ring.ReapUntilQuiet(),
              UnorderedElementsAre(Completes(kEvent, 0), Completes(kTarget, 0)));
  ExpectStillArmed(ring);
}

RING_CASE(TimeoutCount, ACancelThatFindsNothingIsOneEvent, .clause = "TIMEOUT-COUNT-08") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(1).Tag(kTimeout));

  ring.Submit(Cancel(kNobody).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kTimeout, 0).AtOnce()));
}

RING_CASE(TimeoutCount, ACancelAndThePollItEndsAreTwoEvents, .clause = "TIMEOUT-COUNT-08") {
  Ring ring;
  Pipe pipe;
  ring.Submit(Timeout(20s).Count(2).Tag(kTimeout), Timeout(20s).Count(3).Tag(kBystander),
              PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.ReapUntilQuiet(),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kTimeout, 0)));
  ring.Submit(Nop().Tag(kEvent));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kEvent, 0), Completes(kBystander, 0)));
}

RING_CASE(TimeoutCount, EachCompletionOfAMultishotPollIsAnEvent, .clause = "TIMEOUT-COUNT-09") {
  Ring ring;
  Pipe pipe;
  ring.Submit(Timeout(20s).Count(3).Tag(kTimeout),
              PollAdd(pipe.read_end()).Multishot().Tag(kTarget));
  for (int event = 0; event < 2; ++event) {
    pipe.Write();
    EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kTarget, POLLIN).More()));
  }

  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, POLLIN).More(), Completes(kTimeout, 0)));
  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(TimeoutCount, ACompletionThatIsSkippedIsNoEvent, .clause = "TIMEOUT-COUNT-10") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(2).Tag(kTimeout));

  ring.Submit(Nop().Tag(kNext).SkipSuccess(), Nop().Tag(kEvent));

  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kEvent, 0)));
  ExpectStillArmed(ring);
}

}  // namespace
}  // namespace ringspec
