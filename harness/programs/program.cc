#include "harness/programs/program.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>

namespace ringspec {
namespace {

struct Grammar {
  const char* verb;
  bool request;           // has a name
  std::size_t min_words;  // words that are neither flag nor key=value
  std::size_t max_words;
  const char* flags;  // each with a blank before and behind
  const char* keys;
};

// What every request takes in addition.
constexpr const char* kRequestFlags = " link hardlink drain async skip ";
constexpr std::string_view kSet = "set.";

constexpr Grammar kGrammar[] = {
    {"nop", true, 0, 0, "", ""},
    {"poll", true, 1, 1, " mshot ", " events "},
    {"read", true, 1, 1, "", " len "},
    {"recv", true, 1, 1, "", " len "},
    {"splice", true, 1, 1, "", ""},
    {"futex", true, 1, 1, "", ""},
    {"timeout", true, 1, 1, " abs boot real etime_success mshot imm ", " count "},
    {"link_timeout", true, 1, 1, " abs boot real etime_success ", ""},
    {"cancel", true, 0, 1, " all any userdata ", " fd op "},
    {"timeout_remove", true, 1, 1, "", ""},
    {"timeout_update", true, 2, 2, " abs boot real linked ", ""},
    {"poll_remove", true, 1, 1, "", ""},
    {"poll_update", true, 1, 1, " mshot ", " events user "},
    {"submit", false, 0, 0, "", ""},
    {"reap", false, 0, 0, "", ""},
    {"write", false, 1, 2, "", ""},
    {"hangup", false, 1, 1, "", ""},
    {"wake", false, 1, 1, "", ""},
    {"hold", false, 1, 1, "", ""},
    {"release", false, 1, 1, "", ""},
    {"sync", false, 0, 1, " all any userdata ", " fd op timeout "},
    {"wait", false, 2, 2, "", " min "},
    {"close", false, 0, 0, "", ""},
};

bool IsOneOf(std::string_view word, std::string_view list) {
  return list.find(" " + std::string(word) + " ") != std::string_view::npos;
}

std::string Verbs() {
  std::string verbs;
  for (const Grammar& grammar : kGrammar)
    verbs += (verbs.empty() ? "" : " ") + std::string(grammar.verb);
  return verbs;
}

// "a poll takes 1 word", "a cancel 0 to 1 words".
std::string HowMany(const Grammar& grammar) {
  std::string number = std::to_string(grammar.max_words);
  if (grammar.min_words != grammar.max_words) {
    number = std::to_string(grammar.min_words) + " to " + number;
  }
  return grammar.verb + (" takes " + number) + (number == "1" ? " word" : " words");
}

// What a step may have beside its words: "also possible: mshot link events= set.FIELD=".
std::string Options(const Grammar& grammar) {
  std::istringstream flags(std::string(grammar.flags) + (grammar.request ? kRequestFlags : ""));
  std::istringstream keys(grammar.keys);
  std::string text;
  std::string word;
  while (flags >> word) text += " " + word;
  while (keys >> word) text += " " + word + "=";
  if (grammar.request) text += " set.FIELD=";
  return text.empty() ? "nothing else" : "also possible:" + text;
}

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && stop == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

}  // namespace

Step::Step(std::string_view text) : text_(text) {
  std::istringstream words(text_);
  std::string word;
  words >> word;
  if (word.ends_with(':')) {
    name_ = word.substr(0, word.size() - 1);
    words >> word;
    const bool letter = !name_.empty() && name_[0] >= 'a' && name_[0] <= 'z';
    const bool digit = name_.size() == 2 && std::isdigit(name_[1]) != 0;
    if (!letter || (name_.size() != 1 && !digit)) Refuse("a name is a letter, or one and a digit");
  }
  verb_ = word;
  const auto* grammar = std::ranges::find(kGrammar, verb_, &Grammar::verb);
  if (grammar == std::end(kGrammar)) Refuse("no such verb: " + verb_ + " (" + Verbs() + ")");
  if (grammar->request == name_.empty()) {
    Refuse(grammar->request ? "a request needs a name: `a: " + verb_ + "`" : "takes no name");
  }
  while (words >> word) {
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    if (equals == std::string::npos) {
      const bool flag =
          IsOneOf(key, grammar->flags) || (grammar->request && IsOneOf(key, kRequestFlags));
      (flag ? flags_ : words_).push_back(key);
    } else if (IsOneOf(key, grammar->keys) || (grammar->request && key.starts_with(kSet))) {
      values_.emplace_back(key, word.substr(equals + 1));
    } else {
      Refuse(verb_ + " takes no " + key + "= (" + Options(*grammar) + ")");
    }
  }
  if (words_.size() < grammar->min_words) {
    Refuse(HowMany(*grammar) + ", here are " + std::to_string(words_.size()));
  }
  if (words_.size() > grammar->max_words) {
    Refuse(HowMany(*grammar) + ", and does not take: " + words_.back() + " (" + Options(*grammar) +
           ")");
  }
}

void Step::Refuse(const std::string& why) const { throw ProgramError("`" + text_ + "`: " + why); }

std::string Step::Word(std::size_t index) const {
  return index < words_.size() ? words_[index] : "";
}

bool Step::Has(std::string_view flag) const {
  return std::ranges::find(flags_, flag) != flags_.end();
}

std::optional<std::string> Step::Value(std::string_view key) const {
  for (const auto& [name, value] : values_) {
    if (name == key) return value;
  }
  return std::nullopt;
}

Duration Step::Time(std::size_t index) const {
  const std::optional<Duration> time = ParseTime(Word(index));
  if (!time) Refuse("no time: " + Word(index) + " (20ms, 5s, 7us)");
  return *time;
}

std::int64_t Step::Number(std::size_t index, std::int64_t otherwise) const {
  if (index >= words_.size()) return otherwise;
  const auto number = ParseNumber<std::int64_t>(words_[index]);
  if (!number) Refuse("not a number: " + words_[index]);
  return *number;
}

std::int64_t Step::NumberOf(std::string_view key, std::int64_t otherwise) const {
  const std::optional<std::string> value = Value(key);
  if (!value) return otherwise;
  const auto number = ParseNumber<std::int64_t>(*value);
  if (!number) Refuse("not a number: " + *value);
  return *number;
}

Duration Step::TimeOf(std::string_view key) const {
  const std::optional<Duration> time = ParseTime(Value(key).value_or(""));
  if (!time) Refuse("no time: " + std::string(key) + "= (20ms, 5s, 7us)");
  return *time;
}

std::vector<std::pair<std::string, std::uint64_t>> Step::Overwritten() const {
  std::vector<std::pair<std::string, std::uint64_t>> fields;
  for (const auto& [name, value] : values_) {
    if (!name.starts_with(kSet)) continue;
    const auto number = ParseNumber<std::uint64_t>(value);
    if (!number) Refuse("not a number: " + value);
    fields.emplace_back(name.substr(kSet.size()), *number);
  }
  return fields;
}

std::optional<Duration> ParseTime(const std::string& text) {
  constexpr std::pair<std::string_view, Duration> kUnits[] = {{"us", 1us}, {"ms", 1ms}, {"s", 1s}};
  for (const auto& [unit, length] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const std::string_view digits = std::string_view(text).substr(0, text.size() - unit.size());
    if (const auto number = ParseNumber<std::int64_t>(digits)) return *number * length;
  }
  return std::nullopt;
}

std::vector<Step> ParseProgram(std::string_view text) {
  std::vector<Step> steps;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(";\n"), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find('#'));
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) continue;
    line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
    steps.emplace_back(line);
  }
  if (steps.empty()) throw ProgramError("a program without steps");
  return steps;
}

}  // namespace ringspec
