// What the kernel has consumed it does not read again: the timespec may be overwritten.
#include "harness/cases.h"

namespace ringspec {
namespace {

constexpr __kernel_timespec kShort{0, 50'000'000};
constexpr __kernel_timespec kLong{20, 0};

RING_CASE(Timeout, TheTimespecIsReadBeforeSubmissionReturns, .clause = "TIMEOUT-STABLE-01") {
  Ring ring;
  __kernel_timespec value = kShort;

  ring.Submit(Timeout(&value).Tag(kTimeout));
  value = kLong;

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(Timeout, TheTimespecOfALaterLinkIsReadAtSubmissionToo, .clause = "TIMEOUT-STABLE-01") {
  Ring ring;
  __kernel_timespec value = kShort;

  ring.Submit(Timeout(50ms).Tag(kHead).HardLink(), Timeout(&value).Tag(kTimeout));
  value = kLong;

  EXPECT_THAT(ring.Reap(2), ElementsAre(Completes(kHead, -ETIME).After(50ms),
                                        Completes(kTimeout, -ETIME).After(100ms)));
}

RING_CASE(Timeout, TheTimespecOfADrainedTimeoutIsReadAtSubmissionToo,
          .clause = "TIMEOUT-STABLE-01") {
  Ring ring;
  Pipe pipe;
  __kernel_timespec value = kShort;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kBlocker), Timeout(&value).Tag(kTimeout).Drain());
  value = kLong;
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());
  const TimePoint ready = Now();
  pipe.Write();

  EXPECT_THAT(ring.Reap(2), ElementsAre(Completes(kBlocker, POLLIN),
                                        Completes(kTimeout, -ETIME).DueAt(ready + 50ms)));
}

RING_CASE(Timeout, TheTimespecOfAnAsyncTimeoutIsReadAtSubmissionToo,
          .clause = "TIMEOUT-STABLE-01") {
  Ring ring;
  __kernel_timespec value = kShort;

  ring.Submit(Timeout(&value).Tag(kTimeout).Async());
  value = kLong;

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(50ms)));
}

}  // namespace
}  // namespace ringspec
