// A timeout that repeats.
#include "harness/cases.h"
#include "harness/pass_time.h"

namespace ringspec {
namespace {

RING_CASE(TimeoutMultishot, RepeatsAsOftenAsItsCountSays, .clause = "TIMEOUT-MSHOT-01") {
  Ring ring;

  ring.Submit(Timeout(50ms).Multishot().Count(3).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(3), ElementsAre(Completes(kTimeout, -ETIME).More().After(50ms),
                                        Completes(kTimeout, -ETIME).More().After(100ms),
                                        Completes(kTimeout, -ETIME).After(150ms)));
}

RING_CASE(TimeoutMultishot, ItsCountMayBeLarge, .clause = "TIMEOUT-MSHOT-01") {
  constexpr int kShots = 300;
  Ring ring;

  ring.Submit(Timeout(200us).Multishot().Count(kShots).Tag(kTimeout));

  // Without times: each shot counts from the one before, and what each is late by adds up.
  std::vector<CompletionMatcher> expected(kShots - 1, Completes(kTimeout, -ETIME).More());
  expected.push_back(Completes(kTimeout, -ETIME));
  EXPECT_THAT(ring.Reap(kShots), testing::ElementsAreArray(expected));
}

// Long intervals: none ends between the last one that is reaped and the request that stops it.
void ExpectToRepeatUntil(const Request& stop) {
  Ring ring;
  ring.Submit(Timeout(200ms).Multishot().Tag(kTimeout));
  EXPECT_THAT(ring.Reap(4), ElementsAre(Completes(kTimeout, -ETIME).More().After(200ms),
                                        Completes(kTimeout, -ETIME).More().After(400ms),
                                        Completes(kTimeout, -ETIME).More().After(600ms),
                                        Completes(kTimeout, -ETIME).More().After(800ms)));

  ring.Submit(stop);

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(stop.tag, 0), Completes(kTimeout, -ECANCELED)));
}

RING_CASE(TimeoutMultishot, WithoutACountItRepeatsUntilItIsCanceled, .clause = "TIMEOUT-MSHOT-02") {
  ExpectToRepeatUntil(Cancel(kTimeout).Tag(kCancel));
}

RING_CASE(TimeoutMultishot, WithoutACountItRepeatsUntilItIsRemoved, .clause = "TIMEOUT-MSHOT-02") {
  ExpectToRepeatUntil(TimeoutRemove(kTimeout).Tag(kRemove));
}

RING_CASE(TimeoutMultishot, AnAbsoluteTimeCannotRepeat, .clause = "TIMEOUT-MSHOT-03") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(Timeout(Now() + 50ms).Abs().Multishot().Count(2).Tag(kTimeout));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTimeout, -EINVAL), Completes(kBystander, POLLIN)));
}

RING_CASE(TimeoutMultishot, NoExpiryComesBeforeItsMultipleOfTheInterval,
          .clause = "TIMEOUT-MSHOT-04") {
  constexpr int kShots = 10;
  Ring ring;

  ring.Submit(Timeout(20ms).Multishot().Count(kShots).Tag(kTimeout));

  std::vector<CompletionMatcher> expected;
  for (int shot = 1; shot < kShots; ++shot) {
    expected.push_back(Completes(kTimeout, -ETIME).More().After(20ms * shot));
  }
  expected.push_back(Completes(kTimeout, -ETIME).After(20ms * kShots));
  EXPECT_THAT(ring.Reap(kShots), testing::ElementsAreArray(expected));
}

void ExpectToRepeat(const Request& timeout) {
  Ring ring;

  ring.Submit(timeout);

  EXPECT_THAT(ring.Reap(2), ElementsAre(Completes(kTimeout, -ETIME).More().After(50ms),
                                        Completes(kTimeout, -ETIME).After(100ms)));
}

RING_CASE(TimeoutMultishot, OneOfTheRealtimeClockRepeats, .clause = "TIMEOUT-MSHOT-04") {
  ExpectToRepeat(Timeout(50ms).Realtime().Multishot().Count(2).Tag(kTimeout));
}

