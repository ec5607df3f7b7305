// Waits with a relative limit: EXT_ARG and its timespec.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(WaitTimeout, ExpiresWithETIMEAndNeverEarly, .clause = "WAIT-EXT-01") {
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms)), Returns(-ETIME).After(50ms));
}

RING_CASE(WaitTimeout, IsETIMEAlsoWhenSomeHaveCome, .clause = "WAIT-EXT-02") {
  Ring ring;
  ring.Submit(Nop().Tag(kTarget));

  EXPECT_THAT(EnterAndWait(ring, Wait(2).For(50ms)), Returns(-ETIME).After(50ms));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0)));
}

RING_CASE(WaitTimeout, IsNoneWhenEnoughHaveCome, .clause = "WAIT-EXT-03") {
  Ring ring;
  ring.Submit(Nop().Tag(kTarget), Nop().Tag(kTarget));

  EXPECT_THAT(EnterAndWait(ring, Wait(2).For(20s)), Returns(0).AtOnce());
  EXPECT_THAT(ring.Reap(2), ElementsAre(Completes(kTarget, 0), Completes(kTarget, 0)));
}

RING_CASE(WaitTimeout, EndsWhenEnoughCome, .clause = "WAIT-EXT-03") {
  Ring ring;
  const TimePoint due = Now() + 50ms;
  ring.Submit(Timeout(50ms).Tag(kTimeout));

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(20s)), Returns(0).DueAt(due));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(WaitTimeout, IsETIMEAlsoWhenRequestsWereSubmitted, .clause = "WAIT-EXT-04") {
  Ring ring;
  Pipe pipe;

  EXPECT_THAT(
      EnterAndWait(ring, Wait(1).For(50ms).Submitting(PollAdd(pipe.read_end()).Tag(kTarget))),
      Returns(-ETIME).After(50ms));
  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(WaitTimeout, AZeroOneIsOverAtOnce, .clause = "WAIT-EXT-01") {
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(0s)), Returns(-ETIME).AtOnce());
}

RING_CASE(WaitTimeout, ANegativeOneIsOverAtOnce, .clause = "WAIT-EXT-NEG-01") {
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(-1s)), Returns(-ETIME).AtOnce());
}

RING_CASE(WaitTimeout, NanosecondsAreCarriedIntoSeconds, .clause = "WAIT-EXT-NSEC-01") {
  const __kernel_timespec carried{0, 1'060'000'000};
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).Timespec(&carried)), Returns(-ETIME).After(1060ms));
}

RING_CASE(WaitTimeout, MoreThanTheCQHoldsIsAllThatItHolds, .clause = "WAIT-EXT-MINCOMPLETE-01") {
  Ring ring(RingOptions{.entries = 4});
  for (int i = 0; i < 8; ++i) ring.Submit(Nop().Tag(kTarget));

  EXPECT_THAT(EnterAndWait(ring, Wait(100'000).For(20s)), Returns(0).AtOnce());
  EXPECT_THAT(ring.Reap(8), AllOf(SizeIs(8), Each(Completes(kTarget, 0))));
}

RING_CASE(WaitTimeout, AnOverflownCQDoesNotKeepAWaitFromReturning, .clause = "WAIT-OVERFLOW-01") {
  Ring ring(RingOptions{.entries = 4});
  for (int i = 0; i < 12; ++i) ring.Submit(Nop().Tag(kTarget));

  EXPECT_THAT(EnterAndWait(ring, Wait(12).For(20s)), Returns(0).AtOnce());
  EXPECT_THAT(ring.Reap(12), AllOf(SizeIs(12), Each(Completes(kTarget, 0))));
}

RING_CASE(WaitTimeout, WithoutGETEVENTSThereIsNoWait, .clause = "WAIT-EXT-NOGETEVENTS-01") {
  Ring ring;
  const __kernel_timespec long_limit{20, 0};
  const uapi::GeteventsArg argument{0, 0, 0, AddressOf(&long_limit)};

  EXPECT_THAT(
      Call("enter",
           [&] { return ring.Enter(0, 1, IORING_ENTER_EXT_ARG, &argument, sizeof(argument)); }),
      Returns(0).AtOnce());
}

RING_CASE(WaitTimeout, NoIowaitChangesNothing, .clause = "WAIT-NOIOWAIT-01") {
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms).Flags(IORING_ENTER_NO_IOWAIT)),
              Returns(-ETIME).After(50ms));
}

RING_CASE(WaitTimeout, AZeroOneIsNoneWhenEnoughHaveCome, .clause = "WAIT-EXT-03") {
  Ring ring;
  ring.Submit(Nop().Tag(kTarget));

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(0s)), Returns(0).AtOnce());
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0)));
}

RING_CASE(WaitTimeout, EachWaitHasALimitOfItsOwn, .clause = "WAIT-EXT-01") {
  Ring ring;

  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms)), Returns(-ETIME).After(50ms));
  }
}

RING_CASE(WaitTimeout, SecondsAndNanosecondsAddUp, .clause = "WAIT-EXT-01") {
  constexpr Duration kLong = 1s + 500ms + 900us;
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(kLong)), Returns(-ETIME).After(kLong));
}

}  // namespace
}  // namespace ringspec
