// Absolute times, and the three clocks they can be measured on.
#include "harness/cases.h"
#include "harness/realtime.h"

namespace ringspec {
namespace {

RING_CASE(Timeout, AnAbsoluteTimeIsAPointOnTheMonotonicClock, .clause = "TIMEOUT-ABS-01") {
  Ring ring;
  const TimePoint due = Now() + 50ms;

  ring.Submit(Timeout(due).Abs().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(Timeout, AnAbsoluteTimeInThePastExpiresAtOnce, .clause = "TIMEOUT-ABS-PAST-01") {
  Ring ring;

  ring.Submit(Timeout(Now() - 100ms).Abs().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).AtOnce()));
}

RING_CASE(Timeout, TheFirstPointOfAClockIsInThePast, .clause = "TIMEOUT-ABS-PAST-01") {
  Ring ring;

  ring.Submit(Timeout(0s).Abs().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).AtOnce()));
}

RING_CASE(Timeout, ARealtimeInThePastExpiresAtOnce, .clause = "TIMEOUT-REAL-01") {
  Ring ring;

  ring.Submit(Timeout(Now(CLOCK_REALTIME) - 100ms).Abs().Realtime().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).AtOnce()));
}

RING_CASE(Timeout, BoottimeMeasuresAnInterval, .clause = "TIMEOUT-BOOT-01") {
  Ring ring;

  ring.Submit(Timeout(50ms).Boottime().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(Timeout, BoottimeMeasuresAnAbsoluteTime, .clause = "TIMEOUT-BOOT-01") {
  Ring ring;
  const TimePoint due = Now() + 50ms;

  ring.Submit(Timeout(Now(CLOCK_BOOTTIME) + 50ms).Abs().Boottime().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(Timeout, RealtimeMeasuresAnAbsoluteTime, .clause = "TIMEOUT-REAL-01") {
  Ring ring;
  const TimePoint due = Now() + 50ms;

  ring.Submit(Timeout(Now(CLOCK_REALTIME) + 50ms).Abs().Realtime().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(Timeout, SettingTheClockPastAnAbsoluteRealtimeExpiresIt, .clause = "TIMEOUT-REAL-01",
          .touches = kRealtimeClock) {
  Ring ring;
  RealtimeClock clock;
  ring.Submit(Timeout(Now(CLOCK_REALTIME) + 1h).Abs().Realtime().Tag(kTimeout));

  const TimePoint due = Now();
  clock.Step(1h);

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(Timeout, SettingTheClockBackPostponesAnAbsoluteRealtime, .clause = "TIMEOUT-REAL-01",
          .touches = kRealtimeClock) {
  Ring ring;
  RealtimeClock clock;
  const TimePoint due = Now() + 350ms;
  ring.Submit(Timeout(Now(CLOCK_REALTIME) + 200ms).Abs().Realtime().Tag(kTimeout));

  clock.Step(-150ms);

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(Timeout, SettingTheClockLeavesAnAbsoluteMonotonicTimeAlone, .clause = "TIMEOUT-ABS-01",
          .touches = kRealtimeClock) {
  Ring ring;
  RealtimeClock clock;
  const TimePoint due = Now() + 200ms;
  ring.Submit(Timeout(due).Abs().Tag(kTimeout));

  clock.Step(1h);

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(Timeout, SettingTheClockForwardLeavesARealtimeIntervalAlone,
          .clause = "TIMEOUT-REAL-REL-01", .touches = kRealtimeClock) {
  Ring ring;
  RealtimeClock clock;
  ring.Submit(Timeout(200ms).Realtime().Tag(kTimeout));

  clock.Step(1h);

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(200ms)));
}

RING_CASE(Timeout, SettingTheClockBackLeavesARealtimeIntervalAlone, .clause = "TIMEOUT-REAL-REL-01",
          .touches = kRealtimeClock) {
  Ring ring;
  RealtimeClock clock;
  ring.Submit(Timeout(200ms).Realtime().Tag(kTimeout));

  clock.Step(-1h);

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(200ms)));
}

RING_CASE(Timeout, TwoClocksAreRefused, .clause = "TIMEOUT-CLOCK2-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(Timeout(50ms).Boottime().Realtime().Tag(kTimeout));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTimeout, -EINVAL), Completes(kBystander, POLLIN)));
}

}  // namespace
}  // namespace ringspec
