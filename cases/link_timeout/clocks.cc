// Absolute times and clocks, and until when the timespec is read.
#include "harness/cases.h"
#include "harness/pass_time.h"
#include "harness/realtime.h"
#include "harness/time_namespace.h"

namespace ringspec {
namespace {

// Guards a poll that nothing completes.
void ExpectExpiryAt(const LinkTimeout& timeout, TimePoint due) {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), timeout);

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).DueAt(due),
                                                 Completes(kLinkTimeout, -ETIME).DueAt(due)));
}

RING_CASE(LinkTimeoutClocks, AnAbsoluteTimeIsAPointOnTheMonotonicClock,
          .clause = "LINK-TIMEOUT-ABS-01") {
  const TimePoint due = Now() + 50ms;

  ExpectExpiryAt(LinkTimeout(due).Abs(), due);
}

RING_CASE(LinkTimeoutClocks, AnAbsoluteTimeInThePastExpiresAtOnce,
          .clause = "LINK-TIMEOUT-ABS-01") {
  ExpectExpiryAt(LinkTimeout(Now() - 100ms).Abs(), Now());
}

RING_CASE(LinkTimeoutClocks, BoottimeMeasuresAnInterval, .clause = "LINK-TIMEOUT-ABS-01") {
  ExpectExpiryAt(LinkTimeout(50ms).Boottime(), Now() + 50ms);
}

RING_CASE(LinkTimeoutClocks, BoottimeMeasuresAnAbsoluteTime, .clause = "LINK-TIMEOUT-ABS-01") {
  const TimePoint due = Now() + 50ms;

  ExpectExpiryAt(LinkTimeout(Now(CLOCK_BOOTTIME) + 50ms).Abs().Boottime(), due);
}

RING_CASE(LinkTimeoutClocks, RealtimeMeasuresAnAbsoluteTime, .clause = "LINK-TIMEOUT-ABS-01") {
  const TimePoint due = Now() + 50ms;

  ExpectExpiryAt(LinkTimeout(Now(CLOCK_REALTIME) + 50ms).Abs().Realtime(), due);
}

RING_CASE(LinkTimeoutClocks, SettingTheClockPastAnAbsoluteRealtimeExpiresIt,
          .clause = "LINK-TIMEOUT-ABS-01", .touches = kRealtimeClock) {
  Ring ring;
  const Pipe pipe;
  RealtimeClock clock;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(),
              LinkTimeout(Now(CLOCK_REALTIME) + 1h).Abs().Realtime());

  const TimePoint due = Now();
  clock.Step(1h);

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).DueAt(due),
                                                 Completes(kLinkTimeout, -ETIME).DueAt(due)));
}

RING_CASE(LinkTimeoutClocks, SettingTheClockLeavesAnAbsoluteMonotonicTimeAlone,
          .clause = "LINK-TIMEOUT-ABS-01", .touches = kRealtimeClock) {
  Ring ring;
  const Pipe pipe;
  RealtimeClock clock;
  const TimePoint due = Now() + 200ms;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(due).Abs());

  clock.Step(1h);

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).DueAt(due),
                                                 Completes(kLinkTimeout, -ETIME).DueAt(due)));
}

RING_CASE(LinkTimeoutClocks, AnAbsoluteTimeIsThatOfTheTimeNamespace,
          .clause = "LINK-TIMEOUT-ABS-01", .memory = Memory::kOwn) {
  EnterTimeNamespace(1000s, 5000s);
  const TimePoint due = Now() + 50ms;

  ExpectExpiryAt(LinkTimeout(due).Abs(), due);
}

RING_CASE(LinkTimeoutStable, TheTimespecIsReadBeforeSubmissionReturns,
          .clause = "LINK-TIMEOUT-SCOPEMEM-01") {
  Ring ring;
  const Pipe pipe;
  __kernel_timespec value{0, 50'000'000};

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(&value));
  value = {20, 0};

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
}

RING_CASE(LinkTimeoutStable, ALaterLinksTimespecIsReadAtSubmissionToo,
          .clause = "LINK-TIMEOUT-SCOPEMEM-01") {
  Ring ring;
  const Pipe pipe;
  __kernel_timespec value{0, 50'000'000};

  ring.Submit(Timeout(50ms).Tag(kHead).HardLink(), PollAdd(pipe.read_end()).Tag(kTarget).Link(),
              LinkTimeout(&value));
  value = {20, 0};

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kHead, -ETIME).After(50ms),
                                                 Completes(kTarget, -ECANCELED).After(100ms),
                                                 Completes(kLinkTimeout, -ETIME).After(100ms)));
}

RING_CASE(LinkTimeoutClocks, SecondsAndNanosecondsAddUp, .clause = "LINK-TIMEOUT-FIRE-01") {
  constexpr Duration kLong = 1s + 500ms + 900us;
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(kLong));
  PassTime(kLong - 100ms);

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(kLong),
                                                 Completes(kLinkTimeout, -ETIME).After(kLong)));
}

}  // namespace
}  // namespace ringspec
