// What a run without the Python side has to know about the cases: which of their promises this
// kernel makes, and which deviations are known.  `ringspec kselftest` writes it, one line each:
//
//   case   NAME  LEVEL  SINCE  UNTIL  NEEDS,...  SETUPS,...
//   known  NAME  ID  SETUPS,...  VERDICT  VERSIONS,...  OUTCOME
//   broken INVARIANT  CASE-GLOB  ID  SETUPS,...  OUTCOME
//
// Columns are separated by tabs, "-" stands for nothing.
#pragma once

#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringspec {

struct KnownDeviation {
  std::string id;
  std::vector<std::string> setups;
  std::string verdict;                // empty: any that is about the outcome
  std::vector<std::string> versions;  // x.y.z on which every run shows it
  std::string outcome;                // a pattern
};

struct PlannedCase {
  std::string level;
  std::string since;
  std::string until;
  std::vector<std::string> needs;
  std::vector<std::string> setups;  // empty: promised for all
  std::vector<KnownDeviation> known;
};

// An invariant of the harness that is known to be broken.
struct KnownViolation {
  std::string invariant;
  std::string cases;
  std::string id;
  std::vector<std::string> setups;
  std::string outcome;
};

struct Plan {
  std::map<std::string, PlannedCase> cases;
  std::vector<KnownViolation> violations;
};

// Nothing if a line is not as above.
std::optional<Plan> ReadPlan(std::istream& text);

// Whether a pattern describes an outcome; docs/formats.md has the rules.
bool OutcomeMatches(std::string_view outcome, std::string_view pattern);

// Whether release "x.y..." is before the mainline release "x.y".
bool IsOlder(const std::string& release, const std::string& since);

}  // namespace ringspec
