// The fields of an SQE that an operation does not use, to be set one at a time.
//
//   for (const Request& bad : EachAlone(PollRemove(kTarget), {kIoprio, kBufIndex})) { ... }
//
// submits one request for each field, tagged with the field's name.
#pragma once

#include <initializer_list>
#include <vector>

#include "harness/request.h"

namespace ringspec {

struct Field {
  Tag tag;
  void (*set)(uapi::Sqe& sqe);
};

inline constexpr Field kIoprio{{"ioprio", 0xf1}, [](uapi::Sqe& sqe) { sqe.ioprio = 1; }};
inline constexpr Field kOff{{"off", 0xf2}, [](uapi::Sqe& sqe) { sqe.off = 1; }};
inline constexpr Field kAddr{{"addr", 0xf3}, [](uapi::Sqe& sqe) { sqe.addr = 1; }};
inline constexpr Field kLen{{"len", 0xf4}, [](uapi::Sqe& sqe) { sqe.len = 1; }};
inline constexpr Field kOpFlags{{"op_flags", 0xf5}, [](uapi::Sqe& sqe) { sqe.op_flags = 1; }};
inline constexpr Field kBufIndex{{"buf_index", 0xf6}, [](uapi::Sqe& sqe) { sqe.buf_index = 1; }};
inline constexpr Field kSpliceFdIn{{"splice_fd_in", 0xf7},
                                   [](uapi::Sqe& sqe) { sqe.splice_fd_in = 1; }};
inline constexpr Field kAddr3{{"addr3", 0xf8}, [](uapi::Sqe& sqe) { sqe.addr3 = 1; }};
inline constexpr Field kPad2{{"pad2", 0xf9}, [](uapi::Sqe& sqe) { sqe.pad2 = 1; }};

// `request` once for each field, with that field set.
inline std::vector<Request> EachAlone(const Request& request, std::initializer_list<Field> fields) {
  std::vector<Request> requests;
  for (const Field& field : fields) {
    Request& changed = requests.emplace_back(request);
    field.set(changed.sqe);
    changed.tag = field.tag;
    changed.sqe.user_data = field.tag.value;
  }
  return requests;
}

// `request` once for each bit of `bits`, with that bit of `word` set in addition.
inline std::vector<Request> EachBitAlone(const Request& request, std::uint32_t bits,
                                         std::uint32_t uapi::Sqe::*word) {
  std::vector<Request> requests;
  for (std::uint32_t bit = 1; bit != 0; bit <<= 1) {
    if (bits & bit) requests.emplace_back(request).sqe.*word |= bit;
  }
  return requests;
}

}  // namespace ringspec
