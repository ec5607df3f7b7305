// What a guest says to its host: one JSON object per line.
//
//   JsonLine("begin").Number("id", 17)      {"event":"begin","id":17}
//
// The host trusts no line, and no line can grow without bound: texts are cut where they are too
// long, control characters and broken UTF-8 never get through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ringspec {

// A text longer than this is cut.
inline constexpr size_t kLongestText = 16 * 1024;

// The text as a JSON string, quotes included.
std::string JsonQuote(std::string_view text, size_t longest = kLongestText);

// A JSON object, or the members of one, built from left to right.
class JsonObject {
 public:
  JsonObject& Text(std::string_view key, std::string_view value, size_t longest = kLongestText);
  JsonObject& Number(std::string_view key, int64_t value);
  JsonObject& Flag(std::string_view key, bool value);
  // `json` is JSON already.
  JsonObject& Json(std::string_view key, std::string_view json);
  // `members` are members already: what Finish() returned, without the braces.
  JsonObject& Members(std::string_view members);

  std::string Finish() const { return "{" + members_ + "}"; }
  std::string_view Members() const { return members_; }

 private:
  // Begins a member; its value is to be appended.
  std::string& Key(std::string_view key);

  std::string members_;
};

inline JsonObject JsonLine(std::string_view event) {
  JsonObject object;
  object.Text("event", event);
  return object;
}

class Window;

// Writes whole lines: into the window where there is one, with a byte on the descriptor that says
// so, else to the descriptor.  Owns neither.
class EventStream {
 public:
  explicit EventStream(int fd, Window* window = nullptr) : fd_(fd), window_(window) {}

  // False when the other side is gone.
  bool Write(const JsonObject& line);
  // For a line that can wait until the host looks by itself, several times a second: without
  // ringing the bell, for which a guest needs as many instructions as for a small request.
  bool WriteSilently(const JsonObject& line);

 private:
  bool WriteBytes(std::string_view bytes);

  int fd_;
  Window* window_;
};

}  // namespace ringspec
