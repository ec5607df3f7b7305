// A thread that is held in a page of memory, and with it whatever lock it has taken by then: who
// needs the lock stays where it is for as long as a case wants, and no race has to be won.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "harness/clock.h"
#include "harness/stuck_page.h"

namespace ringspec {

class HeldThread {
 public:
  // `call` gets the page to write to; the thread is held when this returns.
  explicit HeldThread(const std::function<void(void* page)>& call);
  ~HeldThread();
  HeldThread(const HeldThread&) = delete;
  HeldThread& operator=(const HeldThread&) = delete;

  // Returns when the thread has ended.
  void LetGo();
  // Lets it go after that time, if nobody does before.
  void LetGoAfter(Duration limit);

 private:
  StuckPage page_;
  std::atomic<bool> returned_ = false;
  std::thread thread_;
  std::jthread limit_;
};

}  // namespace ringspec
