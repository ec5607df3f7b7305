#include "harness/guest/kselftest.h"

#include <fnmatch.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <string_view>

#include "harness/case.h"
#include "harness/guest/child.h"
#include "harness/guest/plan.h"
#include "harness/guest/serve.h"
#include "harness/probe.h"
#include "harness/report.h"

namespace ringspec {
namespace {

constexpr Duration kCaseLimit = 20s;

// In the order of the exit codes.
enum class Verdict { kPass, kFail, kXfail, kXpass, kSkip };

struct Judged {
  Verdict verdict;
  std::string why = {};
};

struct Seen {
  bool holds = false;
  std::string trouble;                  // "hang", "crash", "splat", or empty
  std::vector<std::string> violations;  // names of invariants
  std::string outcome;
  std::string message;
};

// What this kernel is, found out once.
struct Machine {
  std::string version;  // x.y.z
  std::map<std::string, bool> probes;
  std::map<std::string, std::string> setups;
};

std::string VersionOf(const utsname& name) {
  const std::string_view build = name.version;
  const size_t debian = build.find("Debian ");  // Debian's uname -r may end in .0
  std::string text = debian == std::string_view::npos ? name.release : name.version + debian + 7;
  return text.substr(0, text.find_first_not_of("0123456789."));
}

// The text member of that name; the members are JSON that this program wrote.
std::string TextMember(std::string_view members, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  size_t at = members.find(key);
  if (at == std::string_view::npos) return "";
  std::string text;
  for (at += key.size(); at < members.size() && members[at] != '"'; ++at) {
    if (members[at] != '\\') {
      text += members[at];
    } else if (const char next = members[++at]; next == 'n') {
      text += '\n';
    } else {
      text += next;
    }
  }
  return text;
}

// `"violations":["a","b"]`.
std::vector<std::string> Violations(std::string_view members) {
  std::vector<std::string> names;
  size_t at = members.find("\"violations\":[");
  if (at == std::string_view::npos) return names;
  at = members.find('[', at);
  const size_t end = members.find(']', at);
  for (size_t open = members.find('"', at); open < end; open = members.find('"', at)) {
    at = members.find('"', open + 1) + 1;
    names.emplace_back(members.substr(open + 1, at - open - 2));
  }
  return names;
}

Seen RunOne(const CaseEntry& entry, Setup setup, Report& report) {
  report.Clear();
  const int64_t before = Tainted();
  const ChildEnd end = RunInChild(kCaseLimit, [&] { RunCase(entry, setup, report); });
  if (end.way == ChildEnd::Way::kHung) {
    return {.trouble = "hang", .violations = {}, .outcome = {}, .message = end.Describe()};
  }
  if (!end.Succeeded())
    return {.trouble = "crash", .violations = {}, .outcome = {}, .message = end.Describe()};
  const std::string_view members = report.members();
  return {.holds = members.find("\"holds\":true") != std::string_view::npos,
          .trouble = Tainted() != before ? "splat" : "",
          .violations = Violations(members),
          .outcome = TextMember(members, "outcome"),
          .message = TextMember(members, "message")};
}

bool Contains(const std::vector<std::string>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

const KnownDeviation* Known(const PlannedCase& planned, const std::string& setup,
                            const Seen& seen) {
  for (const KnownDeviation& one : planned.known) {
    if (!Contains(one.setups, setup) || one.verdict != seen.trouble) continue;
    if (OutcomeMatches(seen.outcome, one.outcome)) return &one;
  }
  return nullptr;
}

// The entries that explain every broken invariant; nothing if one is not explained.
std::optional<std::string> Explained(const Plan& plan, const CaseEntry& entry,
                                     const std::string& setup, const Seen& seen) {
  std::string ids;
  for (const std::string& name : seen.violations) {
    const auto known = std::ranges::find_if(plan.violations, [&](const KnownViolation& one) {
      return one.invariant == name && Contains(one.setups, setup) &&
             fnmatch(one.cases.c_str(), entry.name.c_str(), 0) == 0 &&
             OutcomeMatches(seen.outcome, one.outcome);
    });
    if (known == plan.violations.end()) return std::nullopt;
    ids += (ids.empty() ? "" : " ") + known->id;
  }
  return ids;
}

// What needs not be run.
std::optional<Judged> Beforehand(const CaseEntry& entry, const PlannedCase& planned, Setup setup,
                                 const Machine& machine, bool allow_host_changes) {
  const std::string name(Name(setup));
  if (machine.setups.at(name) != "ok") return Judged{Verdict::kSkip, "no rings of this setup"};
  if (entry.info.touches != kNothing && !allow_host_changes) {
    return Judged{Verdict::kSkip, "would change this machine, see --allow-host-changes"};
  }
  for (const std::string& need : planned.needs) {
    const auto probe = machine.probes.find(need);
    if (probe != machine.probes.end() && !probe->second) {
      return Judged{Verdict::kSkip, "this kernel does not offer " + need};
    }
  }
  return std::nullopt;
}

Judged JudgeCase(const PlannedCase& planned, const std::string& setup, const Machine& machine,
                 const Seen& seen) {
  if (seen.holds && seen.trouble.empty()) {
    for (const KnownDeviation& one : planned.known) {
      if (Contains(one.setups, setup) && Contains(one.versions, machine.version)) {
        return {Verdict::kXpass, one.id};
      }
    }
    return {Verdict::kPass};
  }
  if (const KnownDeviation* known = Known(planned, setup, seen)) {
    return {Verdict::kXfail, known->id};
  }
  if (!seen.trouble.empty()) return {Verdict::kFail};
  if (planned.level == "observed" ||
      (!planned.setups.empty() && !Contains(planned.setups, setup))) {
    return {Verdict::kSkip, "nobody promises this; came: " + seen.outcome};
  }
  if (IsOlder(machine.version, planned.since) || IsOlder(planned.until, machine.version)) {
    return {Verdict::kSkip, "not promised in " + machine.version + "; came: " + seen.outcome};
  }
  return {Verdict::kFail};
}

// The case's own verdict, unless it broke an invariant: then that has to be known too.
Judged Judge(const Plan& plan, const CaseEntry& entry, const std::string& setup,
             const Machine& machine, const Seen& seen) {
  Judged judged = JudgeCase(plan.cases.at(entry.name), setup, machine, seen);
  if (seen.violations.empty() || judged.verdict == Verdict::kFail) return judged;
  const std::optional<std::string> ids = Explained(plan, entry, setup, seen);
  return ids ? Judged{Verdict::kXfail, *ids} : Judged{Verdict::kFail};
}

void PrintDiagnostics(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::printf("# %.*s\n", static_cast<int>(end), text.data());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void Print(int number, const std::string& name, const Judged& judged, const Seen& seen) {
  constexpr std::array kDirectives = {"", "", " # XFAIL ", " # XPASS ", " # SKIP "};
  const bool failed = judged.verdict == Verdict::kFail;
  if (failed) {
    if (!seen.trouble.empty()) PrintDiagnostics(seen.trouble);
    PrintDiagnostics(seen.message);
    PrintDiagnostics("came: " + seen.outcome);
  }
  std::printf("%sok %d %s%s%s\n", failed ? "not " : "", number, name.c_str(),
              kDirectives[static_cast<size_t>(judged.verdict)], judged.why.c_str());
  std::fflush(stdout);
}

int BailOut(const std::string& why) {
  std::printf("Bail out! %s\n", why.c_str());
  return static_cast<int>(Verdict::kFail);
}

struct Planned {
  const CaseEntry* entry;
  Setup setup;
};

std::vector<Planned> Selected(const KselftestOptions& options) {
  std::vector<Planned> selected;
  for (const CaseEntry& entry : Cases()) {
    if (fnmatch(options.filter.c_str(), entry.name.c_str(), 0) != 0) continue;
    for (const Setup setup : kSetups) {
      if (options.setup && setup != *options.setup) continue;
      selected.push_back({&entry, setup});
      if (entry.info.axis == Axis::kLiburing) break;
    }
  }
  return selected;
}

Machine ThisMachine() {
  utsname name{};
  uname(&name);
  return {.version = VersionOf(name), .probes = ProbeAll(), .setups = ProbeSetups()};
}

}  // namespace

int Kselftest(const KselftestOptions& options) {
  std::printf("KTAP version 1\n");
  std::ifstream file(options.plan);
  if (!file) return BailOut("cannot read " + options.plan + ": `ringspec kselftest DIR` writes it");
  const std::optional<Plan> plan = ReadPlan(file);
  if (!plan) return BailOut(options.plan + " is no plan: `ringspec kselftest DIR` writes one");

  const std::vector<Planned> selected = Selected(options);
  if (selected.empty()) return BailOut("no case matches " + options.filter);
  std::printf("1..%zu\n", selected.size());
  std::fflush(stdout);
  const Machine machine = ThisMachine();
  CalibrateTiming();
  Report& report = *Report::CreateShared();
  std::array<int, 5> count{};
  int number = 0;
  for (const Planned& one : selected) {
    const std::string& name = one.entry->name;
    const auto planned = plan->cases.find(name);
    if (planned == plan->cases.end()) return BailOut(options.plan + " does not know " + name);
    Seen seen;
    std::optional<Judged> judged =
        Beforehand(*one.entry, planned->second, one.setup, machine, options.allow_host_changes);
    if (!judged) {
      seen = RunOne(*one.entry, one.setup, report);
      judged = Judge(*plan, *one.entry, std::string(Name(one.setup)), machine, seen);
    }
    Print(++number, name + "/" + std::string(Name(one.setup)), *judged, seen);
    ++count[static_cast<size_t>(judged->verdict)];
  }
  const auto [pass, fail, xfail, xpass, skip] = count;
  std::printf("# Totals: pass:%d fail:%d xfail:%d xpass:%d skip:%d error:0\n", pass, fail, xfail,
              xpass, skip);
  if (fail != 0) return static_cast<int>(Verdict::kFail);
  if (xpass != 0) return static_cast<int>(Verdict::kXpass);
  if (pass != 0) return static_cast<int>(Verdict::kPass);
  return static_cast<int>(xfail != 0 ? Verdict::kXfail : Verdict::kSkip);
}

}  // namespace ringspec
