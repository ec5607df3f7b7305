// Waits whose arguments are refused.
#include "harness/cases.h"
#include "harness/pass_time.h"

namespace ringspec {
namespace {

RING_CASE(WaitRefused, AnUnreadableTimespecIsEFAULT, .clause = "WAIT-EXT-FAULT-01") {
  Ring ring;
  const void* nowhere = reinterpret_cast<const void*>(1);

  EXPECT_THAT(EnterAndWait(ring, Wait(1).Timespec(nowhere)), Returns(-EFAULT).AtOnce());
}

RING_CASE(WaitRefused, AnUnreadableMaskIsEFAULT, .clause = "WAIT-EXT-FAULT-01") {
  Ring ring;
  const void* nowhere = reinterpret_cast<const void*>(1);

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms).Mask(nowhere, uapi::kSigsetSize)),
              Returns(-EFAULT).AtOnce());
}

RING_CASE(WaitRefused, AnArgumentOfAnotherSizeIsEINVAL, .clause = "WAIT-EXT-SIZE-01") {
  Ring ring;

  for (const std::size_t size : {0, 8, 16, 23, 25, 32}) {
    EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms).ArgumentSize(size)), Returns(-EINVAL).AtOnce())
        << size;
  }
}

RING_CASE(WaitRefused, AMaskOfAnotherSizeIsEINVAL, .clause = "WAIT-EXT-MASKSIZE-01") {
  Ring ring;
  sigset_t none;
  sigemptyset(&none);

  for (const std::size_t size : {0, 4, 16}) {
    EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms).Mask(&none, size)), Returns(-EINVAL).AtOnce())
        << size;
  }
}

RING_CASE(WaitRefused, UnknownFlagsAreEINVAL, .clause = "WAIT-FLAG-01") {
  Ring ring;
  ring.Submit(Nop().Tag(kTarget));

  for (unsigned bit = 20; bit < 32; ++bit) {
    EXPECT_THAT(EnterAndWait(ring, Wait(1).Flags(1U << bit)), Returns(-EINVAL)) << bit;
  }
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0)));
}

// The request is published, but whether the bad argument keeps it from being submitted has changed.
RING_CASE(WaitRefused, ABadArgumentIsReportedInsteadOfTheSubmission,
          .clause = "WAIT-EXT-ORDER-01") {
  Ring ring;
  PassTime(10ms);  // A polling thread is asleep by now and takes nothing before it is told.

  const Completion returned =
      EnterAndWait(ring, Wait(1).Submitting(Nop().Tag(kTarget)).ArgumentSize(16));

  EXPECT_THAT(returned, AnyOf(Returns(-EINVAL), Returns(1)));
  EXPECT_THAT(ring.ReapUntilQuiet(), AnyOf(IsEmpty(), ElementsAre(Completes(kTarget, 0))));
}

// What it answers is another clause's matter.
RING_CASE(WaitRefused, AnUnreadableTimespecBesideASubmissionDoesNotWait,
          .clause = "WAIT-EXT-FAULT-02") {
  Ring ring;
  const void* nowhere = reinterpret_cast<const void*>(1);

  EXPECT_THAT(EnterAndWait(ring, Wait(2).Submitting(Nop().Tag(kTarget)).Timespec(nowhere)),
              Returns(AnyOf(1, -EFAULT)).AtOnce());
  EXPECT_THAT(ring.ReapUntilQuiet(), AnyOf(IsEmpty(), ElementsAre(Completes(kTarget, 0))));
}

RING_CASE(WaitRefused, ThePadIsRefusedWhereItMeansNothing, .clause = "WAIT-EXT-PAD-01") {
  Ring ring;

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms).AtLeast(1ms)), Returns(-EINVAL).AtOnce());
}

RING_CASE(WaitRefused, ARefusalLeavesNoTrace, .clause = "WAIT-EXT-SIZE-01") {
  Ring ring;
  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms).ArgumentSize(16)), Returns(-EINVAL));

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms)), Returns(-ETIME).After(50ms));
}

}  // namespace
}  // namespace ringspec
