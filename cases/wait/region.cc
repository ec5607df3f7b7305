// Waits whose arguments lie in a registered region (IORING_ENTER_EXT_ARG_REG).
#include <sys/mman.h>

#include "harness/cases.h"
#include "harness/guard.h"
#include "harness/page_size.h"

namespace ringspec {
namespace {

const std::size_t kRegionSize = PageSize();

// A ring with one page of wait arguments, all zero at first.
class RingWithRegion {
 public:
  RingWithRegion() : ring_(RingOptions{.flags = IORING_SETUP_R_DISABLED}) {
    waits_ = static_cast<uapi::RegWait*>(
        mmap(nullptr, kRegionSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    uapi::RegionDesc region{};
    region.user_addr = AddressOf(waits_);
    region.size = kRegionSize;
    region.flags = uapi::kMemRegionTypeUser;
    uapi::MemRegionReg reg{};
    reg.region_uptr = AddressOf(&region);
    reg.flags = uapi::kMemRegionRegWaitArg;
    EXPECT_THAT(
        Call("register_region", [&] { return ring_.Register(uapi::kRegisterMemRegion, &reg, 1); }),
        Returns(0));
    ring_.Register(IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
  }

  uapi::RegWait& operator[](int index) { return waits_[index]; }

  // A wait for one completion by the arguments at this offset into the region.
  Completion WaitBy(std::uint64_t offset, std::size_t size = sizeof(uapi::RegWait),
                    unsigned flags = 0) {
    const WakeUp wake_up(Now() + CurrentTiming().give_up + 1s);
    return Call("wait", [&] {
      return ring_.Enter(
          0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG | IORING_ENTER_EXT_ARG_REG | flags,
          reinterpret_cast<const void*>(offset), size);
    });
  }

 private:
  Ring ring_;
  uapi::RegWait* waits_;
};

RING_CASE(WaitRegion, ItsTimeLimitsTheWait, .clause = "WAIT-REG-01") {
  RingWithRegion ring;
  ring[2].ts = ToTimespec(50ms);
  ring[2].flags = uapi::kRegWaitTs;

  EXPECT_THAT(ring.WaitBy(2 * sizeof(uapi::RegWait)), Returns(-ETIME).After(50ms));
}

RING_CASE(WaitRegion, ATimeWithoutTheFlagMeansNothing, .clause = "WAIT-REG-01") {
  RingWithRegion ring;
  ring[0].ts = ToTimespec(20s);
  ring[0].min_wait_usec = 60'000;

  EXPECT_THAT(ring.WaitBy(0), Returns(-ETIME).After(60ms));
}

RING_CASE(WaitRegion, ItsSignalMaskHoldsForTheWait, .clause = "WAIT-REG-01") {
  sigset_t everything;
  sigfillset(&everything);
  RingWithRegion ring;
  ring[1].ts = ToTimespec(80ms);
  ring[1].flags = uapi::kRegWaitTs;
  ring[1].sigmask = AddressOf(&everything);
  ring[1].sigmask_sz = uapi::kSigsetSize;
  const WakeUp signal(Now() + 20ms);

  EXPECT_THAT(ring.WaitBy(sizeof(uapi::RegWait)), Returns(-ETIME).After(80ms));
}

RING_CASE(WaitRegion, ItsLastBytesAreInsideOfIt, .clause = "WAIT-REG-03") {
  const std::size_t kLast = kRegionSize - sizeof(uapi::RegWait);
  RingWithRegion ring;
  ring[kLast / sizeof(uapi::RegWait)].ts = ToTimespec(50ms);
  ring[kLast / sizeof(uapi::RegWait)].flags = uapi::kRegWaitTs;

  EXPECT_THAT(ring.WaitBy(kLast), Returns(-ETIME).After(50ms));
}

RING_CASE(WaitRegion, AnOffsetOutsideOfItIsEFAULT, .clause = "WAIT-REG-02") {
  RingWithRegion ring;

  for (const std::uint64_t offset : {std::uint64_t{1}, std::uint64_t{kRegionSize - 32},
                                     std::uint64_t{kRegionSize}, std::uint64_t{1} << 40}) {
    EXPECT_THAT(ring.WaitBy(offset), Returns(-EFAULT)) << offset;
  }
}

RING_CASE(WaitRegion, UnknownFlagsInItAreEINVAL, .clause = "WAIT-REG-02") {
  RingWithRegion ring;
  ring[0].flags = 1U << 31;

  EXPECT_THAT(ring.WaitBy(0), Returns(-EINVAL).AtOnce());
}

RING_CASE(WaitRegion, AnArgumentOfAnotherSizeIsEINVAL, .clause = "WAIT-REG-02") {
  RingWithRegion ring;
  ring[0].ts = ToTimespec(50ms);
  ring[0].flags = uapi::kRegWaitTs;

  for (const std::size_t size : {0, 24, 63, 65, 128}) {
    EXPECT_THAT(ring.WaitBy(0, size), Returns(-EINVAL).AtOnce()) << size;
  }
}

RING_CASE(WaitRegion, ItsSecondsAndNanosecondsAddUp, .clause = "WAIT-REG-01") {
  constexpr Duration kLong = 1s + 500ms + 900us;
  RingWithRegion ring;
  ring[0].ts = ToTimespec(kLong);
  ring[0].flags = uapi::kRegWaitTs;

  EXPECT_THAT(ring.WaitBy(0), Returns(-ETIME).After(kLong));
}

RING_CASE(WaitRegion, ItsTimeMayBeAPoint, .clause = "WAIT-REG-01") {
  RingWithRegion ring;
  const TimePoint due = Now() + 50ms;
  ring[0].ts = ToTimespec(due);
  ring[0].flags = uapi::kRegWaitTs;

  EXPECT_THAT(ring.WaitBy(0, sizeof(uapi::RegWait), IORING_ENTER_ABS_TIMER),
              Returns(-ETIME).DueAt(due));
}

}  // namespace
}  // namespace ringspec
