#include "harness/wait.h"

#include "harness/guard.h"

namespace ringspec {
namespace {

// Cases wait for no longer than this on purpose.
constexpr Duration kLongestWait = 1s;

}  // namespace

Wait& Wait::For(Duration limit) {
  timespec_ = ToTimespec(limit);
  own_timespec_ = true;
  limit_ = std::max(limit, Duration::zero());
  return *this;
}

Wait& Wait::Until(TimePoint point) {
  For(point).Flags(IORING_ENTER_ABS_TIMER);
  limit_.reset();
  return *this;
}

Wait& Wait::Timespec(const void* timespec) {
  own_timespec_ = false;
  limit_.reset();
  argument_.ts = AddressOf(timespec);
  return *this;
}

Wait& Wait::AtLeast(std::chrono::microseconds min_wait) {
  argument_.min_wait_usec = static_cast<std::uint32_t>(min_wait.count());
  return *this;
}

Wait& Wait::Mask(const void* mask, std::size_t size) {
  argument_.sigmask = AddressOf(mask);
  argument_.sigmask_sz = static_cast<std::uint32_t>(size);
  return *this;
}

Wait& Wait::Mask(const sigset_t& mask) {
  mask_ = mask;
  has_mask_ = true;
  return *this;
}

Wait& Wait::Flags(unsigned flags) {
  flags_ |= flags;
  return *this;
}

Wait& Wait::ArgumentSize(std::size_t size) {
  size_ = size;
  return *this;
}

Wait& Wait::Submitting(const Request& request) {
  requests_.push_back(request);
  return *this;
}

Completion EnterAndWait(Ring& ring, const Wait& wait) {
  uapi::GeteventsArg argument = wait.argument_;
  if (wait.own_timespec_) argument.ts = AddressOf(&wait.timespec_);
  if (wait.has_mask_) {
    argument.sigmask = AddressOf(&wait.mask_);
    argument.sigmask_sz = uapi::kSigsetSize;
  }
  const unsigned submitted = ring.Publish(wait.requests_);
  // A polling thread that sleeps has to be told; the flag means nothing to other rings.
  const unsigned flags = wait.flags_ | (submitted != 0 ? IORING_ENTER_SQ_WAKEUP : 0);
  const WakeUp wake_up(Now() + CurrentTiming().give_up + kLongestWait);
  return Call(
      "wait",
      [&] { return ring.Enter(submitted, wait.min_complete_, flags, &argument, wait.size_); },
      wait.limit_);
}

}  // namespace ringspec
