#include "harness/race.h"

#include <map>

#include "harness/recorder.h"

namespace ringspec {
namespace {

// "cancel=0, target=-ETIME", by tag.
std::string TextOf(const std::vector<Completion>& completions) {
  std::multimap<std::string, std::string> parts;
  for (const Completion& one : completions) parts.emplace(one.tag, ResultText(one));
  std::string text;
  for (const auto& [tag, result] : parts) text += (text.empty() ? "" : ", ") + tag + "=" + result;
  return text;
}

}  // namespace

void Race::Draw(const std::vector<Completion>& completions) const {
  for (const auto& [name, matcher] : permitted_) {
    if (!matcher.Matches(completions)) continue;
    Recorder::Current().Drawn(name, true);
    return;
  }
  Recorder::Current().Drawn("forbidden " + TextOf(completions), false);
  std::string names;
  for (const auto& [name, matcher] : permitted_) names += (names.empty() ? "" : ", ") + name;
  ADD_FAILURE() << "the race ended in none of its permitted outcomes (" << names
                << "): " << testing::PrintToString(completions);
}

}  // namespace ringspec