RING_CASE(TimeoutMultishot, OneOfTheBoottimeClockRepeats, .clause = "TIMEOUT-MSHOT-04") {
  ExpectToRepeat(Timeout(50ms).Boottime().Multishot().Count(2).Tag(kTimeout));
}

RING_CASE(TimeoutMultishot, AFullQueueEndsIt, .clause = "TIMEOUT-MSHOT-05") {
  Ring ring({.entries = 2, .cq_entries = 2});
  ring.Submit(Timeout(60ms).Multishot().Tag(kTimeout));

  for (int interval = 0; interval < 5; ++interval) {
    PassTime(70ms);
    ring.GetEvents();
  }

  const TimePoint looked = Now();
  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kTimeout, -ETIME).More().DueAt(looked),
                                                 Completes(kTimeout, -ETIME).More().DueAt(looked),
                                                 Completes(kTimeout, -ETIME).DueAt(looked)));
}

RING_CASE(TimeoutMultishot, ACountOfOneIsASingleExpiry, .clause = "TIMEOUT-MSHOT-06") {
  Ring ring;

  ring.Submit(Timeout(50ms).Multishot().Count(1).Tag(kTimeout), Nop().Tag(kEvent));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kEvent, 0), Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(TimeoutMultishot, ExpiriesThatAreSuccessAreReportedAsETIME,
          .clause = "TIMEOUT-MSHOT-07") {
  Ring ring;

  ring.Submit(Timeout(50ms).Multishot().EtimeSuccess().Count(2).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(2), ElementsAre(Completes(kTimeout, -ETIME).More().After(50ms),
                                        Completes(kTimeout, -ETIME).After(100ms)));
}

RING_CASE(TimeoutMultishot, TheChainBehindItWaitsForTheLastExpiry, .clause = "TIMEOUT-MSHOT-08") {
  Ring ring;

  ring.Submit(Timeout(50ms).Multishot().EtimeSuccess().Count(2).Tag(kTimeout).Link(),
              Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTimeout, -ETIME).More().After(50ms),
                                                 Completes(kTimeout, -ETIME).After(100ms),
                                                 Completes(kNext, 0).After(100ms)));
}

RING_CASE(TimeoutMultishot, TheSoftChainBehindItFailsAtTheLastExpiry,
          .clause = "TIMEOUT-MSHOT-08") {
  Ring ring;

  ring.Submit(Timeout(50ms).Multishot().Count(2).Tag(kTimeout).Link(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTimeout, -ETIME).More().After(50ms),
                                                 Completes(kTimeout, -ETIME).After(100ms),
                                                 Completes(kNext, -ECANCELED).After(100ms)));
}

RING_CASE(TimeoutMultishot, TheHardChainBehindItRunsAtTheLastExpiry, .clause = "TIMEOUT-MSHOT-08") {
  Ring ring;

  ring.Submit(Timeout(50ms).Multishot().Count(2).Tag(kTimeout).HardLink(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTimeout, -ETIME).More().After(50ms),
                                                 Completes(kTimeout, -ETIME).After(100ms),
                                                 Completes(kNext, 0).After(100ms)));
}

RING_CASE(TimeoutMultishot, ItsCountIsNoCountOfCompletions, .clause = "TIMEOUT-MSHOT-09") {
  Ring ring;
  ring.Submit(Timeout(50ms).Multishot().Count(2).Tag(kTimeout));

  ring.Submit(Nop().Tag(kEvent), Nop().Tag(kEvent), Nop().Tag(kEvent));

  EXPECT_THAT(ring.Reap(5),
              UnorderedElementsAre(Completes(kEvent, 0), Completes(kEvent, 0), Completes(kEvent, 0),
                                   Completes(kTimeout, -ETIME).More().After(50ms),
                                   Completes(kTimeout, -ETIME).After(100ms)));
}

}  // namespace
}  // namespace ringspec
