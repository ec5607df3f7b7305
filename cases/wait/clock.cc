// Waits until a point in time, and the clock it is a point of.
#include "harness/cases.h"
#include "harness/time_namespace.h"

namespace ringspec {
namespace {

Completion RegisterClock(Ring& ring, uapi::ClockRegister clock, unsigned nr_args = 0) {
  return Call("register_clock",
              [&] { return ring.Register(uapi::kRegisterClock, &clock, nr_args); });
}

uapi::ClockRegister ClockOf(clockid_t clock) { return {static_cast<std::uint32_t>(clock), {}}; }

RING_CASE(WaitUntil, APointInTimeEndsTheWait, .clause = "WAIT-ABS-01") {
  Ring ring;
  const TimePoint due = Now() + 50ms;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).Until(due)), Returns(-ETIME).DueAt(due));
}

RING_CASE(WaitUntil, APointInThePastEndsItAtOnce, .clause = "WAIT-ABS-01") {
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).Until(1ms)), Returns(-ETIME).AtOnce());
}

RING_CASE(WaitUntil, ThePointIsOneOfTheTimeNamespace, .clause = "WAIT-ABS-TIMENS-01",
          .memory = Memory::kOwn) {
  EnterTimeNamespace(1h, 0s);
  Ring ring;
  const TimePoint due = Now() + 50ms;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).Until(due)), Returns(-ETIME).DueAt(due));
}

RING_CASE(WaitUntil, ThePointIsOneOfTheRegisteredClock, .clause = "WAIT-ABS-TIMENS-01",
          .memory = Memory::kOwn) {
  EnterTimeNamespace(0s, 1h);
  Ring ring;
  EXPECT_THAT(RegisterClock(ring, ClockOf(CLOCK_BOOTTIME)), Returns(0));
  const TimePoint due = Now() + 50ms;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).Until(Now(CLOCK_BOOTTIME) + 50ms)),
              Returns(-ETIME).DueAt(due));
}

RING_CASE(WaitClock, MonotonicAndBoottimeCanBeRegistered, .clause = "WAIT-CLOCK-01") {
  Ring ring;

  EXPECT_THAT(RegisterClock(ring, ClockOf(CLOCK_MONOTONIC)), Returns(0));
  EXPECT_THAT(RegisterClock(ring, ClockOf(CLOCK_BOOTTIME)), Returns(0));
  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms)), Returns(-ETIME).After(50ms));
}

RING_CASE(WaitClock, NoOtherClockCan, .clause = "WAIT-CLOCK-02") {
  Ring ring;

  for (const clockid_t clock : {CLOCK_REALTIME, CLOCK_TAI, CLOCK_PROCESS_CPUTIME_ID, 99}) {
    EXPECT_THAT(RegisterClock(ring, ClockOf(clock)), Returns(-EINVAL)) << clock;
  }
}

RING_CASE(WaitClock, ReservedFieldsAndACountOfArgumentsAreRefused, .clause = "WAIT-CLOCK-03") {
  Ring ring;

  for (int field = 0; field < 3; ++field) {
    uapi::ClockRegister reserved = ClockOf(CLOCK_MONOTONIC);
    reserved.resv[field] = 1;
    EXPECT_THAT(RegisterClock(ring, reserved), Returns(-EINVAL)) << field;
  }
  EXPECT_THAT(RegisterClock(ring, ClockOf(CLOCK_MONOTONIC), 1), Returns(-EINVAL));
}

RING_CASE(WaitClock, TimeoutRequestsKeepTheirOwn, .clause = "WAIT-CLOCK-04",
          .memory = Memory::kOwn) {
  EnterTimeNamespace(0s, 1h);
  Ring ring;
  EXPECT_THAT(RegisterClock(ring, ClockOf(CLOCK_BOOTTIME)), Returns(0));
  const TimePoint due = Now() + 50ms;

  ring.Submit(Timeout(due).Abs().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(due)));
}

}  // namespace
}  // namespace ringspec
