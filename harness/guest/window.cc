#include "harness/guest/window.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "harness/clock.h"

namespace ringspec {
namespace {

constexpr std::size_t kSize = 2 << 20;
constexpr std::uint32_t kMagic = 0x31575352;  // "RSW1"
constexpr std::size_t kWritten = 4;
constexpr std::size_t kRead = 8;
constexpr std::size_t kOrderSize = 12;
constexpr std::size_t kOrder = 4096;
constexpr std::size_t kEvents = 1 << 20;
constexpr std::uint32_t kEventsSize = 1 << 20;

// How long a full window waits for its host, in guest time.
constexpr Duration kPatience = 30s;

std::string FirstWord(const std::filesystem::path& file) {
  std::string word;
  std::ifstream(file) >> word;
  return word;
}

// QEMU's docs/specs/ivshmem-spec.rst: vendor 1af4, device 1110, the memory is BAR 2.
char* MapIvshmem(const std::filesystem::path& device) {
  if (FirstWord(device / "vendor") != "0x1af4" || FirstWord(device / "device") != "0x1110") {
    return nullptr;
  }
  std::ofstream(device / "enable") << 1;
  // Plain memory, mapped as such where the kernel can: arm64 refuses unaligned access to a device.
  int fd = open((device / "resource2_wc").c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) fd = open((device / "resource2").c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return nullptr;
  void* memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
}

}  // namespace

Window* Window::Find() {
  std::error_code none;
  for (const auto& device : std::filesystem::directory_iterator("/sys/bus/pci/devices", none)) {
    char* memory = MapIvshmem(device.path());
    if (memory == nullptr) continue;
    auto* window = new Window(memory);
    if (window->Field(0) == kMagic) return window;
    delete window;
  }
  return nullptr;
}

void Window::KeepFromChildren() { madvise(memory_, kSize, MADV_DONTFORK); }

bool Window::HasRoomFor(std::size_t size) {
  return size <= kEventsSize - (Field(kWritten) - Field(kRead));
}

bool Window::Put(std::string_view text) {
  const TimePoint deadline = Now() + kPatience;
  while (!text.empty()) {
    const std::uint32_t written = Field(kWritten);
    const std::uint32_t space = kEventsSize - (written - Field(kRead));
    if (space == 0) {
      if (Now() > deadline) return false;
      const timespec pause{0, 1'000'000};
      nanosleep(&pause, nullptr);
      continue;
    }
    const std::uint32_t at = written % kEventsSize;
    const auto size = std::min<std::size_t>({text.size(), space, kEventsSize - at});
    std::memcpy(memory_ + kEvents + at, text.data(), size);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    Field(kWritten) = written + static_cast<std::uint32_t>(size);
    text.remove_prefix(size);
  }
  return true;
}

std::optional<std::string> Window::TakeOrder() {
  const std::uint32_t size = Field(kOrderSize);
  if (size == 0 || size > kEvents - kOrder) return std::nullopt;
  std::string order(memory_ + kOrder, size);
  Field(kOrderSize) = 0;
  return order;
}

}  // namespace ringspec
