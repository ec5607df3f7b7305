#include "harness/guest/stream.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "harness/guest/window.h"

namespace ringspec {
namespace {

constexpr std::string_view kCut = "...[cut]";
constexpr std::string_view kReplacement = "\\ufffd";

// Length of the well-formed UTF-8 sequence that `text` begins with, 0 if it is none (RFC 3629).
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead > 0xf4 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (lead == 0xe0 && byte(1) < 0xa0) return 0;  // overlong
  if (lead == 0xed && byte(1) > 0x9f) return 0;  // surrogate
  if (lead == 0xf0 && byte(1) < 0x90) return 0;  // overlong
  if (lead == 0xf4 && byte(1) > 0x8f) return 0;  // beyond U+10FFFF
  return length;
}

// What stands in JSON as it is, and nearly all text is: taken in runs.
bool IsPlain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

std::string Escaped(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    default:
      break;
  }
  if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) return {c};
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(c));
  return text.data();
}

}  // namespace

std::string JsonQuote(std::string_view text, size_t longest) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const size_t room = longest > quoted.size() ? longest - quoted.size() : 0;
    const std::string_view ahead = text.substr(0, room);
    const size_t plain = std::ranges::find_if_not(ahead, IsPlain) - ahead.begin();
    if (plain != 0) {
      quoted += text.substr(0, plain);
      text.remove_prefix(plain);
      continue;
    }
    const size_t length = SequenceLength(text);
    const std::string piece = length == 0   ? std::string(kReplacement)
                              : length == 1 ? Escaped(text[0])
                                            : std::string(text.substr(0, length));
    if (quoted.size() + piece.size() > longest) {
      quoted += kCut;
      break;
    }
    quoted += piece;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return quoted + "\"";
}

JsonObject& JsonObject::Json(std::string_view key, std::string_view json) {
  return Members(JsonQuote(key) + ":" + std::string(json));
}

JsonObject& JsonObject::Members(std::string_view members) {
  if (!members_.empty()) members_ += ',';
  members_ += members;
  return *this;
}

JsonObject& JsonObject::Text(std::string_view key, std::string_view value, size_t longest) {
  return Json(key, JsonQuote(value, longest));
}

JsonObject& JsonObject::Number(std::string_view key, int64_t value) {
  return Json(key, std::to_string(value));
}

JsonObject& JsonObject::Flag(std::string_view key, bool value) {
  return Json(key, value ? "true" : "false");
}

bool EventStream::Write(const JsonObject& line) {
  return WriteSilently(line) && (window_ == nullptr || WriteBytes("!"));
}

bool EventStream::WriteSilently(const JsonObject& line) {
  const std::string text = line.Finish() + "\n";
  return window_ != nullptr ? window_->Put(text) : WriteBytes(text);
}

bool EventStream::WriteBytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace ringspec
