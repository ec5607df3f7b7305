// What the host asks for: lines of text, read until "go".
//
//   order 1
//   limit 20000                       deadline of a child, guest milliseconds
//   trace all                         also of cases that hold ("red": only of the others)
//   case 17 defer AsyncCancel.AllReportsHowManyItCanceled
//   program 18 defer a: nop; reap     the rest of the line is a program, harness/programs/program.h
//   control 0.1                       instead of running them once: this share of all faults
//   go 2                              number of cases and programs: a lost line is noticed
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/clock.h"

namespace ringspec {

struct OrderedCase {
  int64_t id = 0;
  std::string setup;
  std::string name;
  std::string program;  // its text; then there is no name
};

struct Order {
  Duration limit = 20s;
  uint64_t seed = 0;
  bool trace_all = false;
  bool control = false;  // a negative control of the cases, not a run
  double share = 1.0;    // of its injections, chosen by `seed`
  std::vector<OrderedCase> cases;
};

// Takes lines until an order is complete.
class OrderParser {
 public:
  enum class State { kIncomplete, kComplete, kQuit, kGarbled };

  State Take(std::string_view line);
  // The complete order; the parser begins a new one.
  Order Finish();

 private:
  Order order_;
};

class Window;

// Reads lines from a descriptor, or from the window when a byte on the descriptor says that there
// is an order in it.  Owns neither.
class LineReader {
 public:
  explicit LineReader(int fd, Window* window = nullptr) : fd_(fd), window_(window) {}

  // Nothing at the end of the stream, or of patience with a line that never ends.
  std::optional<std::string> Next();

 private:
  int fd_;
  Window* window_;
  std::string buffer_;
};

}  // namespace ringspec
