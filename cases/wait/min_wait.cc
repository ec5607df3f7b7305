// The minimum wait: after it, any number of completions is enough.
#include <thread>

#include "harness/cases.h"
#include "harness/guard.h"
#include "harness/pass_time.h"

namespace ringspec {
namespace {

RING_CASE(WaitAtLeast, OneCompletionIsEnoughAfterTheMinimum, .clause = "WAIT-MIN-01") {
  Ring ring;
  ring.Submit(Nop().Tag(kTarget));

  EXPECT_THAT(EnterAndWait(ring, Wait(4).AtLeast(20ms).For(20s)), Returns(0).After(20ms));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0)));
}

RING_CASE(WaitAtLeast, WithoutOneTheWaitGoesOnToTheFirst, .clause = "WAIT-MIN-02") {
  Ring ring;
  const TimePoint due = Now() + 60ms;
  ring.Submit(Timeout(60ms).Tag(kTimeout));

  EXPECT_THAT(EnterAndWait(ring, Wait(4).AtLeast(20ms).For(20s)), Returns(0).DueAt(due));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(60ms)));
}

// A timeout would end a wait for any number.
RING_CASE(WaitAtLeast, WithoutOneAnyCompletionEndsIt, .clause = "WAIT-MIN-02") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  const TimePoint due = Now() + 60ms;
  std::thread other([&] {
    PassTime(60ms);
    pipe.Write();
  });

  const Completion returned = EnterAndWait(ring, Wait(4).AtLeast(20ms).For(20s));
  other.join();

  EXPECT_THAT(returned, Returns(0).DueAt(due));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(WaitAtLeast, WithoutOneTheWaitGoesOnToItsLimit, .clause = "WAIT-MIN-02") {
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(4).AtLeast(20ms).For(80ms)), Returns(-ETIME).After(80ms));
}

RING_CASE(WaitAtLeast, ACompletionDoesNotStartTheMinimumAnew, .clause = "WAIT-MIN-08") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  std::thread other([&] {
    PassTime(60ms);
    pipe.Write();
  });

  const Completion returned = EnterAndWait(ring, Wait(4).AtLeast(80ms).For(20s));
  other.join();

  EXPECT_THAT(returned, Returns(0).After(80ms));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(WaitAtLeast, ItsLimitMayBeAPointInTime, .clause = "WAIT-MIN-ABS-01") {
  Ring ring;
  const TimePoint due = Now() + 80ms;

  EXPECT_THAT(EnterAndWait(ring, Wait(4).AtLeast(20ms).Until(due)), Returns(-ETIME).DueAt(due));
}

RING_CASE(WaitAtLeast, TheFullCountEndsItBeforeTheMinimum, .clause = "WAIT-MIN-03") {
  Ring ring;
  const TimePoint due = Now() + 30ms;
  ring.Submit(Nop().Tag(kTarget), Timeout(30ms).Tag(kTimeout));

  EXPECT_THAT(EnterAndWait(ring, Wait(2).AtLeast(1s).For(20s)), Returns(0).DueAt(due));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, 0), Completes(kTimeout, -ETIME).After(30ms)));
}

RING_CASE(WaitAtLeast, WithoutALimitTheMinimumIsOne, .clause = "WAIT-MIN-04") {
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).AtLeast(20ms)), Returns(-ETIME).After(20ms));
}

RING_CASE(WaitAtLeast, AShorterLimitWins, .clause = "WAIT-MIN-05") {
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).AtLeast(1s).For(50ms)), Returns(-ETIME).After(50ms));
}

RING_CASE(WaitAtLeast, AnEqualLimitIsAPlainOne, .clause = "WAIT-MIN-05") {
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).AtLeast(50ms).For(50ms)), Returns(-ETIME).After(50ms));
}

RING_CASE(WaitAtLeast, ItsSignalMaskHolds, .clause = "WAIT-MIN-SIG-01") {
  Ring ring;
  sigset_t all;
  sigfillset(&all);
  const WakeUp alarm(Now() + 30ms);

  EXPECT_THAT(EnterAndWait(ring, Wait(1).AtLeast(20ms).For(80ms).Mask(all)),
              Returns(-ETIME).After(80ms));
}

// The poll completes in task work, and posts nothing.
void ExpectWorkNotToEnd(const Wait& wait, Duration limit) {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).SkipSuccess().Tag(kTarget));
  std::thread other([&] {
    PassTime(10ms);
    pipe.Write();
  });

  const Completion returned = EnterAndWait(ring, wait);
  other.join();

  EXPECT_THAT(returned, Returns(-ETIME).After(limit));
}

RING_CASE(WaitAtLeast, WorkWithoutACompletionDoesNotEndIt, .clause = "WAIT-MIN-06") {
  ExpectWorkNotToEnd(Wait(1).AtLeast(20ms).For(80ms), 80ms);
}

// A wait for many leaves the work until the minimum is over.
RING_CASE(WaitAtLeast, WorkThatWasLeftDoesNotEndIt, .clause = "WAIT-MIN-06") {
  ExpectWorkNotToEnd(Wait(4).AtLeast(20ms).For(80ms), 80ms);
}

RING_CASE(WaitAtLeast, EachWaitHasAMinimumOfItsOwn, .clause = "WAIT-MIN-01") {
  Ring ring;

  for (int i = 0; i < 3; ++i) {
    ring.Submit(Nop().Tag(kTarget));
    EXPECT_THAT(EnterAndWait(ring, Wait(4).AtLeast(20ms).For(20s)), Returns(0).After(20ms));
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0)));
  }
}

}  // namespace
}  // namespace ringspec
