// Cases that break things, for the runner's own tests: each is a real fault in a real guest.
// They are in a binary of their own, ringspec-drills, and need a machine that may be lost.
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "harness/cases.h"
#include "harness/guest/window.h"
#include "harness/stuck_page.h"
#include "harness/tcp.h"

namespace ringspec {
namespace {

// Documentation/admin-guide/sysrq.rst
void SysRq(char key) { std::ofstream("/proc/sysrq-trigger") << key << std::flush; }

RING_CASE(Drill, Nothing, .clause = "DRILL") {}

RING_CASE(Drill, FailsAnExpectation, .clause = "DRILL") { EXPECT_EQ(1, 2); }

RING_CASE(Drill, DiesOfASignal, .clause = "DRILL") { std::raise(SIGSEGV); }

RING_CASE(Drill, ExitsInTheMiddle, .clause = "DRILL") { _exit(7); }

RING_CASE(Drill, KillsWhoServesIt, .clause = "DRILL") {
  kill(getppid(), SIGKILL);
  while (true) pause();
}

// Holds once in the same memory.
int times_seen = 0;

RING_CASE(Drill, RemembersItself, .clause = "DRILL") { EXPECT_EQ(++times_seen, 1); }

RING_CASE(Drill, CountsInACopy, .clause = "DRILL", .memory = Memory::kOwn) { ++times_seen; }

RING_CASE(Drill, LeavesMemoryMapped, .clause = "DRILL") {
  mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

RING_CASE(Drill, SleepsForEver, .clause = "DRILL") {
  while (true) pause();
}

RING_CASE(Drill, SpinsForEver, .clause = "DRILL") {
  while (true) asm volatile("");
}

// Nothing but interrupts is served any more: every CPU runs a task of the highest real-time
// priority, and that without a rest.
RING_CASE(Drill, SpinsOnEveryCpu, .clause = "DRILL") {
  std::ofstream("/proc/sys/kernel/sched_rt_runtime_us") << -1 << std::flush;
  const int cpus = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  // Since 6.12 other tasks have a share that no priority takes from them, unless it is set to 0.
  mount("debugfs", "/sys/kernel/debug", "debugfs", 0, nullptr);
  for (int cpu = 0; cpu < cpus; ++cpu) {
    const std::string share = "/sys/kernel/debug/sched/fair_server/cpu" + std::to_string(cpu);
    std::ofstream(share + "/runtime") << 0 << std::flush;
  }
  for (int cpu = cpus - 1; cpu >= 0; --cpu) {  // this task last, on CPU 0
    if (cpu != 0 && fork() != 0) continue;
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    const sched_param highest{.sched_priority = sched_get_priority_max(SCHED_FIFO)};
    sched_setaffinity(0, sizeof(only), &only);
    sched_setscheduler(0, SCHED_FIFO, &highest);
    while (true) asm volatile("");
  }
}

// State D: a reader waits for a pipe's lock, which a writer in another process holds, who waits in
// the kernel for a page that nobody brings.  The ring is there to be told about.
RING_CASE(Drill, SleepsUninterruptibly, .clause = "DRILL") {
  Ring ring;
  Pipe pipe;
  Pipe told;
  ring.Submit(PollAdd(told.read_end()).Tag(kBystander));
  if (fork() == 0) {
    const StuckPage page;
    std::thread([&] {
      if (page.SomebodyIsStuck()) told.Write();
    }).detach();
    const auto* nowhere = reinterpret_cast<const void*>(page.address());
    _exit(write(pipe.write_end(), nowhere, 1) == 1 ? 0 : 1);
  }
  ring.Reap(1);
  char byte;
  ASSERT_EQ(read(pipe.read_end(), &byte, 1), 1);
}

// A ring that stays: what is sent without a copy is the kernel's until the peer has it, and there
// is no way to the peer any more, not even for the news that nobody wants it.
RING_CASE(Drill, LeavesARingBehind, .clause = "DRILL") {
  Ring ring;
  const FullTcpPair pair;
  const int room = 1 << 20;
  ASSERT_EQ(setsockopt(pair.near(), SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)), 0);
  ifreq down{};
  std::strcpy(down.ifr_name, "lo");
  ASSERT_EQ(ioctl(pair.near(), SIOCSIFFLAGS, &down), 0);

  ring.Submit(Send(pair.near()).With([](uapi::Sqe& sqe) { sqe.opcode = uapi::kOpSendZc; }));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 64).More()));
}

RING_CASE(Drill, FloodsItsOutput, .clause = "DRILL") {
  for (int i = 0; i < 50'000; ++i) std::fprintf(stderr, "line %d of the flood\n", i);
}

RING_CASE(Drill, PanicsTheKernel, .clause = "DRILL") { SysRq('c'); }

RING_CASE(Drill, RebootsTheMachine, .clause = "DRILL") { SysRq('b'); }

// A line that looks like a kernel warning, in the kernel log.
RING_CASE(Drill, LogsAWarning, .clause = "DRILL") {
  std::ofstream("/dev/kmsg") << "<4>WARNING: CPU: 0 PID: 1 at io_uring/drill.c:1 drill+0x0/0x1\n"
                             << std::flush;
}

RING_CASE(Drill, LogsAnOops, .clause = "DRILL") {
  std::ofstream log("/dev/kmsg");
  log << "<1>BUG: kernel NULL pointer dereference, address: 0000000000000008\n" << std::flush;
  log << "<4>Oops: Oops: 0000 [#1] PREEMPT SMP NOPTI\n" << std::flush;
  log << "<4>RIP: 0010:drill+0x0/0x1\n" << std::flush;
}

// More than the kernel's own buffer holds.
RING_CASE(Drill, FloodsTheKernelLog, .clause = "DRILL") {
  std::ofstream log("/dev/kmsg");
  const std::string line = "<4>" + std::string(800, 'x') + "\n";
  for (int i = 0; i < 500; ++i) log << line << std::flush;
}

// A line without an end, as much as the host would ever have to keep.
RING_CASE(Drill, NeverEndsItsLine, .clause = "DRILL") {
  Window* window = Window::Find();
  std::ofstream bell("/dev/ttyS1");
  while (window != nullptr && window->Put(std::string(4096, 'x'))) bell << '!' << std::flush;
}

// Everything that a terminal, a browser or a file system would act upon.
RING_CASE(Drill, TalksToTheTerminal, .clause = "DRILL") {
  Recorder::Current().Part(
      "text", "\x1b]0;owned\x07\x1b[2J</script><img src=x onerror=alert(1)>../../etc/passwd");
  EXPECT_EQ(1, 2) << "\x1b[2J</pre><script>alert(1)</script>";
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
  kill(getppid(), SIGKILL);  // Now it has to do something.
}

RING_CASE(Drill, GarblesTheEventChannel, .clause = "DRILL") {
  if (Window* window = Window::Find())
    window->Put("{\"event\":\"end\",\x01\xff this is no event\n");
}

RING_CASE(Drill, CutsTheEventChannelMidLine, .clause = "DRILL") {
  if (Window* window = Window::Find()) window->Put(R"({"event":"e)");
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
