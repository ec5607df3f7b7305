// A small io_uring program as text: what `ringspec explore` generates, shrinks and replays.
//
//   a: poll pipe0                 one request, named a; its name is its user_data
//   b: read pipe0 len=16 link     requests that follow each other are one submission
//   c: timeout 60ms count=2
//   reap                          submits, takes what completes within one window of guest time
//   d: cancel a all fd=pipe0
//   write pipe0 8                 makes the reading end ready
//   reap
//
// One step a line (or between semicolons); # begins a comment.  docs/explore.md has every step.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "harness/clock.h"

namespace ringspec {

// A text that is no program; says which step is wrong and what was expected.
class ProgramError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One step: `name: verb word key=value ...`.  Steps without a name are no requests.
class Step {
 public:
  // Throws ProgramError unless the verb is known and takes these words.
  explicit Step(std::string_view text);

  const std::string& text() const { return text_; }
  const std::string& name() const { return name_; }
  const std::string& verb() const { return verb_; }

  // The n-th word of the kind that has no key and is no flag; "" when there are fewer.
  std::string Word(std::size_t index) const;
  bool Has(std::string_view flag) const;
  std::optional<std::string> Value(std::string_view key) const;

  // Words read as what they stand for; ProgramError when they are something else.
  Duration Time(std::size_t index) const;
  std::int64_t Number(std::size_t index, std::int64_t otherwise) const;
  std::int64_t NumberOf(std::string_view key, std::int64_t otherwise) const;
  Duration TimeOf(std::string_view key) const;
  // The fields that `set.FIELD=NUMBER` overwrites.
  std::vector<std::pair<std::string, std::uint64_t>> Overwritten() const;

  [[noreturn]] void Refuse(const std::string& why) const;

 private:
  std::string text_;
  std::string name_;
  std::string verb_;
  std::vector<std::string> words_;
  std::vector<std::string> flags_;
  std::vector<std::pair<std::string, std::string>> values_;
};

// "20ms", "5s", "-1ms", "7us"; nothing where it is no time.
std::optional<Duration> ParseTime(const std::string& text);

std::vector<Step> ParseProgram(std::string_view text);

}  // namespace ringspec
