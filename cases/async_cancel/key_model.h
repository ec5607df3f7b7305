// A reference model of what the keys of a cancel select, and a generator of what to try it on.
// Knows neither io_uring nor the harness: the rules here are the manual's, in twenty lines.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace ringspec::key_model {

enum class Kind { kPoll, kRead, kTimeout, kNone };
inline constexpr const char* kKindNames[] = {"poll", "read", "timeout", "none"};

inline constexpr int kFiles = 4;
inline constexpr int kFirstFixed = 2;   // Files 2 and 3 are only used as registered files.
inline constexpr int kPolledFiles = 3;  // File 3 is only read from.
inline constexpr int kUsers = 3;        // Different user_data, so that requests share them.
inline constexpr int kNoFile = -1;

// A pending request.
struct Target {
  Kind kind;
  int file;
  int user;
};

// A cancel: the keys it sets, and the values of all of them, which count only where a key is set.
struct Key {
  bool file_key, opcode_key, user_key, any, all;
  Kind kind;
  int file;
  int user;
};

// prep_cancel(3): a request has to fulfil every key that is set; without one, the user_data; ANY
// takes any.
inline bool Selects(const Key& key, const Target& target) {
  if (key.any) return true;
  const bool by_user = key.user_key || (!key.file_key && !key.opcode_key);
  return (!key.file_key || key.file == target.file) &&
         (!key.opcode_key || key.kind == target.kind) && (!by_user || key.user == target.user);
}

inline std::vector<int> Selected(const Key& key, const std::vector<Target>& population) {
  std::vector<int> selected;
  for (int i = 0; i < std::ssize(population); ++i) {
    if (Selects(key, population[i])) selected.push_back(i);
  }
  return selected;
}

// The standard fixes what an mt19937 yields, but not what its distributions make of it.
using Random = std::mt19937;
inline int Below(Random& random, int bound) { return static_cast<int>(random() % bound); }

inline Target AnyTarget(Random& random) {
  const Kind kind = static_cast<Kind>(Below(random, 3));
  const int files = kind == Kind::kPoll ? kPolledFiles : kFiles;
  return {kind, kind == Kind::kTimeout ? kNoFile : Below(random, files), Below(random, kUsers)};
}

inline std::vector<Target> AnyPopulation(Random& random) {
  std::vector<Target> population(6 + Below(random, 7));
  std::generate(population.begin(), population.end(), [&] { return AnyTarget(random); });
  population.push_back({Kind::kRead, Below(random, kFiles), Below(random, kUsers)});
  return population;
}

// Every combination of keys that the manual gives a meaning to and that no page disputes: ANY
// stands without FD and OP, and with ALL.
inline std::vector<Key> Combinations() {
  std::vector<Key> keys;
  for (int bits = 0; bits < 16; ++bits) {
    keys.push_back({.file_key = (bits & 1) != 0,
                    .opcode_key = (bits & 2) != 0,
                    .user_key = (bits & 4) != 0,
                    .any = false,
                    .all = (bits & 8) != 0,
                    .kind = Kind::kNone,
                    .file = 0,
                    .user = 0});
  }
  for (const bool user_key : {false, true}) {
    keys.push_back({false, false, user_key, true, true, Kind::kNone, 0, 0});
  }
  return keys;
}

// Values for the keys: those of one of the requests, so that something is selected, or any.
inline Key WithValuesOf(Key key, const Target& target) {
  key.kind = target.kind;
  key.file = target.file;
  key.user = target.user;
  return key;
}

inline Key WithValuesOfOne(const Key& key, const std::vector<Target>& population, Random& random) {
  std::vector<Target> eligible;
  for (const Target& target : population) {
    if (!key.file_key || target.file != kNoFile) eligible.push_back(target);
  }
  Key result = WithValuesOf(key, eligible[Below(random, static_cast<int>(eligible.size()))]);
  result.file = std::max(result.file, 0);
  return result;
}

inline Key WithAnyValues(Key key, Random& random) {
  key.kind = static_cast<Kind>(Below(random, 4));
  key.file = Below(random, kFiles);
  key.user = Below(random, kUsers);
  return key;
}

// The keys, without their values: "FD+USERDATA+ALL".
inline std::string NameOf(const Key& key) {
  std::string name;
  if (key.any) name += "ANY+";
  if (key.file_key) name += "FD+";
  if (key.opcode_key) name += "OP+";
  if (key.user_key) name += "USERDATA+";
  if (key.all) name += "ALL+";
  return name.empty() ? "none" : name.substr(0, name.size() - 1);
}

inline std::string Describe(const Key& key) {
  return NameOf(key) + " (" + kKindNames[static_cast<int>(key.kind)] + " file" +
         std::to_string(key.file) + " user" + std::to_string(key.user) + ")";
}

inline std::string Describe(const std::vector<Target>& population) {
  std::string text;
  for (const Target& target : population) {
    text += (text.empty() ? "" : ", ") + std::string(kKindNames[static_cast<int>(target.kind)]);
    if (target.file != kNoFile) text += " file" + std::to_string(target.file);
    text += " user" + std::to_string(target.user);
  }
  return text;
}

}  // namespace ringspec::key_model
