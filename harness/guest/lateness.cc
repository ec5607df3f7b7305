#include "harness/guest/lateness.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace ringspec {
namespace {

LatenessWatch* watch = nullptr;

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
}

Duration BoundFor(Duration late) {
  const Duration unwatched = CurrentTiming().lateness;
  if (watch == nullptr) return unwatched;
  if (late > LatenessBound(unwatched, Duration(watch->held_up_ns_))) {
    const timespec looks{0, Duration(3 * LatenessWatch::kEvery).count()};
    nanosleep(&looks, nullptr);
  }
  return LatenessBound(unwatched, Duration(watch->held_up_ns_));
}

}  // namespace ringspec
