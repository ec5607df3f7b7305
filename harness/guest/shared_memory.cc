#include "harness/guest/shared_memory.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <semaphore>
#include <thread>

namespace ringspec {
namespace {

// As the first thread of a program has.
constexpr size_t kStackSize = 8 << 20;

// Where a thread's own storage is: what CLONE_SETTLS takes.
void* ThreadPointer() {
  void* pointer = nullptr;
#if defined(__x86_64__)
  asm("mov %%fs:0, %0" : "=r"(pointer));
#elif defined(__aarch64__)
  asm("mrs %0, tpidr_el0" : "=r"(pointer));
#else
#error "where is the thread pointer on this architecture?"
#endif
  return pointer;
}

// What a process needs for itself in memory that another one uses at the same time.  The parent's
// errno must not be the child's, so the child has the storage of a thread that only sleeps.
struct Place {
  char* stack;
  void* thread_storage;
};

Place MakePlace() {
  void* stack = mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) std::abort();
  Place place{static_cast<char*>(stack), nullptr};
  std::binary_semaphore ready(0);
  std::thread([&place, &ready] {
    std::free(std::malloc(1));  // Its arena is there before a child needs it.
    place.thread_storage = ThreadPointer();
    ready.release();
    while (true) pause();
  }).detach();
  ready.acquire();
  return place;
}

int Run(void* body) {
  (*static_cast<const std::function<void()>*>(body))();
  std::abort();
}

const Place& OurPlace() {
  static const Place place = MakePlace();
  return place;
}

}  // namespace

void PrepareToShareMemory() { OurPlace(); }

pid_t CloneIntoThisMemory(const std::function<void()>& body) {
  const Place& place = OurPlace();
  return clone(&Run, place.stack + kStackSize, CLONE_VM | CLONE_SETTLS | SIGCHLD,
               const_cast<std::function<void()>*>(&body), nullptr, place.thread_storage);
}

long MappedPages() {
  static const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  std::array<char, 64> text{};
  if (pread(file, text.data(), text.size() - 1, 0) <= 0) return 0;
  return std::strtol(text.data(), nullptr, 10);
}

}  // namespace ringspec
