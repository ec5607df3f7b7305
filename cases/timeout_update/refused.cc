// Refused and vain updates: the timeout keeps its deadline.
#include "harness/cases.h"

namespace ringspec {
namespace {

const Tag kTvSec{"tv_sec", 0xe1};
const Tag kTvNsec{"tv_nsec", 0xe2};
const Tag kNull{"null", 0xe3};
const Tag kUnmapped{"unmapped", 0xe4};

// Below vm.mmap_min_addr, where nothing is ever mapped.
const auto* const kUnmappedPage = reinterpret_cast<const __kernel_timespec*>(4096);

void ExpectEachIsRefused(const std::vector<Request>& updates, int error) {
  Ring ring;
  ring.Submit(Timeout(500ms).Tag(kTimeout));

  std::vector<CompletionMatcher> refused;
  for (const Request& bad : updates) refused.push_back(Completes(bad.tag, error));
  ring.SubmitBatch(updates);
  EXPECT_THAT(ring.Reap(std::ssize(updates)), UnorderedElementsAreArray(refused));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(500ms)));
}

RING_CASE(TimeoutUpdating, AnUnknownUserDataIsENOENT, .clause = "TIMEOUT-UPDATE-NOENT-01") {
  ExpectEachIsRefused({TimeoutUpdate(kNobody, 1ms).Tag(kUpdate)}, -ENOENT);
}

RING_CASE(TimeoutUpdating, AnExpiredTimeoutIsENOENT, .clause = "TIMEOUT-UPDATE-NOENT-01") {
  Ring ring;
  ring.Submit(Timeout(1ms).Tag(kTimeout));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(1ms)));

  ring.Submit(TimeoutUpdate(kTimeout, 1ms).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, -ENOENT)));
}

RING_CASE(TimeoutUpdating, APollOfThatUserDataIsENOENT, .clause = "TIMEOUT-UPDATE-NOENT-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(TimeoutUpdate(kTarget, 1ms).Tag(kUpdate));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, -ENOENT), Completes(kTarget, POLLIN)));
}

RING_CASE(TimeoutUpdating, AVainUpdateFailsTheSoftChainBehindIt,
          .clause = "TIMEOUT-UPDATE-NOENT-01") {
  Ring ring;

  ring.Submit(TimeoutUpdate(kNobody, 1ms).Tag(kUpdate).Link(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, -ENOENT), Completes(kNext, -ECANCELED)));
}

RING_CASE(TimeoutUpdating, AClockIsRefused, .clause = "TIMEOUT-UPDATE-CLOCK-01") {
  const auto on = [](unsigned clocks) {
    return TimeoutUpdate(kTimeout, 20s).Flags(clocks).Tag(kUpdate);
  };

  ExpectEachIsRefused({on(IORING_TIMEOUT_BOOTTIME), on(IORING_TIMEOUT_REALTIME),
                       on(IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME),
                       on(IORING_TIMEOUT_REALTIME | IORING_TIMEOUT_ABS)},
                      -EINVAL);
}

RING_CASE(TimeoutUpdating, EtimeSuccessIsRefused, .clause = "TIMEOUT-UPDATE-ES-01") {
  ExpectEachIsRefused(
      {TimeoutUpdate(kTimeout, 20s).Flags(IORING_TIMEOUT_ETIME_SUCCESS).Tag(kUpdate)}, -EINVAL);
}

RING_CASE(TimeoutUpdating, MultishotIsRefused, .clause = "TIMEOUT-UPDATE-MS-01") {
  ExpectEachIsRefused({TimeoutUpdate(kTimeout, 20s).Flags(IORING_TIMEOUT_MULTISHOT).Tag(kUpdate)},
                      -EINVAL);
}

RING_CASE(TimeoutUpdating, AnUnreadableTimespecIsEFAULT, .clause = "TIMEOUT-UPDATE-FAULT-01") {
  ExpectEachIsRefused({TimeoutUpdate(kTimeout, nullptr).Tag(kNull),
                       TimeoutUpdate(kTimeout, kUnmappedPage).Tag(kUnmapped)},
                      -EFAULT);
}

RING_CASE(TimeoutUpdating, AnUnreadableTimespecIsEFAULTThoughThereIsNoTimeout,
          .clause = "TIMEOUT-UPDATE-FAULT-01") {
  ExpectEachIsRefused({TimeoutUpdate(kNobody, nullptr).Tag(kUpdate)}, -EFAULT);
}

RING_CASE(TimeoutUpdating, NegativeTimesAreRefused, .clause = "TIMEOUT-UPDATE-NEG-01") {
  const __kernel_timespec seconds{-1, 0};
  const __kernel_timespec nanoseconds{0, -1};

  ExpectEachIsRefused({TimeoutUpdate(kTimeout, &seconds).Tag(kTvSec),
                       TimeoutUpdate(kTimeout, &nanoseconds).Tag(kTvNsec)},
                      -EINVAL);
}

}  // namespace
}  // namespace ringspec
