// A page of memory that stops whoever touches it, in user space or in the kernel: with it a request
// that would never wait is *running* for as long as a case needs.
#pragma once

#include <cstdint>

#include "harness/descriptor.h"

namespace ringspec {

class StuckPage {
 public:
  StuckPage();
  ~StuckPage();
  StuckPage(const StuckPage&) = delete;
  StuckPage& operator=(const StuckPage&) = delete;

  std::uint64_t address() const;
  void* page() const { return page_; }
  // Waits until somebody is stuck; returns whether that was in time.
  bool SomebodyIsStuck() const;
  // Lets them go on; the page then reads as zero.
  void Release() const;

 private:
  void* page_;
  Descriptor faults_;
};

}  // namespace ringspec
