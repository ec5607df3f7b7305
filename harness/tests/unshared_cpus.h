// For as long as it lives, nothing is forgiven because other processes had the processors.
#pragma once

#include "harness/clock.h"

namespace ringspec {

class UnsharedCpus {
 public:
  UnsharedCpus() { CurrentTiming().shares_cpus = false; }
  ~UnsharedCpus() { CurrentTiming().shares_cpus = before_; }
  UnsharedCpus(const UnsharedCpus&) = delete;
  UnsharedCpus& operator=(const UnsharedCpus&) = delete;

 private:
  bool before_ = CurrentTiming().shares_cpus;
};

}  // namespace ringspec
