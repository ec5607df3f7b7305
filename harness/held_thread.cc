#include "harness/held_thread.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

namespace ringspec {

HeldThread::HeldThread(const std::function<void(void* page)>& call)
    : thread_([this, call] {
        void* page = page_.page();
        call(page);
        returned_ = true;
        *static_cast<volatile char*>(page) = 0;  // Stuck here at the latest.
      }) {
  if (!page_.SomebodyIsStuck() || returned_) ADD_FAILURE() << "the call does not touch its memory";
}

HeldThread::~HeldThread() { LetGo(); }

void HeldThread::LetGo() {
  page_.Release();
  if (thread_.joinable()) thread_.join();
}

void HeldThread::LetGoAfter(Duration limit) {
  limit_ = std::jthread([this, limit](const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, stop, limit, [] { return false; });
    page_.Release();
  });
}

}  // namespace ringspec
