#include "harness/guest/stream.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "harness/guest/window.h"

namespace ringspec {
namespace {

// Of most objects: they grow once.
constexpr size_t kUsualSize = 256;
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
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (size_t c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

bool IsPlain(char c) { return kPlain[static_cast<unsigned char>(c)]; }

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

// Appends the text as a JSON string of at most `longest` characters, and the mark where it is cut.
void AppendQuoted(std::string& out, std::string_view text, size_t longest) {
  out += '"';
  const size_t begin = out.size() - 1;
  while (!text.empty()) {
    const size_t used = out.size() - begin;
    const size_t room = longest > used ? longest - used : 0;
    const std::string_view ahead = text.substr(0, room);
    const size_t plain = std::ranges::find_if_not(ahead, IsPlain) - ahead.begin();
    if (plain != 0) {
      out += text.substr(0, plain);
      text.remove_prefix(plain);
      continue;
    }
    const size_t length = SequenceLength(text);
    const std::string piece = length == 0   ? std::string(kReplacement)
                              : length == 1 ? Escaped(text[0])
                                            : std::string(text.substr(0, length));
    if (used + piece.size() > longest) {
      out += kCut;
      break;
    }
    out += piece;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

}  // namespace

std::string JsonQuote(std::string_view text, size_t longest) {
  std::string quoted;
  AppendQuoted(quoted, text, longest);
  return quoted;
}

std::string& JsonObject::Key(std::string_view key) {
  if (members_.empty()) {
    members_.reserve(kUsualSize);
  } else {
    members_ += ',';
  }
  AppendQuoted(members_, key, kLongestText);
  return members_ += ':';
}

JsonObject& JsonObject::Json(std::string_view key, std::string_view json) {
  Key(key) += json;
  return *this;
}

JsonObject& JsonObject::Members(std::string_view members) {
  if (!members_.empty()) members_ += ',';
  members_ += members;
  return *this;
}

JsonObject& JsonObject::Text(std::string_view key, std::string_view value, size_t longest) {
  AppendQuoted(Key(key), value, longest);
  return *this;
}

JsonObject& JsonObject::Number(std::string_view key, int64_t value) {
  std::array<char, 24> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  Key(key).append(digits.data(), static_cast<size_t>(end - digits.data()));
  return *this;
}

JsonObject& JsonObject::Flag(std::string_view key, bool value) {
  return Json(key, value ? "true" : "false");
}

bool EventStream::Write(const JsonObject& line) {
  return WriteSilently(line) && (window_ == nullptr || WriteBytes("!"));
}

bool EventStream::WriteSilently(const JsonObject& line) {
  const std::string text = line.Finish() + "\n";
  if (window_ == nullptr) return WriteBytes(text);
  return (window_->HasRoomFor(text.size()) || WriteBytes("!")) && window_->Put(text);
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
