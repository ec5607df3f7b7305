// Which places of the kernel a process comes to, where the kernel tells: one built with CONFIG_KCOV
// (Documentation/dev-tools/kcov.rst).  Of a kernel of which only io_uring/ is instrumented
// (KCOV_INSTRUMENT := y in its Makefile) these are places in io_uring.
#pragma once

#include <cstdint>
#include <string>

#include "harness/descriptor.h"

namespace ringspec {

// From here to Take(), of the calling thread; workers and interrupts are not seen.
class KernelCoverage {
 public:
  KernelCoverage();
  ~KernelCoverage();
  KernelCoverage(const KernelCoverage&) = delete;
  KernelCoverage& operator=(const KernelCoverage&) = delete;

  // The places, each once, as the low halves of their addresses: "9f0a31c 9f0a340".  Nothing where
  // the kernel does not tell.
  std::string Take();

 private:
  Descriptor file_;
  std::uint64_t* places_ = nullptr;  // the first is their number
};

}  // namespace ringspec
