#include "harness/case.h"

#include <algorithm>

#include "harness/case_run.h"
#include "harness/error.h"
#include "harness/failures.h"

namespace ringspec {
namespace {

std::vector<CaseEntry>& Registry() {
  static std::vector<CaseEntry> registry;
  return registry;
}

Report* report_of_child = nullptr;
unsigned seed = 1;

Failures* failures = nullptr;

std::string TouchesJson(unsigned touches) {
  std::string array;
  if (touches & kRealtimeClock) array += "\"realtime_clock\"";
  if (touches & kMayStick) array += std::string(array.empty() ? "" : ",") + "\"may_stick\"";
  return "[" + array + "]";
}

}  // namespace

const std::vector<CaseEntry>& Cases() {
  [[maybe_unused]] static const bool sorted = [] {
    std::ranges::sort(Registry(), {}, &CaseEntry::name);
    return true;
  }();
  return Registry();
}

const CaseEntry* FindCase(const std::string& name) {
  const auto entry = std::ranges::lower_bound(Cases(), name, {}, &CaseEntry::name);
  return entry != Cases().end() && entry->name == name ? &*entry : nullptr;
}

std::string ManifestJson() {
  std::string cases;
  for (const CaseEntry& entry : Cases()) {
    cases += (cases.empty() ? "\n  " : ",\n  ") +
             JsonObject()
                 .Text("name", entry.name)
                 .Text("clause", entry.info.clause)
                 .Text("file", entry.file)
                 .Number("line", entry.line)
                 .Json("touches", TouchesJson(entry.info.touches))
                 .Text("axis", entry.info.axis == Axis::kKernel ? "kernel" : "liburing")
                 .Finish();
  }
  return "{\"cases\":[" + cases + "\n]}\n";
}

unsigned CaseSeed() { return seed; }
void SetCaseSeed(unsigned value) { seed = value; }

void PrepareForCases() {
  Cases();
  // What the first throw of a program allocates and looks up, no case has to do again.
  try {
    throw SetupRefused(0);
  } catch (const SetupRefused&) {
  }
}

// Not RUN_ALL_TESTS(): with 541 cases, GoogleTest's filter took half of all instructions of the
// guest and made every test's memory the child's own.  Expectations need no running test.
void RunCase(const CaseEntry& entry, Setup setup, Report& report) {
  SetCurrentSetup(setup);
  report_of_child = &report;
  Failures collected;
  failures = &collected;
  internal::RunBody(entry.body);
  failures = nullptr;
}

namespace internal {

bool Register(const char* suite, const char* name, const char* file, int line, const CaseInfo& info,
              void (*body)()) {
  Registry().push_back({std::string(suite) + "." + name, file, line, info, body});
  return true;
}

void RunBody(void (*body)()) {
  Report* report = report_of_child != nullptr ? report_of_child : Report::CreateShared();
  {
    CaseRun run(*report);
    run.Run(body);
    run.Finish(failures != nullptr ? failures->text() : "");
  }
  if (report_of_child == nullptr) {  // An ordinary GoogleTest run: say what the runner would see.
    std::printf("%.*s\n", static_cast<int>(report->members().size()), report->members().data());
    if (report->status() == Report::Status::kRefused) GTEST_SKIP() << "setup refused";
    report->Destroy();
  }
}

}  // namespace internal
}  // namespace ringspec
