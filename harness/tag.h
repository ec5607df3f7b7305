// Names for user_data values, so that completions read as words.
#pragma once

#include <cstdint>

namespace ringspec {

// A tag is the user_data of one request, or of several that are meant to share it.
struct Tag {
  const char* name;
  std::uint64_t value;

  friend constexpr bool operator==(const Tag& a, const Tag& b) { return a.value == b.value; }
};

// The values differ in the high half as well as in the low one, and some agree in the low half:
// a kernel that compares 32 bits confuses target and bystander in every case.
inline constexpr Tag kTarget{"target", 0x1000'0001'0000'0007};
inline constexpr Tag kBystander{"bystander", 0x2000'0002'0000'0007};
inline constexpr Tag kCancel{"cancel", 0x3000'0003'0000'000c};
inline constexpr Tag kTimeout{"timeout", 0x4000'0004'0000'0011};
inline constexpr Tag kUpdate{"update", 0x5000'0005'0000'0015};
inline constexpr Tag kRemove{"remove", 0x6000'0006'0000'0016};
inline constexpr Tag kLinkTimeout{"link_timeout", 0x7000'0007'0000'001b};
inline constexpr Tag kHead{"head", 0x8000'0008'0000'001f};
inline constexpr Tag kNext{"next", 0x9000'0009'0000'0023};
inline constexpr Tag kLast{"last", 0xa000'000a'0000'0027};
inline constexpr Tag kBlocker{"blocker", 0xb000'000b'0000'002b};
inline constexpr Tag kEvent{"event", 0xc000'000c'0000'002f};
inline constexpr Tag kNobody{"nobody", 0xd000'000d'0000'0033};
inline constexpr Tag kProbe{"probe", 0xe000'000e'0000'0037};

// The tag for one round of several, under the same name.  On more than one CPU a worker may still
// hold the request of the last round when its completion has been reaped, and a cancel by user_data
// finds it there.
constexpr Tag OfRound(const Tag& tag, int round) {
  return {tag.name, tag.value + (static_cast<std::uint64_t>(round) << 32)};
}

}  // namespace ringspec
