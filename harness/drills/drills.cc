// Cases that break things, for the runner's own tests: each is a real fault in a real guest.
// They are in a binary of their own, ringspec-drills, and need a machine that may be lost.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>

#include "harness/case.h"
#include "harness/window.h"

namespace ringspec {
namespace {

// Documentation/admin-guide/sysrq.rst
void SysRq(char key) { std::ofstream("/proc/sysrq-trigger") << key << std::flush; }

RING_CASE(Drill, Nothing, .clause = "DRILL") {}

RING_CASE(Drill, FailsAnExpectation, .clause = "DRILL") { EXPECT_EQ(1, 2); }

RING_CASE(Drill, DiesOfASignal, .clause = "DRILL") { std::raise(SIGSEGV); }

RING_CASE(Drill, ExitsInTheMiddle, .clause = "DRILL") { _exit(7); }

RING_CASE(Drill, SleepsForEver, .clause = "DRILL") {
  while (true) pause();
}

RING_CASE(Drill, SpinsForEver, .clause = "DRILL") {
  while (true) asm volatile("");
}

RING_CASE(Drill, FloodsItsOutput, .clause = "DRILL") {
  for (int i = 0; i < 200'000; ++i) std::fprintf(stderr, "line %d of the flood\n", i);
}

RING_CASE(Drill, PanicsTheKernel, .clause = "DRILL") { SysRq('c'); }

RING_CASE(Drill, RebootsTheMachine, .clause = "DRILL") { SysRq('b'); }

// A line that looks like a kernel warning, in the kernel log.
RING_CASE(Drill, LogsAWarning, .clause = "DRILL") {
  std::ofstream("/dev/kmsg") << "<4>WARNING: CPU: 0 PID: 1 at io_uring/drill.c:1 drill+0x0/0x1\n"
                             << std::flush;
}

// TAINT_WARN, as a warning that nobody saw would leave it behind.
RING_CASE(Drill, TaintsTheKernel, .clause = "DRILL") {
  std::ofstream("/proc/sys/kernel/tainted") << 512 << std::flush;
}

RING_CASE(Drill, KillsInit, .clause = "DRILL") {
  // Init survives every signal but those it raises itself; its memory it does not survive.
  std::ofstream("/proc/sys/kernel/randomize_va_space") << 0;
  const int memory = open("/proc/1/mem", O_RDWR);
  for (off_t page = 0x400000; page < 0x800000; page += 4096) {
    if (pwrite(memory, "\xcc\xcc\xcc\xcc", 4, page) < 0) continue;
  }
}

RING_CASE(Drill, GarblesTheEventChannel, .clause = "DRILL") {
  if (Window* window = Window::Find())
    window->Put("{\"event\":\"end\",\x01\xff this is no event\n");
}

RING_CASE(Drill, CutsTheEventChannelMidLine, .clause = "DRILL") {
  if (Window* window = Window::Find()) window->Put("{\"event\":\"e");
  SysRq('b');
}

RING_CASE(Drill, EatsAllMemory, .clause = "DRILL") {
  constexpr size_t kPiece = 16 << 20;
  while (true) {
    void* piece = mmap(nullptr, kPiece, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (piece == MAP_FAILED) break;
  }
}

}  // namespace
}  // namespace ringspec
