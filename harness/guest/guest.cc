#include "harness/guest/guest.h"

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "harness/guest/huge_pages.h"
#include "harness/guest/serve.h"
#include "harness/guest/window.h"

namespace ringspec {
namespace {

// In the initramfs of a guest that runs without a host: all that it is to do.
constexpr char kOrder[] = "/order";

bool in_guest = false;

[[noreturn]] void PowerOff() {
  sync();
  // -no-reboot makes a restart end the machine, and unlike a power-off it needs no ACPI.
  reboot(RB_AUTOBOOT);
  std::abort();
}

// The console is all there is to complain to before the channel is open.
[[noreturn]] void GiveUp(const char* what) {
  std::fprintf(stderr, "ringspec: cannot %s: %s\n", what, std::strerror(errno));
  PowerOff();
}

void Mount(const char* type, const char* target) {
  mkdir(target, 0755);
  if (mount(type, target, type, 0, nullptr) != 0 && errno != EBUSY) GiveUp("mount");
}

void BringUpLoopback() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0) GiveUp("bring lo up");
  close(fd);
}

// The serial line that `ringspec_events=` names on the kernel's command line, which hands it on as
// environment.  A terminal would echo, translate line ends and cut lines: none of that here.
int OpenEventChannel() {
  const char* name = std::getenv("ringspec_events");
  const std::string line = std::string("/dev/") + (name != nullptr ? name : "ttyS1");
  const int fd = open(line.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios raw{};
  if (fd < 0 || tcgetattr(fd, &raw) != 0) GiveUp("open the event channel");
  cfmakeraw(&raw);
  raw.c_cflag |= CLOCAL | CREAD;
  cfsetspeed(&raw, B115200);
  if (tcsetattr(fd, TCSANOW, &raw) != 0) GiveUp("set up the event channel");
  return fd;
}

}  // namespace

bool IsInit() { return getpid() == 1; }
bool InGuest() { return in_guest; }

void RunAsInit() {
  in_guest = true;
  Mount("devtmpfs", "/dev");
  Mount("proc", "/proc");
  Mount("sysfs", "/sys");
  Mount("tmpfs", "/tmp");
  // Only for coverage (harness/guest/kernel_coverage.h), which most kernels do not offer either.
  mount("debugfs", "/sys/kernel/debug", "debugfs", 0, nullptr);
  MoveProgramToHugePages();
  BringUpLoopback();
  const int channel = OpenEventChannel();
  const KernelLog kernel_log = KernelLog::Open();
  if (!kernel_log.IsOpen()) GiveUp("open /dev/kmsg");

  const int order = open(kOrder, O_RDONLY | O_CLOEXEC);
  if (order >= 0) {
    Serve({.orders = order, .events = channel, .kernel_log = kernel_log});
  } else {
    Serve(
        {.orders = channel, .events = channel, .window = Window::Find(), .kernel_log = kernel_log});
  }
  PowerOff();
}

}  // namespace ringspec
