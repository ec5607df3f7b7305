// Refused timeouts: each for one reason alone, while a timeout that is armed goes on.
#include "harness/cases.h"
#include "harness/fields.h"

namespace ringspec {
namespace {

// Bit 7 is IMMEDIATE_ARG, which a kernel may or may not know: a clause of its own.
constexpr std::uint32_t kArmingBits = IORING_TIMEOUT_ABS | IORING_TIMEOUT_CLOCK_MASK |
                                      IORING_TIMEOUT_ETIME_SUCCESS | IORING_TIMEOUT_MULTISHOT |
                                      IORING_TIMEOUT_IMMEDIATE_ARG;
constexpr std::uint32_t kUpdatingBits = IORING_TIMEOUT_UPDATE_MASK | IORING_TIMEOUT_ABS |
                                        IORING_TIMEOUT_CLOCK_MASK | IORING_TIMEOUT_ETIME_SUCCESS |
                                        IORING_TIMEOUT_MULTISHOT | IORING_TIMEOUT_IMMEDIATE_ARG;

const Tag kTvSec{"tv_sec", 0xe1};
const Tag kTvNsec{"tv_nsec", 0xe2};
const Tag kNull{"null", 0xe3};
const Tag kUnmapped{"unmapped", 0xe4};

// Below vm.mmap_min_addr, where nothing is ever mapped.
const auto* const kUnmappedPage = reinterpret_cast<const __kernel_timespec*>(4096);

// Submits them beside an armed timeout, expects each to be refused at once, and the
// armed one to expire when it is due.  What is not refused is due long before that.
void ExpectEachIsRefused(const std::vector<Request>& requests, int error) {
  Ring ring;
  ring.Submit(Timeout(500ms).Tag(kBystander));

  std::vector<CompletionMatcher> refused;
  for (const Request& bad : requests) refused.push_back(Completes(bad.tag, error));
  ring.SubmitBatch(requests);
  EXPECT_THAT(ring.Reap(std::ssize(requests)), UnorderedElementsAreArray(refused));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, -ETIME).After(500ms)));
}

RING_CASE(TimeoutValidation, NegativeSecondsAreRefused, .clause = "TIMEOUT-VALID-NEGSEC-01") {
  const __kernel_timespec seconds{-1, 0};

  ExpectEachIsRefused({Timeout(&seconds).Tag(kTvSec)}, -EINVAL);
}

RING_CASE(TimeoutValidation, NegativeNanosecondsAreRefused, .clause = "TIMEOUT-VALID-NEGNSEC-01") {
  const __kernel_timespec nanoseconds{0, -1};

  ExpectEachIsRefused({Timeout(&nanoseconds).Tag(kTvNsec)}, -EINVAL);
}

RING_CASE(TimeoutValidation, AnUnreadableTimespecIsEFAULT, .clause = "TIMEOUT-VALID-FAULT-01") {
  ExpectEachIsRefused({Timeout(nullptr).Tag(kNull), Timeout(kUnmappedPage).Tag(kUnmapped)},
                      -EFAULT);
}

RING_CASE(TimeoutValidation, ALengthOtherThanOneIsRefused, .clause = "TIMEOUT-VALID-LEN-01") {
  const auto with_length = [](unsigned length) {
    return Timeout(1ms).Tag(kTimeout).With([=](uapi::Sqe& sqe) { sqe.len = length; });
  };

  ExpectEachIsRefused({with_length(0), with_length(2), with_length(~0U)}, -EINVAL);
}

RING_CASE(TimeoutValidation, EachUnknownFlagIsRefused, .clause = "TIMEOUT-VALID-FLAG-01") {
  ExpectEachIsRefused(
      EachBitAlone(Timeout(1ms).Tag(kTimeout), ~kArmingBits, &uapi::Sqe::timeout_flags), -EINVAL);
}

RING_CASE(TimeoutValidation, EachUnknownFlagOfAnUpdateIsRefused,
          .clause = "TIMEOUT-VALID-FLAG-01") {
  ExpectEachIsRefused(EachBitAlone(TimeoutUpdate(kBystander, 20s).Tag(kUpdate), ~kUpdatingBits,
                                   &uapi::Sqe::timeout_flags),
                      -EINVAL);
}

RING_CASE(TimeoutValidation, ABufferIndexOrPriorityIsRefused, .clause = "TIMEOUT-VALID-BUF-01") {
  ExpectEachIsRefused(EachAlone(Timeout(1ms), {kBufIndex, kIoprio}), -EINVAL);
}

RING_CASE(TimeoutValidation, ASpliceDescriptorIsRefused, .clause = "TIMEOUT-VALID-SPL-01") {
  ExpectEachIsRefused(EachAlone(Timeout(1ms), {kSpliceFdIn}), -EINVAL);
}

RING_CASE(TimeoutValidation, AThirdAddressOrPaddingIsRefused, .clause = "TIMEOUT-VALID-ADDR3-01") {
  ExpectEachIsRefused(EachAlone(Timeout(1ms), {kAddr3, kPad2}), -EINVAL);
}

RING_CASE(TimeoutValidation, AThirdAddressOrPaddingOfAnUpdateIsRefused,
          .clause = "TIMEOUT-VALID-ADDR3-01") {
  ExpectEachIsRefused(EachAlone(TimeoutUpdate(kBystander, 20s), {kAddr3, kPad2}), -EINVAL);
}

RING_CASE(TimeoutValidation, BufferSelectionIsRefused, .clause = "TIMEOUT-VALID-BUFSEL-01") {
  ExpectEachIsRefused({Timeout(1ms).BufferSelect().Tag(kTimeout),
                       TimeoutRemove(kBystander).BufferSelect().Tag(kRemove)},
                      -EOPNOTSUPP);
}

}  // namespace
}  // namespace ringspec
