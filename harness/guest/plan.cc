#include "harness/guest/plan.h"

#include <fnmatch.h>

#include <algorithm>
#include <cstdio>
#include <istream>

namespace ringspec {
namespace {

constexpr std::string_view kAnythingElse = "*";

std::string Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(Trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string Field(const std::string& text) { return text == "-" ? "" : text; }

std::vector<std::string> List(const std::string& text) {
  return text == "-" ? std::vector<std::string>{} : Split(text, ',');
}

// fnmatch() knows more than `*`, and an outcome may hold brackets.
bool GlobMatches(const std::string& text, const std::string& glob) {
  std::string escaped;
  for (const char c : glob) {
    if (c == '?' || c == '[' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return fnmatch(escaped.c_str(), text.c_str(), 0) == 0;
}

bool NothingHappened(const std::string& part) {
  const size_t equals = part.find('=');
  const std::vector<std::string> values =
      Split(equals == std::string::npos ? part : part.substr(equals + 1), ',');
  return std::ranges::all_of(values, [](const std::string& value) {
    return value.starts_with("pending") || value.starts_with("none") || value.starts_with("silent");
  });
}

}  // namespace

std::optional<Plan> ReadPlan(std::istream& text) {
  Plan plan;
  for (std::string line; std::getline(text, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> word = Split(line, '\t');
    if (word[0] == "case" && word.size() == 7) {
      plan.cases[word[1]] = {.level = word[2],
                             .since = Field(word[3]),
                             .until = Field(word[4]),
                             .needs = List(word[5]),
                             .setups = List(word[6]),
                             .known = {}};
    } else if (word[0] == "known" && word.size() == 7 && plan.cases.contains(word[1])) {
      plan.cases[word[1]].known.push_back({.id = word[2],
                                           .setups = List(word[3]),
                                           .verdict = Field(word[4]),
                                           .versions = List(word[5]),
                                           .outcome = word[6]});
    } else if (word[0] == "broken" && word.size() == 6) {
      plan.violations.push_back({.invariant = word[1],
                                 .cases = word[2],
                                 .id = word[3],
                                 .setups = List(word[4]),
                                 .outcome = word[5]});
    } else {
      return std::nullopt;
    }
  }
  return plan;
}

bool OutcomeMatches(std::string_view outcome, std::string_view pattern) {
  std::vector<std::string> wanted = Split(pattern, ';');
  std::vector<std::string> came = Split(outcome, ';');
  const bool rest_is_free = wanted.back() == kAnythingElse;
  if (rest_is_free) wanted.pop_back();
  for (const std::string& glob : wanted) {
    const auto found =
        std::ranges::find_if(came, [&](const auto& part) { return GlobMatches(part, glob); });
    if (found == came.end()) return false;
    came.erase(found);
  }
  return rest_is_free || std::ranges::all_of(came, NothingHappened);
}

bool IsOlder(const std::string& release, const std::string& since) {
  int major = 0;
  int minor = 0;
  int since_major = 0;
  int since_minor = 0;
  if (std::sscanf(release.c_str(), "%d.%d", &major, &minor) != 2 ||
      std::sscanf(since.c_str(), "%d.%d", &since_major, &since_minor) != 2) {
    return false;
  }
  return std::pair(major, minor) < std::pair(since_major, since_minor);
}

}  // namespace ringspec
