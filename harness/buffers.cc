#include "harness/buffers.h"

#include <sys/mman.h>

#include <bit>
#include <cerrno>

#include "harness/error.h"
#include "harness/request.h"

namespace ringspec {
namespace {

constexpr unsigned kBufferSize = 64;

// struct io_uring_buf; the tail of the ring lies over `reserved` of the first one.
struct Buffer {
  std::uint64_t address;
  std::uint32_t length;
  std::uint16_t id;
  std::uint16_t reserved;
};

// struct io_uring_buf_reg.
struct BufferRing {
  std::uint64_t address;
  std::uint32_t entries;
  std::uint16_t group;
  std::uint16_t flags;
  std::uint64_t reserved[3];
};

constexpr unsigned kRegisterBufferRing = 22;

}  // namespace

void ProvideBuffers(Ring& ring, unsigned count) {
  // Never unmapped: requests may still write to them when the case is over.
  const unsigned entries = std::bit_ceil(count);
  void* memory = mmap(nullptr, entries * (sizeof(Buffer) + kBufferSize), PROT_READ | PROT_WRITE,
                      MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (memory == MAP_FAILED) throw SetupError("mmap", errno);
  auto* buffers = static_cast<Buffer*>(memory);
  char* bytes = reinterpret_cast<char*>(buffers + entries);
  for (unsigned i = 0; i < count; ++i) {
    buffers[i].address = AddressOf(bytes + i * kBufferSize);
    buffers[i].length = kBufferSize;
    buffers[i].id = static_cast<std::uint16_t>(i);
  }
  buffers[0].reserved = static_cast<std::uint16_t>(count);

  const BufferRing registration{AddressOf(memory), entries, 0, 0, {}};
  const int result = ring.Register(kRegisterBufferRing, &registration, 1);
  if (result < 0 && result != -EINVAL) throw SetupError("IORING_REGISTER_PBUF_RING", -result);
}

}  // namespace ringspec
