// Races: every permitted outcome has a name, and the one that was drawn is recorded.
//
//   Race race{{"canceled", UnorderedElementsAre(Completes(kCancel, 0), ...)},
//             {"expired", UnorderedElementsAre(Completes(kCancel, -ENOENT), ...)}};
//   for (...) race.Draw(ring.Reap(2));
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "harness/completion.h"

namespace ringspec {

class Race {
 public:
  using Permitted = std::pair<std::string, testing::Matcher<std::vector<Completion>>>;

  Race(std::initializer_list<Permitted> permitted) : permitted_(permitted) {}

  // Records which of the permitted outcomes this is; none of them is a failure.
  void Draw(const std::vector<Completion>& completions) const;

 private:
  std::vector<Permitted> permitted_;
};

// How often a case draws: often enough to meet the rare outcome, cheap enough for every run.
inline constexpr int kDraws = 100;

}  // namespace ringspec
