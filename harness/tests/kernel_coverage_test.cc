#include "harness/guest/kernel_coverage.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace ringspec {
namespace {

TEST(KernelCoverage, IsTakenOnceAndOnlyWhereTheKernelOffersIt) {
  const bool offered = access("/sys/kernel/debug/kcov", R_OK | W_OK) == 0;
  KernelCoverage coverage;
  rmdir("/");  // Goes through the kernel, and fails.

  EXPECT_EQ(coverage.Take().empty(), !offered);
}

}  // namespace
}  // namespace ringspec
