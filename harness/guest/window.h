// Memory that a guest shares with its host (QEMU's ivshmem device): orders and events cross it as
// plain bytes.  A serial line costs the emulator hundreds of instructions for each byte, and every
// distribution kernel can map a PCI resource; the line is left to ring the bell.
//
//   0       magic "RSW1", written by the host
//   4       bytes of events written so far (guest), modulo 2^32
//   8       bytes of events read so far (host)
//   12      size of the order that waits (host); the guest sets it to 0 when it has taken it
//   4 KiB   the order
//   1 MiB   the events: a ring of 1 MiB
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringspec {

class Window {
 public:
  // Maps the window of this machine; null where there is none.
  static Window* Find();

  // Children forked from now on do not have it: they would copy and drop 512 page table entries.
  void KeepFromChildren();

  // Whether that much can be written now.
  bool HasRoomFor(std::size_t size);
  // Appends to the events; false when they are full and the host does not read on.
  bool Put(std::string_view text);
  // The order that waits, if one does.
  std::optional<std::string> TakeOrder();

 private:
  explicit Window(char* memory) : memory_(memory) {}

  volatile std::uint32_t& Field(std::size_t offset) {
    return *reinterpret_cast<volatile std::uint32_t*>(memory_ + offset);
  }

  char* memory_;
};

}  // namespace ringspec
