// A timeout with a count: complete with 0 once that many completions have been posted.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(TimeoutCount, CompletesWithZeroAtTheNthCompletionAndNotBefore,
          .clause = "TIMEOUT-COUNT-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(2).Tag(kTimeout), Nop().Tag(kEvent));
  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kEvent, 0)));

  ring.Submit(Nop().Tag(kLast));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kLast, 0).AtOnce(), Completes(kTimeout, 0)));
}

RING_CASE(TimeoutCount, CompletesOnceWhereABurstGoesPastTheCount, .clause = "TIMEOUT-COUNT-01") {
  constexpr int kBurst = 8;
  Ring ring;

  for (int count = 1; count <= kBurst; ++count) {
    std::vector<Request> batch{Timeout(20s).Count(count).Tag(kTimeout)};
    batch.insert(batch.end(), kBurst, Nop().Tag(kEvent));
    ring.SubmitBatch(batch);

    std::vector<CompletionMatcher> expected(kBurst, Completes(kEvent, 0));
    expected.push_back(Completes(kTimeout, 0));
    EXPECT_THAT(ring.Reap(kBurst + 1), UnorderedElementsAreArray(expected)) << "count " << count;
  }
}

RING_CASE(TimeoutCount, ItsCountMayBeLarge, .clause = "TIMEOUT-COUNT-01") {
  const auto events = [](int count) {
    return std::vector<Request>(static_cast<std::size_t>(count), Nop().Tag(kEvent));
  };
  Ring ring;
  ring.Submit(Timeout(20s).Count(300).Tag(kTimeout));

  for (const int count : {100, 100, 99}) {
    ring.SubmitBatch(events(count));
    EXPECT_THAT(ring.ReapUntilQuiet(), AllOf(SizeIs(count), Each(Completes(kEvent, 0))));
  }
  ring.Submit(Nop().Tag(kLast));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kLast, 0), Completes(kTimeout, 0)));
}

// One that is cut to fewer bits is reached by the first event.
RING_CASE(TimeoutCount, ItsCountHasMoreThanSixteenBits, .clause = "TIMEOUT-COUNT-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Count((1 << 16) + 1).Tag(kTimeout),
              Timeout(20s).Count((1 << 24) + 1).Tag(kTimeout), Nop().Tag(kEvent));
  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kEvent, 0)));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove), TimeoutRemove(kTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED),
                                   Completes(kRemove, 0), Completes(kTimeout, -ECANCELED)));
}

void ExpectToCount(const Request& timeout) {
  Ring ring;
  ring.Submit(timeout, Nop().Tag(kEvent));
  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kEvent, 0)));

  ring.Submit(Nop().Tag(kEvent));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kEvent, 0), Completes(kTimeout, 0)));
}

RING_CASE(TimeoutCount, OneOfTheRealtimeClockCountsToo, .clause = "TIMEOUT-COUNT-CLOCK-01") {
  ExpectToCount(Timeout(20s).Realtime().Count(2).Tag(kTimeout));
}

RING_CASE(TimeoutCount, OneOfTheBoottimeClockCountsToo, .clause = "TIMEOUT-COUNT-CLOCK-01") {
  ExpectToCount(Timeout(20s).Boottime().Count(2).Tag(kTimeout));
}

RING_CASE(TimeoutCount, OneUntilAPointInTimeCountsToo, .clause = "TIMEOUT-COUNT-CLOCK-01") {
  ExpectToCount(Timeout(Now() + 20s).Abs().Count(2).Tag(kTimeout));
}

RING_CASE(TimeoutCount, AnOlderOneWithoutACountIsNotInItsWay, .clause = "TIMEOUT-COUNT-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTarget));

  ring.Submit(Timeout(20s).Count(1).Tag(kTimeout), Nop().Tag(kEvent));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kEvent, 0), Completes(kTimeout, 0)));

  ring.Submit(TimeoutRemove(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(TimeoutCount, AYoungerOneWithoutACountIsNotInItsWay, .clause = "TIMEOUT-COUNT-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(1).Tag(kTimeout), Timeout(20s).Tag(kTarget));

  ring.Submit(Nop().Tag(kEvent));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kEvent, 0), Completes(kTimeout, 0)));

  ring.Submit(TimeoutRemove(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(TimeoutCount, OneWhoseExpiryIsSuccessCountsToo, .clause = "TIMEOUT-COUNT-ES-01") {
  ExpectToCount(Timeout(20s).EtimeSuccess().Count(2).Tag(kTimeout));
}

RING_CASE(TimeoutCount, TheExpiryOfOneMayBeSuccess, .clause = "TIMEOUT-COUNT-ES-01") {
  Ring ring;

  ring.Submit(Timeout(50ms).EtimeSuccess().Count(5).Link().Tag(kTimeout), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTimeout, -ETIME).After(50ms),
                                                 Completes(kNext, 0).After(50ms)));
}

RING_CASE(TimeoutCount, TimeThatElapsesFirstIsETIME, .clause = "TIMEOUT-COUNT-02") {
  Ring ring;

  ring.Submit(Timeout(50ms).Count(2).Tag(kTimeout), Nop().Tag(kEvent));

  EXPECT_THAT(ring.Reap(2),
              ElementsAre(Completes(kEvent, 0).AtOnce(), Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(TimeoutCount, ZeroCountsNothing, .clause = "TIMEOUT-COUNT-03") {
  Ring ring;

  ring.Submit(Timeout(50ms).Count(0).Tag(kTimeout), Nop().Tag(kEvent), Nop().Tag(kEvent));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kEvent, 0), Completes(kEvent, 0),
                                                 Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(TimeoutCount, ACompletionThatWasReapedBeforeDoesNotCount, .clause = "TIMEOUT-COUNT-04") {
  Ring ring;
  ring.Submit(Nop().Tag(kEvent));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kEvent, 0)));

  ring.Submit(Timeout(50ms).Count(1).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(TimeoutCount, ACompletionThatIsInTheQueueAlreadyDoesNotCount,
          .clause = "TIMEOUT-COUNT-04") {
  Ring ring;
  ring.Submit(Nop().Tag(kEvent));
  ring.Enter(0, 1, IORING_ENTER_GETEVENTS, nullptr, 0);

  ring.Submit(Timeout(50ms).Count(1).Tag(kTimeout));

  EXPECT_THAT(ring.Reap(2),
              ElementsAre(Completes(kEvent, 0), Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(TimeoutCount, AllSixtyFourBitsCount, .clause = "TIMEOUT-COUNT-11") {
  Ring ring;
  ring.Submit(Timeout(20s).Count((std::uint64_t{1} << 32) + 1).Tag(kTimeout), Nop().Tag(kEvent));
  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kEvent, 0)));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED)));
}

RING_CASE(TimeoutCount, CompletionsThatOverflowTheQueueCount, .clause = "TIMEOUT-COUNT-13") {
  Ring ring({.entries = 4, .cq_entries = 4});
  ring.Submit(Timeout(20s).Count(7).Tag(kTimeout), Nop().Tag(kEvent), Nop().Tag(kEvent),
              Nop().Tag(kEvent));

  ring.Submit(Nop().Tag(kEvent), Nop().Tag(kEvent), Nop().Tag(kEvent), Nop().Tag(kEvent));

  std::vector<CompletionMatcher> expected(7, Completes(kEvent, 0));
  expected.push_back(Completes(kTimeout, 0));
  EXPECT_THAT(ring.Reap(8), UnorderedElementsAreArray(expected));
}

}  // namespace
}  // namespace ringspec
