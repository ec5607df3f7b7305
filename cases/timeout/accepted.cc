// What a timeout takes although it means nothing, or more than one would expect.
#include <limits>

#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(TimeoutValidation, NanosecondsBeyondASecondAreCarried,
          .clause = "TIMEOUT-VALID-NSEC-01") {
  const __kernel_timespec value{0, 1'060'000'000};
  Ring ring;

  ring.Submit(Timeout(&value).Tag(kTimeout), Timeout(800ms).Tag(kBystander));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, -ETIME).After(800ms)));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(1060ms)));
}

RING_CASE(TimeoutValidation, MoreSecondsThanAClockHasNeverEnd, .clause = "TIMEOUT-VALID-HUGE-01") {
  const __kernel_timespec most{std::numeric_limits<std::int64_t>::max(), 0};
  const __kernel_timespec wraps{18'446'744'074, 0};  // 0.29 s in 64 bits of nanoseconds
  Ring ring;
  ring.Submit(Timeout(&most).Tag(kTimeout), Timeout(&wraps).Tag(kTimeout),
              Timeout(500ms).Tag(kBystander));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, -ETIME).After(500ms)));

  ring.Submit(TimeoutRemove(kTimeout).Tag(kRemove), TimeoutRemove(kTimeout).Tag(kRemove));

  EXPECT_THAT(ring.Reap(4), UnorderedElementsAre(Completes(kRemove, 0), Completes(kRemove, 0),
                                                 Completes(kTimeout, -ECANCELED),
                                                 Completes(kTimeout, -ECANCELED)));
}

RING_CASE(TimeoutValidation, TheDescriptorIsIgnored, .clause = "TIMEOUT-VALID-FD-01") {
  Ring ring;

  ring.Submit(Timeout(50ms).Tag(kTimeout).With([](uapi::Sqe& sqe) { sqe.fd = 555; }));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(TimeoutValidation, AFixedFileIsIgnoredByATimeoutAndRefusedByARemoval,
          .clause = "TIMEOUT-VALID-FIXED-01") {
  Ring ring;
  ring.Submit(Timeout(50ms).FixedFile().Tag(kTimeout));

  ring.Submit(TimeoutRemove(kTimeout).FixedFile().Tag(kRemove));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kRemove, -EINVAL),
                                                 Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(TimeoutValidation, ARingThatPollsItsDevicesTakesNoTimeouts,
          .clause = "TIMEOUT-VALID-IOPOLL-01") {
  Ring ring({.flags = IORING_SETUP_IOPOLL});

  ring.Submit(Timeout(1ms).Tag(kTimeout));
  ring.Submit(TimeoutRemove(kNobody).Tag(kRemove));
  ring.Submit(Nop().Tag(kHead).Link(), LinkTimeout(20s));

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kTimeout, -EINVAL), Completes(kRemove, -EINVAL),
                                   Completes(kHead, -ECANCELED), Completes(kLinkTimeout, -EINVAL)));
}

}  // namespace
}  // namespace ringspec
