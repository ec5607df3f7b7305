// Targets that wait for time.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelTimer, AnArmedTimeoutEndsWithECANCELED, .clause = "CANCEL-TIMEOUT-01") {
  Ring ring;
  ring.Submit(Timeout(50ms).Tag(kBystander), Timeout(20s).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED).AtOnce(),
                                   Completes(kBystander, -ETIME).After(50ms)));
}

// Polls are looked up by their user_data; everything else is compared.
void ExpectOnlyItselfToBeTaken(std::uint64_t user_data) {
  const Tag extreme{"extreme", user_data};
  Ring ring;
  ring.Submit(Timeout(50ms).Tag(kBystander));

  ring.Submit(Cancel(extreme).Tag(kRemove));
  ring.Submit(Timeout(20s).Tag(extreme));
  ring.Submit(Cancel(extreme).Tag(kCancel));

  EXPECT_THAT(ring.Reap(4), UnorderedElementsAre(Completes(kRemove, -ENOENT), Completes(kCancel, 0),
                                                 Completes(extreme, -ECANCELED),
                                                 Completes(kBystander, -ETIME).After(50ms)));
}

RING_CASE(AsyncCancelTimer, ZeroIsALegalUserData, .clause = "CANCEL-UD-05") {
  ExpectOnlyItselfToBeTaken(0);
}

RING_CASE(AsyncCancelTimer, AllOnesAreALegalUserData, .clause = "CANCEL-UD-04") {
  ExpectOnlyItselfToBeTaken(~std::uint64_t{0});
}

RING_CASE(AsyncCancelTimer, EveryBitOfUserDataIsCompared, .clause = "CANCEL-UD-04") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTarget));

  for (int bit = 0; bit < 64; ++bit) {
    ring.Submit(Cancel(kTarget.value ^ (std::uint64_t{1} << bit)).Tag(kCancel));
  }
  EXPECT_THAT(ring.Reap(64), AllOf(SizeIs(64), Each(Completes(kCancel, -ENOENT))));

  ring.Submit(Cancel(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelTimer, ATimeoutThatCountsEndsWithECANCELED,
          .clause = "CANCEL-TIMEOUT-COUNT-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Count(5).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED).AtOnce()));
  ring.Submit(Nop().Tag(kEvent), Nop().Tag(kEvent), Nop().Tag(kEvent), Nop().Tag(kEvent),
              Nop().Tag(kEvent));
  EXPECT_THAT(ring.Reap(5), AllOf(SizeIs(5), Each(Completes(kEvent, 0))));
}

RING_CASE(AsyncCancelTimer, AMultishotTimeoutEndsWithOneFinalCqe,
          .clause = "CANCEL-TIMEOUT-MSHOT-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Multishot().Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelTimer, ARepeatingTimeoutStops, .clause = "CANCEL-TIMEOUT-MSHOT-01") {
  Ring ring;
  ring.Submit(Timeout(50ms).Multishot().Tag(kTarget));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ETIME).More().After(50ms)));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
  ring.Submit(Timeout(200ms).Tag(kBystander));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, -ETIME).After(200ms)));
}

RING_CASE(AsyncCancelTimer, AnArmedLinkTimeoutIsNotFound, .clause = "CANCEL-LTIMEOUT-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Link().Tag(kHead), LinkTimeout(20s).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kCancel, -ENOENT)));

  pipe.Write();
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kHead, POLLIN), Completes(kTarget, -ECANCELED)));
}

}  // namespace
}  // namespace ringspec
