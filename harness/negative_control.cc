#include "harness/negative_control.h"

#include <fnmatch.h>
#include <sys/mman.h>

#include <cstdlib>
#include <random>

#include "harness/case.h"
#include "harness/child.h"
#include "harness/clock.h"
#include "harness/injection.h"
#include "harness/report.h"

namespace ringspec {
namespace {

// Real time on the host, but nothing is waited for that an unbroken host does not deliver at
// once: a dropped CQE costs this much.
constexpr Timing kImpatient = {.give_up = 400ms, .quiet = 20ms, .lateness = 300ms};
constexpr Duration kLimit = 20s;

class Control {
 public:
  Control(const ControlOptions& options, std::FILE* out)
      : options_(options), out_(out), random_(options.seed), report_(*Report::CreateShared()) {
    injected_ = static_cast<bool*>(
        mmap(nullptr, sizeof(bool), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  }

  void Run(const CaseEntry& one) {
    const bool holds = Holds(one, nullptr);
    Say(JsonObject().Text("case", one.name).Flag("holds", holds).Members(report_.members()));
    if (!holds) return;  // Red already: on this kernel nothing can be shown.
    for (const FaultKind& kind : FaultKinds()) {
      for (int point = 0; point < options_.points; ++point) {
        if (!Chosen()) continue;
        if (!Inject(one, kind, point)) break;
      }
    }
  }

 private:
  bool Chosen() { return std::uniform_real_distribution()(random_) < options_.share; }

  // Whether the case had such a point.
  bool Inject(const CaseEntry& one, const FaultKind& kind, int point) {
    *injected_ = false;
    Injection injection(kind, point, injected_);
    const bool holds = Holds(one, &injection);
    if (!*injected_) return false;
    Say(JsonObject()
            .Text("case", one.name)
            .Text("fault", std::string(kind.name))
            .Number("point", point)
            .Flag("noticed", !holds)
            .Members(report_.members()));
    return true;
  }

  bool Holds(const CaseEntry& one, Injection* injection) {
    report_.Clear();
    const ChildEnd end = RunInChild(kLimit, [&] {
      CurrentTiming() = kImpatient;
      InstallFaults(injection);
      RunCase(one.name, Setup::kDefault, report_);
    });
    return end.Succeeded() && report_.status() == Report::Status::kRan &&
           report_.members().starts_with(R"("holds":true)") &&
           report_.members().find(R"("violations":[])") != std::string_view::npos;
  }

  void Say(const JsonObject& line) {
    std::fprintf(out_, "%s\n", line.Finish().c_str());
    std::fflush(out_);
  }

  ControlOptions options_;
  std::FILE* out_;
  std::mt19937 random_;
  Report& report_;
  bool* injected_;
};

}  // namespace

void NegativeControl(const ControlOptions& options, std::FILE* out) {
  PrepareForCases();
  Control control(options, out);
  for (const CaseEntry& one : Cases()) {
    const bool touches = one.info.touches != kNothing || one.info.axis != Axis::kKernel;
    if (!touches && fnmatch(options.filter.c_str(), one.name.c_str(), 0) == 0) control.Run(one);
  }
}

}  // namespace ringspec
