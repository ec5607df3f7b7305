// ANY: every request of the ring, whatever its user_data or file.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelAny, AnyAllTakesPollsReadsAndTimeouts, .clause = "CANCEL-ANY-01") {
  Ring ring;
  const Pipe polled;
  const Pipe read;
  ring.Submit(PollAdd(polled.read_end()).Tag(kTarget), Read(read.read_end()).Tag(kNext),
              Timeout(20s).Tag(kTimeout));

  ring.Submit(Cancel(kNobody).Any().All().Tag(kCancel));

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 3), Completes(kTarget, -ECANCELED),
                                   Completes(kNext, -ECANCELED), Completes(kTimeout, -ECANCELED)));
}

RING_CASE(AsyncCancelAny, AnyAllTakesWhatRepeatsAndWhatCounts, .clause = "CANCEL-ANY-MSHOT-01") {
  constexpr Tag kCounting{"counting", 0xc1};
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Multishot().Tag(kTarget),
              Timeout(200ms).Multishot().Tag(kTimeout), Timeout(20s).Count(100).Tag(kCounting));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).More().After(200ms)));

  ring.Submit(Cancel(kNobody).Any().All().Tag(kCancel));

  EXPECT_THAT(ring.Reap(4), UnorderedElementsAre(
                                Completes(kCancel, 3), Completes(kTarget, -ECANCELED),
                                Completes(kTimeout, -ECANCELED), Completes(kCounting, -ECANCELED)));
}

RING_CASE(AsyncCancelAny, AnotherRingIsLeftAlone, .clause = "CANCEL-ANY-01") {
  Ring ring;
  Ring other;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  other.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(Cancel(kNobody).Any().All().Tag(kCancel));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 1), Completes(kTarget, -ECANCELED)));

  pipe.Write();
  EXPECT_THAT(other.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelAny, WithoutAllOneRequestIsTaken, .clause = "CANCEL-ANY-02") {
  Ring ring;
  const Pipe pipe;
  for (int i = 0; i < 3; ++i) ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kNobody).Any().Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, POLLIN), Completes(kTarget, POLLIN)));
}

RING_CASE(AsyncCancelAny, AnIdleRingIsENOENT, .clause = "CANCEL-ANY-NONE-01") {
  Ring ring;

  ring.Submit(Cancel(kNobody).Any().Tag(kCancel));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kCancel, -ENOENT)));
}

RING_CASE(AsyncCancelAny, AllWithoutAMatchIsENOENT, .clause = "CANCEL-ALL-NONE-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(Cancel(kNobody).All().Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelAny, AllWithoutAMatchBreaksTheSoftChainBehindIt,
          .clause = "CANCEL-ALL-NONE-01") {
  Ring ring;

  ring.Submit(Cancel(kNobody).All().Link().Tag(kCancel), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kNext, -ECANCELED)));
}

RING_CASE(AsyncCancelAny, USERDATABesideAnyDoesNotNarrowIt, .clause = "CANCEL-ANY-USERDATA-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kNext));

  ring.Submit(Cancel().UserData(kTarget).Any().All().Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 2), Completes(kTarget, -ECANCELED),
                                   Completes(kNext, -ECANCELED)));
}

// The kernel numbers its cancels to tell what one of them has seen; requests are recycled, and
// with them the numbers they were seen under.
RING_CASE(AsyncCancelAny, RecycledRequestsAreSeenAgain, .clause = "CANCEL-ANY-SEQ-01") {
  constexpr int kCycles = 50;
  Ring ring;
  const Pipe pipe;

  for (int cycle = 0; cycle < kCycles && !testing::Test::HasFailure(); ++cycle) {
    for (int i = 0; i < 3; ++i) ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
    for (int i = 0; i < 2; ++i) ring.Submit(Timeout(20s).Tag(kTarget));
    ring.Submit(Cancel(kNobody).Any().All().Tag(kCancel));

    std::vector<CompletionMatcher> expected(5, Completes(kTarget, -ECANCELED));
    expected.push_back(Completes(kCancel, 5));
    EXPECT_THAT(ring.Reap(6), UnorderedElementsAreArray(expected));
  }
}

}  // namespace
}  // namespace ringspec
