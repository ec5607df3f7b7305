#include "harness/guest/order.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <sstream>
#include <utility>

#include "harness/guest/window.h"

namespace ringspec {
namespace {

constexpr size_t kLongestLine = 4096;
constexpr std::chrono::milliseconds kLongestLimit = 24h;

template <typename Number>
bool Parse(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

}  // namespace

OrderParser::State OrderParser::Take(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string verb;
  std::string first;
  words >> verb >> first;
  if (verb == "quit") return State::kQuit;
  if (verb == "order") {
    order_ = Order();
    return State::kIncomplete;
  }
  if (verb == "limit") {
    int64_t milliseconds = 0;
    if (!Parse(first, milliseconds) || milliseconds <= 0 || milliseconds > kLongestLimit.count()) {
      return State::kGarbled;
    }
    order_.limit = std::chrono::milliseconds(milliseconds);
    return State::kIncomplete;
  }
  if (verb == "seed") return Parse(first, order_.seed) ? State::kIncomplete : State::kGarbled;
  if (verb == "trace") {
    order_.trace_all = first == "all";
    return order_.trace_all || first == "red" ? State::kIncomplete : State::kGarbled;
  }
  if (verb == "control") {
    order_.control = true;
    const bool parsed = Parse(first, order_.share) && order_.share >= 0 && order_.share <= 1;
    return parsed ? State::kIncomplete : State::kGarbled;
  }
  if (verb == "case") {
    OrderedCase one;
    words >> one.setup >> one.name;
    if (!Parse(first, one.id) || one.name.empty()) return State::kGarbled;
    order_.cases.push_back(std::move(one));
    return State::kIncomplete;
  }
  if (verb == "program") {
    OrderedCase one;
    words >> one.setup >> std::ws;
    std::getline(words, one.program);
    if (!Parse(first, one.id) || one.program.empty()) return State::kGarbled;
    order_.cases.push_back(std::move(one));
    return State::kIncomplete;
  }
  size_t count = 0;
  const bool whole = verb == "go" && Parse(first, count) && count == order_.cases.size();
  return whole ? State::kComplete : State::kGarbled;
}

Order OrderParser::Finish() { return std::exchange(order_, Order()); }

std::optional<std::string> LineReader::Next() {
  while (true) {
    const size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (buffer_.size() >= kLongestLine) return std::nullopt;
    std::array<char, 4096> chunk;
    const ssize_t got = read(fd_, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    if (window_ != nullptr) {
      buffer_ += window_->TakeOrder().value_or("");
    } else {
      buffer_.append(chunk.data(), static_cast<size_t>(got));
    }
  }
}

}  // namespace ringspec
