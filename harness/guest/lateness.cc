#include "harness/guest/lateness.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

#include "harness/setup.h"

namespace ringspec {
namespace {

LatenessWatch* watch = nullptr;

// A polling thread that spins has the processor for as long as the scheduler lets it: on one CPU
// that made waiters up to 6.4 ms late (6.1).
constexpr int kBesideAPollingThread = 4;

Duration UnwatchedBound() {
  const Timing& timing = CurrentTiming();
  const bool one_cpu = !timing.shares_cpus;  // As guests in virtual time have.
  return one_cpu && CurrentSetup() == Setup::kSqpoll ? kBesideAPollingThread * timing.lateness
                                                     : timing.lateness;
}

}  // namespace

Timing Scaled(const Timing& base, Duration worst) {
  return {.give_up = base.give_up + 10 * worst,
          .quiet = base.quiet + 2 * worst,
          .lateness = LatenessBound(base.lateness, worst),
          .shares_cpus = base.shares_cpus};
}

LatenessWatch& LatenessWatch::Begin() {
  if (watch != nullptr) return *watch;
  void* memory = mmap(nullptr, sizeof(LatenessWatch), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  watch = new (memory) LatenessWatch;
  return *watch;
}

void LatenessWatch::Saw(Duration late) {
  if (late.count() > held_up_ns_) held_up_ns_ = late.count();
  altogether_ns_ += late.count();
}

Duration HeldUp() { return watch != nullptr ? Duration(watch->altogether_ns_) : Duration{}; }

Duration BoundFor(Duration late) {
  const Duration unwatched = UnwatchedBound();
  if (watch == nullptr) return unwatched;
  if (late > LatenessBound(unwatched, Duration(watch->held_up_ns_))) {
    const timespec looks{0, Duration(3 * LatenessWatch::kEvery).count()};
    nanosleep(&looks, nullptr);
  }
  return LatenessBound(unwatched, Duration(watch->held_up_ns_));
}

}  // namespace ringspec
