// Link timeouts that are refused, and what becomes of the request they were to guard.
#include "harness/cases.h"
#include "harness/fields.h"

namespace ringspec {
namespace {

constexpr std::uint32_t kKnownBits = IORING_TIMEOUT_ABS | IORING_TIMEOUT_CLOCK_MASK |
                                     IORING_TIMEOUT_ETIME_SUCCESS | IORING_TIMEOUT_MULTISHOT |
                                     IORING_TIMEOUT_IMMEDIATE_ARG;

// Submits each behind a poll, expects it to be refused and the poll to be canceled at once, and
// a poll outside of the chain to live.
void ExpectEachIsRefused(const std::vector<Request>& requests, int error) {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  for (const Request& bad : requests) {
    ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), bad);
    EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).AtOnce(),
                                                   Completes(bad.tag, error).AtOnce()));
  }

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

RING_CASE(LinkTimeoutValidation, AFieldThatIsNotUsedIsRefused, .clause = "LINK-TIMEOUT-INVAL-01") {
  ExpectEachIsRefused(EachAlone(LinkTimeout(50ms), {kIoprio, kOff, kBufIndex, kSpliceFdIn}),
                      -EINVAL);
}

RING_CASE(LinkTimeoutValidation, AThirdAddressOrPaddingIsRefused,
          .clause = "LINK-TIMEOUT-INVAL-01") {
  ExpectEachIsRefused(EachAlone(LinkTimeout(50ms), {kAddr3, kPad2}), -EINVAL);
}

RING_CASE(LinkTimeoutValidation, ALengthOtherThanOneIsRefused, .clause = "LINK-TIMEOUT-INVAL-01") {
  const auto with_length = [](unsigned length) {
    return LinkTimeout(50ms).With([=](uapi::Sqe& sqe) { sqe.len = length; });
  };

  ExpectEachIsRefused({with_length(0), with_length(2), with_length(~0U)}, -EINVAL);
}

RING_CASE(LinkTimeoutValidation, TwoClocksAreRefused, .clause = "LINK-TIMEOUT-INVAL-01") {
  ExpectEachIsRefused({LinkTimeout(50ms).Boottime().Realtime()}, -EINVAL);
}

RING_CASE(LinkTimeoutValidation, EachUnknownFlagIsRefused, .clause = "LINK-TIMEOUT-INVAL-01") {
  ExpectEachIsRefused(EachBitAlone(LinkTimeout(50ms), ~kKnownBits, &uapi::Sqe::timeout_flags),
                      -EINVAL);
}

RING_CASE(LinkTimeoutValidation, ANegativeTimeIsRefused, .clause = "LINK-TIMEOUT-INVAL-01") {
  constexpr __kernel_timespec kSeconds{-1, 0}, kNanoseconds{0, -1};

  ExpectEachIsRefused({LinkTimeout(&kSeconds), LinkTimeout(&kNanoseconds)}, -EINVAL);
}

RING_CASE(LinkTimeoutValidation, AnUnreadableTimespecIsEFAULT, .clause = "LINK-TIMEOUT-FAULT-01") {
  // Below vm.mmap_min_addr, where nothing is ever mapped.
  const auto* const unmapped = reinterpret_cast<const __kernel_timespec*>(4096);

  ExpectEachIsRefused({LinkTimeout(nullptr), LinkTimeout(unmapped)}, -EFAULT);
}

RING_CASE(LinkTimeoutValidation, MultishotHasNoMeaning, .clause = "LINK-TIMEOUT-MSHOT-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms).Multishot());

  EXPECT_THAT(ring.Reap(2), AnyOf(UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                       Completes(kLinkTimeout, -ETIME).After(50ms)),
                                  UnorderedElementsAre(Completes(kTarget, -ECANCELED).AtOnce(),
                                                       Completes(kLinkTimeout, -EINVAL).AtOnce())));
}

RING_CASE(LinkTimeoutLone, AloneItIsRefused, .clause = "LINK-TIMEOUT-LONE-01") {
  Ring ring;

  ring.Submit(LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kLinkTimeout, -EINVAL).AtOnce()));
}

RING_CASE(LinkTimeoutLone, AtTheHeadOfAChainItIsRefusedAndTheChainIsNotStarted,
          .clause = "LINK-TIMEOUT-LONE-01") {
  Ring ring;

  ring.Submit(LinkTimeout(50ms).Link(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kLinkTimeout, -EINVAL).AtOnce(),
                                                 Completes(kNext, -ECANCELED).AtOnce()));
}

RING_CASE(LinkTimeoutLone, BehindARequestWithoutALinkItIsRefusedAndGuardsNothing,
          .clause = "LINK-TIMEOUT-LONE-02") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kLinkTimeout, -EINVAL).AtOnce()));
  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

RING_CASE(LinkTimeoutLone, InASubmissionOfItsOwnItIsRefusedAndGuardsNothing,
          .clause = "LINK-TIMEOUT-LONE-02") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander).Link());

  ring.Submit(LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kLinkTimeout, -EINVAL).AtOnce()));
  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

RING_CASE(LinkTimeoutLone, OfTwoInARowTheSecondIsRefused, .clause = "LINK-TIMEOUT-TWO-01") {
  constexpr Tag kSecond{"second", 0xe1};
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms).Link(),
              LinkTimeout(50ms).Tag(kSecond));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, -ECANCELED).AtOnce(),
                                                 Completes(kLinkTimeout, -ECANCELED).AtOnce(),
                                                 Completes(kSecond, -EINVAL).AtOnce()));
}

}  // namespace
}  // namespace ringspec
