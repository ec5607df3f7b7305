// IMMEDIATE_ARG: nanoseconds in the SQE itself.
#include "harness/cases.h"

namespace ringspec {
namespace {

constexpr std::uint64_t kNanoseconds = 50'000'000;
constexpr std::uint64_t kLargest = INT64_MAX;

std::uint64_t In(Duration span, clockid_t clock) { return (Now(clock) + span).count(); }

RING_CASE(Timeout, AnImmediateIntervalIsInNanoseconds, .clause = "TIMEOUT-IMM-01") {
  Ring ring;

  ring.Submit(Timeout(nullptr).Immediate(kNanoseconds).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(Timeout, AnImmediateZeroExpiresAtOnce, .clause = "TIMEOUT-IMM-01") {
  Ring ring;

  ring.Submit(Timeout(nullptr).Immediate(0).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).AtOnce()));
}

RING_CASE(Timeout, ANegativeImmediateIntervalIsRefused, .clause = "TIMEOUT-IMM-02") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(Timeout(nullptr).Immediate(~std::uint64_t{0}).Tag(kTimeout),
              Timeout(nullptr).Immediate(kLargest + 1).Tag(kTimeout));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kTimeout, -EINVAL), Completes(kTimeout, -EINVAL),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(Timeout, TheLargestImmediateIntervalIsAccepted, .clause = "TIMEOUT-IMM-02") {
  Ring ring;
  ring.Submit(Timeout(nullptr).Immediate(kLargest).Tag(kTimeout));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTimeout, -ECANCELED), Completes(kRemove, 0)));
}

RING_CASE(Timeout, AnImmediateTimeCanBeAbsolute, .clause = "TIMEOUT-IMM-03") {
  Ring ring;
  const TimePoint due = Now() + 50ms;

  ring.Submit(Timeout(nullptr).Immediate(due.count()).Abs().Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).DueAt(due)));
}

RING_CASE(Timeout, AnImmediateTimeCanBeOnEveryClock, .clause = "TIMEOUT-IMM-03") {
  Ring ring;
  const TimePoint due = Now() + 50ms;

  ring.Submit(Timeout(nullptr).Immediate(In(50ms, CLOCK_REALTIME)).Abs().Realtime().Tag(kTimeout),
              Timeout(nullptr).Immediate(In(50ms, CLOCK_BOOTTIME)).Abs().Boottime().Tag(kTarget));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTimeout, -ETIME).DueAt(due),
                                                 Completes(kTarget, -ETIME).DueAt(due)));
}

RING_CASE(Timeout, AnImmediateIntervalCanRepeat, .clause = "TIMEOUT-IMM-03") {
  Ring ring;

  ring.Submit(Timeout(nullptr).Immediate(kNanoseconds).Multishot().Count(2).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(2), ElementsAre(Completes(kTimeout, -ETIME).More().After(50ms),
                                        Completes(kTimeout, -ETIME).After(100ms)));
}

RING_CASE(Timeout, AnUpdateTakesAnImmediateInterval, .clause = "TIMEOUT-IMM-04") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout));

  const TimePoint updated = Now();
  ring.Submit(TimeoutUpdate(kTimeout, nullptr).Immediate(kNanoseconds).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0),
                                   Completes(kTimeout, -ETIME).DueAt(updated + 50ms)));
}

RING_CASE(Timeout, ALinkTimeoutTakesAnImmediateInterval, .clause = "TIMEOUT-IMM-04") {
  Ring ring;
  Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(),
              LinkTimeout(nullptr).Immediate(kNanoseconds));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
}

}  // namespace
}  // namespace ringspec
