#include "harness/guest/kernel_coverage.h"

#include <fcntl.h>
#include <linux/kcov.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <atomic>
#include <set>
#include <sstream>

namespace ringspec {
namespace {

// A program comes to some ten thousand places, most of them often; more is not recorded.
constexpr std::size_t kPlaces = 128 * 1024;

}  // namespace

KernelCoverage::KernelCoverage() : file_(open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC)) {
  if (file_.get() < 0 || ioctl(file_.get(), KCOV_INIT_TRACE, kPlaces) != 0) return;
  void* memory =
      mmap(nullptr, kPlaces * sizeof(*places_), PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (memory == MAP_FAILED) return;
  places_ = static_cast<std::uint64_t*>(memory);
  ioctl(file_.get(), KCOV_ENABLE, KCOV_TRACE_PC);
}

KernelCoverage::~KernelCoverage() {
  if (places_ != nullptr) munmap(places_, kPlaces * sizeof(*places_));
}

std::string KernelCoverage::Take() {
  if (places_ == nullptr) return "";
  ioctl(file_.get(), KCOV_DISABLE, 0);
  const std::uint64_t count = std::atomic_ref(places_[0]).load(std::memory_order_relaxed);
  const std::set<std::uint32_t> distinct(places_ + 1, places_ + 1 + count);
  std::ostringstream text;
  text << std::hex;
  for (const std::uint32_t place : distinct) text << (text.tellp() > 0 ? " " : "") << place;
  return text.str();
}

}  // namespace ringspec
