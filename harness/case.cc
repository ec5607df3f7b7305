#include "harness/case.h"

#include <algorithm>

#include "harness/case_run.h"
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
  std::ranges::sort(Registry(), {}, &CaseEntry::name);
  return Registry();
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

bool RunCase(const std::string& name, Setup setup, Report& report) {
  if (std::ranges::find(Cases(), name, &CaseEntry::name) == Cases().end()) return false;
  SetCurrentSetup(setup);
  report_of_child = &report;
  testing::GTEST_FLAG(filter) = name;
  Failures collected;
  failures = &collected;
  [[maybe_unused]] const int failed = RUN_ALL_TESTS();
  return true;
}

namespace internal {

bool Register(const char* suite, const char* name, const char* file, int line,
              const CaseInfo& info) {
  Registry().push_back({std::string(suite) + "." + name, file, line, info});
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
