#include "harness/request.h"

namespace ringspec {

__kernel_timespec ToTimespec(Duration value) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(value);
  return {.tv_sec = seconds.count(), .tv_nsec = (value - seconds).count()};
}

}  // namespace ringspec
