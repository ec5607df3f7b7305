// Refused removals: each for one reason alone, and the timeout that they name stays armed.
#include "harness/cases.h"
#include "harness/fields.h"

namespace ringspec {
namespace {

void ExpectEachIsRefused(const std::vector<Request>& requests) {
  Ring ring;
  ring.Submit(Timeout(500ms).Tag(kTimeout));

  std::vector<CompletionMatcher> refused;
  for (const Request& bad : requests) refused.push_back(Completes(bad.tag, -EINVAL));
  ring.SubmitBatch(requests);
  EXPECT_THAT(ring.Reap(std::ssize(requests)), UnorderedElementsAreArray(refused));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(500ms)));
}

RING_CASE(TimeoutRemoval, EachFlagIsRefused, .clause = "TIMEOUT-REMOVE-FLAGS-01") {
  ExpectEachIsRefused(EachBitAlone(TimeoutRemove(kTimeout).Tag(kRemove),
                                   ~std::uint32_t{IORING_TIMEOUT_UPDATE_MASK},
                                   &uapi::Sqe::timeout_flags));
}

RING_CASE(TimeoutRemoval, EachUnusedFieldIsRefused, .clause = "TIMEOUT-REMOVE-LEN-01") {
  ExpectEachIsRefused(EachAlone(TimeoutRemove(kTimeout), {kLen, kBufIndex, kIoprio, kSpliceFdIn}));
}

RING_CASE(TimeoutRemoval, AThirdAddressOrPaddingIsRefused, .clause = "TIMEOUT-VALID-ADDR3-01") {
  ExpectEachIsRefused(EachAlone(TimeoutRemove(kTimeout), {kAddr3, kPad2}));
}

// The timespec is valid, so that nothing but the flag can be the reason.
RING_CASE(TimeoutRemoval, ALinkTimeoutUpdateWithoutUpdateIsNoRemoval,
          .clause = "TIMEOUT-REMOVE-LTUPD-01") {
  ExpectEachIsRefused({TimeoutUpdate(kTimeout, 20s).Tag(kRemove).With([](uapi::Sqe& sqe) {
    sqe.timeout_flags = IORING_LINK_TIMEOUT_UPDATE;
  })});
}

RING_CASE(TimeoutRemoval, TheSecondAddressIsIgnored, .clause = "TIMEOUT-REMOVE-ADDR2-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTimeout));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove).With([](uapi::Sqe& sqe) { sqe.addr2 = 1; }));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTimeout, -ECANCELED)));
}

}  // namespace
}  // namespace ringspec
