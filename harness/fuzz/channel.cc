// Fuzzes both directions of the channel: what a host could send, and what a kernel or a case could
// make a guest say.  Built with Clang's libFuzzer (build preset "fuzz"); aborts on what must not
// be.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "harness/guest/order.h"
#include "harness/guest/stream.h"

namespace ringspec {
namespace {

void Must(bool condition) {
  if (!condition) std::abort();
}

// The lines come out as they went in, until the end or a line that never ends.
std::vector<std::string> ReadLines(std::string_view text) {
  const int file = memfd_create("orders", MFD_CLOEXEC);
  Must(write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  lseek(file, 0, SEEK_SET);
  std::vector<std::string> lines;
  LineReader reader(file);
  std::size_t at = 0;
  while (const auto line = reader.Next()) {
    Must(text.substr(at, line->size()) == *line && text[at + line->size()] == '\n');
    at += line->size() + 1;
    lines.push_back(*line);
  }
  close(file);
  return lines;
}

void Parse(const std::vector<std::string>& lines) {
  OrderParser parser;
  std::size_t cases = 0;
  for (const std::string& line : lines) {
    switch (parser.Take(line)) {
      case OrderParser::State::kComplete: {
        const Order order = parser.Finish();
        Must(order.cases.size() <= cases && order.limit.count() > 0);
        Must(order.share >= 0 && order.share <= 1);
        // Either a case or a program.
        Must(std::ranges::all_of(
            order.cases, [](auto& one) { return one.name.empty() != one.program.empty(); }));
        cases = 0;
        break;
      }
      case OrderParser::State::kIncomplete:
        ++cases;  // At most: other lines count too.
        break;
      case OrderParser::State::kGarbled:
      case OrderParser::State::kQuit:
        return;  // The server stops here.
    }
  }
}

// A JSON string without anything that needs care, of bounded length, whatever the text was.
void Quote(std::string_view text, std::size_t longest) {
  const std::string quoted = JsonQuote(text, longest);
  Must(quoted.size() >= 2 && quoted.size() <= std::max<std::size_t>(longest, 1) + 16);
  Must(quoted.front() == '"' && quoted.back() == '"');
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    const auto byte = static_cast<unsigned char>(quoted[i]);
    Must(byte >= 0x20 && byte != 0x7f && byte != '"');
    if (byte != '\\') continue;
    const char escaped = quoted[++i];
    Must(i + 1 < quoted.size() && std::string_view("\"\\ntu").find(escaped) != std::string::npos);
  }
  // What is well-formed stays so: quoting the result again finds nothing to replace.
  Must(JsonQuote(quoted).find("\\ufffd") == std::string::npos ||
       quoted.find("\\ufffd") != std::string::npos);
}

}  // namespace
}  // namespace ringspec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ringspec::Parse(ringspec::ReadLines(text));
  ringspec::Quote(text, ringspec::kLongestText);
  ringspec::Quote(text, size == 0 ? 0 : data[0]);
  return 0;
}
