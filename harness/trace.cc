#include "harness/trace.h"

#include <cstring>

#include "harness/errno_name.h"
#include "harness/guest/stream.h"

namespace ringspec {

void Trace::Submitted(int ring, TimePoint when, const Request& request) {
  const uapi::Sqe& sqe = request.sqe;
  Append({.kind = Kind::kSqe,
          .opcode = sqe.opcode,
          .sqe_flags = sqe.flags,
          .ring = ring,
          .time = when.count(),
          .user_data = sqe.user_data,
          .addr = sqe.addr,
          .off = sqe.off,
          .fd = sqe.fd,
          .res = 0,
          .flags = sqe.op_flags,
          .length = sqe.len,
          .text_size = 0},
         request.tag.name);
}

void Trace::Arrived(int ring, std::string_view tag, const RawCqe& cqe) {
  Record record{};
  record.kind = Kind::kCqe;
  record.ring = ring;
  record.time = cqe.seen.count();
  record.user_data = cqe.user_data;
  record.res = cqe.res;
  record.flags = cqe.flags;
  Append(record, tag);
}

void Trace::Noted(TimePoint when, std::string_view text, int ring) {
  Record record{};
  record.kind = Kind::kNote;
  record.ring = ring;
  record.time = when.count();
  Append(record, text);
}

void Trace::Append(Record record, std::string_view text) {
  const std::size_t size = size_;
  if (size + sizeof(record) + text.size() > kSize) return;
  record.text_size = static_cast<std::uint32_t>(text.size());
  std::memcpy(bytes_ + size, &record, sizeof(record));
  std::memcpy(bytes_ + size + sizeof(record), text.data(), text.size());
  size_.store(size + sizeof(record) + text.size(), std::memory_order_release);
}

std::string Trace::Json() const {
  const std::size_t size = size_.load(std::memory_order_acquire);
  std::string events;
  for (std::size_t at = 0; at + sizeof(Record) <= size;) {
    Record record;
    std::memcpy(&record, bytes_ + at, sizeof(record));
    at += sizeof(record);
    if (record.text_size > size - at) break;  // Who died here has scribbled on it.
    events += (events.empty() ? "" : ",") + record.Json({bytes_ + at, record.text_size});
    at += record.text_size;
  }
  return events;
}

std::string Trace::Record::Json(std::string_view text) const {
  JsonObject event = JsonObject().Number("t", time);
  if (ring != kNoRing) event.Number("ring", ring);
  switch (kind) {
    case Kind::kSqe:
      event.Text("sqe", text)
          .Number("op", opcode)
          .Number("flags", sqe_flags)
          .Number("op_flags", flags)
          .Number("fd", fd)
          .Text("user_data", std::to_string(user_data))
          .Text("addr", std::to_string(addr))
          .Text("off", std::to_string(off))
          .Number("len", length);
      break;
    case Kind::kCqe:
      event.Text("cqe", text)
          .Number("res", res)
          .Text("result", ResultName(res))
          .Number("cqe_flags", flags)
          .Text("user_data", std::to_string(user_data));
      break;
    case Kind::kNote:
      event.Text("note", text);
      break;
  }
  return event.Finish();
}

}  // namespace ringspec
