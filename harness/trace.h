// The flight recorder: what a case submitted and saw, in memory that its parent has, too.
//
// Every case writes it and hardly any is read, so what is kept are records; they become JSON when
// somebody asks.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/request.h"

namespace ringspec {

// A CQE as it was taken from the ring, and when.
struct RawCqe {
  std::uint64_t user_data;
  std::int32_t res;
  std::uint32_t flags;
  TimePoint seen;
};

class Trace {
 public:
  // Of a note that is about no ring.
  static constexpr int kNoRing = -1;

  void Clear() { size_ = 0; }
  // What no longer fits is dropped.
  void Submitted(int ring, TimePoint when, const Request& request);
  void Arrived(int ring, std::string_view tag, const RawCqe& cqe);
  void Noted(TimePoint when, std::string_view text, int ring = kNoRing);

  // The events as JSON objects, comma-separated: {"t":17,"ring":0,"sqe":"cancel","op":14,...}.
  std::string Json() const;

 private:
  enum class Kind : std::uint8_t { kSqe, kCqe, kNote };

  // Its text, a tag or a note, lies behind it.
  struct Record {
    Kind kind;
    std::uint8_t opcode;
    std::uint8_t sqe_flags;
    std::int32_t ring;
    std::int64_t time;
    std::uint64_t user_data, addr, off;
    std::int32_t fd, res;
    std::uint32_t flags, length, text_size;

    std::string Json(std::string_view text) const;
  };

  void Append(Record record, std::string_view text);

  static constexpr std::size_t kSize = 120 * 1024;

  std::atomic<std::size_t> size_;
  char bytes_[kSize];
};

}  // namespace ringspec
