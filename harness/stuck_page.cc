#include "harness/stuck_page.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "harness/clock.h"
#include "harness/error.h"
#include "harness/page_size.h"
#include "harness/request.h"

namespace ringspec {

StuckPage::StuckPage()
    : page_(mmap(nullptr, PageSize(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)),
      faults_(
          Must("userfaultfd", static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK)))) {
  if (page_ == MAP_FAILED) throw SetupError("mmap", errno);
  uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
  Must("UFFDIO_API", ioctl(faults_.get(), UFFDIO_API, &api));
  uffdio_register region{
      .range = {address(), PageSize()}, .mode = UFFDIO_REGISTER_MODE_MISSING, .ioctls = 0};
  Must("UFFDIO_REGISTER", ioctl(faults_.get(), UFFDIO_REGISTER, &region));
}

StuckPage::~StuckPage() { Release(); }

std::uint64_t StuckPage::address() const { return AddressOf(page_); }

bool StuckPage::SomebodyIsStuck() const {
  pollfd fault{.fd = faults_.get(), .events = POLLIN, .revents = 0};
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(CurrentTiming().give_up);
  return poll(&fault, 1, static_cast<int>(limit.count())) == 1;
}

void StuckPage::Release() const {
  uffdio_zeropage zero{.range = {address(), PageSize()}, .mode = 0, .zeropage = 0};
  ioctl(faults_.get(), UFFDIO_ZEROPAGE, &zero);  // Fails if it was released before: fine.
}

}  // namespace ringspec
