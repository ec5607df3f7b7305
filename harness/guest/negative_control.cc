#include "harness/guest/negative_control.h"

#include <sys/mman.h>

#include <algorithm>
#include <optional>
#include <random>

#include "harness/case.h"
#include "harness/clock.h"
#include "harness/faults/injection.h"
#include "harness/guest/child.h"
#include "harness/report.h"

namespace ringspec {
namespace {

// Nothing is waited for that an unbroken machine does not deliver at once, and a dropped CQE costs
// this much.
constexpr Timing kImpatient = {.give_up = 400ms, .quiet = 20ms, .lateness = 300ms};
// At most this many points of one kind in one case: CQEs and SQEs, or pairs of a cancel and another
// request of the ring.
constexpr int kPoints = 3;
constexpr int kPairs = 8;

// What a child leaves for its parent.
struct Shared {
  Injection::Progress progress;
  Unbroken unbroken;
};

Timing TimingOfControl() {
  const Timing& guest = CurrentTiming();
  return {.give_up = std::min(guest.give_up, kImpatient.give_up),
          .quiet = std::min(guest.quiet, kImpatient.quiet),
          .lateness = std::min(guest.lateness, kImpatient.lateness),
          .shares_cpus = guest.shares_cpus};
}

class Control {
 public:
  Control(const Order& order, const std::function<bool(const JsonObject&)>& say)
      : order_(order),
        say_(say),
        random_(static_cast<unsigned>(order.seed)),
        report_(*Report::CreateShared()) {
    void* memory =
        mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    shared_ = new (memory) Shared;
  }
  ~Control() {
    munmap(shared_, sizeof(Shared));
    report_.Destroy();
  }
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  bool Run(const OrderedCase& one) {
    Witness witness(&shared_->unbroken);
    const bool holds = Holds(one, &witness);
    if (!Say(one, JsonObject().Flag("holds", holds))) return false;
    if (!holds) return true;  // Red already: on this kernel nothing can be shown.
    for (const FaultKind& kind : FaultKinds()) {
      if (!Inject(one, kind)) return false;
    }
    return true;
  }

 private:
  bool Chosen() { return std::uniform_real_distribution()(random_) < order_.share; }

  // False when nobody listens.
  bool Inject(const OrderedCase& one, const FaultKind& kind) {
    const int points = kind.to_ring != nullptr ? kPairs : kPoints;
    for (int point = 0; point < points; ++point) {
      if (!Chosen()) continue;
      Injection injection(kind, point, &shared_->progress, shared_->unbroken);
      const bool holds = Holds(one, &injection);
      if (shared_->progress == Injection::Progress::kNotReached) return true;
      if (shared_->progress == Injection::Progress::kDidNotApply) continue;
      const JsonObject members = JsonObject()
                                     .Text("fault", kind.name)
                                     .Text("says", kind.says)
                                     .Number("point", point)
                                     .Flag("noticed", !holds);
      if (!Say(one, members)) return false;
    }
    return true;
  }

  bool Holds(const OrderedCase& one, FaultLayer* faults) {
    report_.Clear();
    const ChildEnd end = RunInChild(order_.limit, [&] {
      CurrentTiming() = TimingOfControl();
      InstallFaults(faults);
      SetCaseSeed(1);
      const std::optional<Setup> setup = SetupNamed(one.setup);
      const CaseEntry* entry = FindCase(one.name);
      if (setup && entry != nullptr) RunCase(*entry, *setup, report_);
    });
    return end.Succeeded() && report_.status() == Report::Status::kRan &&
           report_.members().starts_with(R"("holds":true)") &&
           report_.members().find(R"("violations":[])") != std::string_view::npos;
  }

  bool Say(const OrderedCase& one, const JsonObject& members) {
    JsonObject line = JsonLine("control").Number("id", one.id).Text("case", one.name);
    return say_(line.Members(members.Members()).Members(Outcome()));
  }

  // What the case wrote about itself, without what is said already.
  std::string Outcome() const {
    const std::string_view members = report_.members();
    const std::size_t begin = members.find(R"("outcome":)");
    const std::size_t end = members.find(R"(,"message":)");
    if (begin == std::string_view::npos || end == std::string_view::npos) return R"("outcome":"")";
    return std::string(members.substr(begin, end - begin));
  }

  const Order& order_;
  const std::function<bool(const JsonObject&)>& say_;
  std::mt19937 random_;
  Report& report_;
  Shared* shared_;
};

}  // namespace

bool NegativeControl(const Order& order, const std::function<bool(const JsonObject&)>& say) {
  PrepareForCases();
  Control control(order, say);
  return std::ranges::all_of(order.cases, [&](const OrderedCase& one) { return control.Run(one); });
}

}  // namespace ringspec
