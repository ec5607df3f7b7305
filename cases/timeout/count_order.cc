// Several count timeouts at a time: each at its own count.
#include "harness/cases.h"

namespace ringspec {
namespace {

constexpr Tag kAfterOne{"after_one", 0x1001'0001'0000'0101};
constexpr Tag kAfterTwo{"after_two", 0x1002'0002'0000'0102};
constexpr Tag kAfterThree{"after_three", 0x1003'0003'0000'0103};
constexpr Tag kAfterFive{"after_five", 0x1005'0005'0000'0105};

RING_CASE(TimeoutCount, EachCompletesAtItsOwnCount, .clause = "TIMEOUT-COUNT-05") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(3).Tag(kAfterThree), Timeout(20s).Count(1).Tag(kAfterOne),
              Timeout(20s).Count(2).Tag(kAfterTwo));

  for (const Tag& reached : {kAfterOne, kAfterTwo, kAfterThree}) {
    ring.Submit(Nop().Tag(kEvent));
    EXPECT_THAT(ring.ReapUntilQuiet(),
                UnorderedElementsAre(Completes(kEvent, 0), Completes(reached, 0)));
  }
}

RING_CASE(TimeoutCount, OneThatIsArmedLaterCountsFromItsArming, .clause = "TIMEOUT-COUNT-05") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(3).Tag(kAfterThree), Nop().Tag(kEvent));
  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kEvent, 0)));
  ring.Submit(Timeout(20s).Count(1).Tag(kAfterOne));

  ring.Submit(Nop().Tag(kEvent));

  EXPECT_THAT(ring.ReapUntilQuiet(),
              UnorderedElementsAre(Completes(kEvent, 0), Completes(kAfterOne, 0)));
  ring.Submit(Nop().Tag(kEvent));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kEvent, 0), Completes(kAfterThree, 0)));
}

RING_CASE(TimeoutCount, AllThatShareACountComplete, .clause = "TIMEOUT-COUNT-05") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(1).Tag(kTimeout), Timeout(20s).Count(1).Tag(kTimeout));

  ring.Submit(Nop().Tag(kEvent));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kEvent, 0), Completes(kTimeout, 0),
                                                 Completes(kTimeout, 0)));
}

// A multishot accept with two clients waiting posts both completions in the middle of the batch:
// the count is passed before the next count timeout is armed.
RING_CASE(TimeoutCount, OneThatIsReachedWithinABatchIsNotPassedOver, .clause = "TIMEOUT-COUNT-12") {
  Ring ring;
  Listener listener;
  listener.Connect();
  listener.Connect();

  ring.Submit(Timeout(20s).Count(1).Tag(kAfterOne), Accept(listener.fd()).Multishot().Tag(kTarget),
              Timeout(20s).Count(5).Tag(kAfterFive));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, Gt(0)).More(),
                                                 Completes(kTarget, Gt(0)).More(),
                                                 Completes(kAfterOne, 0).AtOnce()));
  ring.Submit(Cancel(kTarget).Tag(kCancel), TimeoutRemove(kAfterFive).Tag(kRemove));
  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kRemove, 0), Completes(kAfterFive, -ECANCELED)));
}

RING_CASE(TimeoutCount, OneThatIsArmedWithinABatchCountsFromItsArming,
          .clause = "TIMEOUT-COUNT-12") {
  Ring ring;
  Listener listener;
  listener.Connect();
  listener.Connect();

  ring.Submit(Timeout(20s).Count(5).Tag(kAfterFive), Accept(listener.fd()).Multishot().Tag(kTarget),
              Timeout(20s).Count(1).Tag(kAfterOne));

  EXPECT_THAT(ring.ReapUntilQuiet(), UnorderedElementsAre(Completes(kTarget, Gt(0)).More(),
                                                          Completes(kTarget, Gt(0)).More()));
  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kAfterOne, 0)));
  ring.Submit(Nop().Tag(kEvent));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kEvent, 0), Completes(kAfterFive, 0)));
}

}  // namespace
}  // namespace ringspec
