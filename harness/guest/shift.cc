#include "harness/guest/shift.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>

#include "harness/case.h"
#include "harness/guest/child.h"
#include "harness/guest/guest.h"
#include "harness/guest/lateness.h"
#include "harness/guest/ring_exit.h"
#include "harness/guest/shared_memory.h"
#include "harness/guest/window.h"
#include "harness/programs/program_run.h"

namespace ringspec {
namespace {

constexpr int kNoSuchSetup = 2;
constexpr int kNoSuchCase = 3;
constexpr size_t kLongestEvidence = 32 * 1024;
// A shift has no limit of its own: each of its cases has one, and the host has its own patience.
constexpr Duration kNoLimit = 24h;

std::string_view StatusName(const ChildEnd& end, Report::Status status) {
  if (end.way == ChildEnd::Way::kHung) return "hang";
  if (!end.Succeeded()) return "crash";
  switch (status) {
    case Report::Status::kRan:
      return "ran";
    case Report::Status::kRefused:
      return "refused";
    case Report::Status::kError:
      return "error";
    case Report::Status::kUnfinished:
      break;
  }
  return "crash";
}

// What a case has to say that did not come to its end.
JsonObject LastWord(const ChildEnd& end) {
  return JsonObject()
      .Flag("holds", false)
      .Text("outcome", "")
      .Text("message", end.Describe())
      .Json("drawn", "{}")
      .Json("violations", "[]");
}

// Nothing failed and nothing was violated.  Every quote inside a JSON string is escaped, so this
// text can be the empty member only.
bool HasNothingToSay(const Report& report) {
  return report.members().find(R"("message":"")") != std::string_view::npos;
}

// Whether nothing that the case did can be seen by the next one in the same memory: GoogleTest
// remembers failures.
bool LeftNothing(const ChildEnd& end, const Report& report) {
  if (!end.Succeeded()) return false;
  return report.status() == Report::Status::kRefused || HasNothingToSay(report);
}

JsonObject Summary(const OrderedCase& one, const ChildEnd& end, const Report& report,
                   bool trace_all, Duration took, const std::string& stuck_ring) {
  const std::string_view status = StatusName(end, report.status());
  const bool finished = status != "hang" && status != "crash";
  const bool traced = trace_all || !finished || !stuck_ring.empty() || !HasNothingToSay(report);
  JsonObject line = JsonLine("end").Number("id", one.id).Text("status", status);
  if (finished) {
    line.Members(report.members());
  } else {
    line.Members(LastWord(end).Members());
  }
  if (!stuck_ring.empty()) line.Text("stuck_ring", stuck_ring);
  return line.Json("trace", traced ? "[" + report.trace().Json() + "]" : "[]")
      .Text("evidence", end.stuck_where, kLongestEvidence)
      .Number("guest_ns", took.count())
      .Number("tainted", Tainted());
}

// How far the shifts have come: what the next one goes by, and what is known of one that died.
struct Progress {
  std::atomic<size_t> begun;
  std::atomic<size_t> ended;
  std::atomic<bool> nobody_listens;
};

class Shift {
 public:
  Shift(const Order& order, const Channels& channels, Report& report, Progress& progress)
      : order_(order),
        window_(channels.window),
        log_(channels.kernel_log),
        events_(channels.events, channels.window),
        report_(report),
        progress_(progress) {}

  void Work() {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    // Before 5.16 a core dump of one process ends all who share its memory.
    if (InGuest()) prctl(PR_SET_DUMPABLE, 0);
    if (window_ != nullptr) window_->KeepFromChildren();
    PrepareToShareMemory();
    long mapped = 0;
    for (int worked = 0; worked < kLongestShift && progress_.ended < order_.cases.size();
         ++worked) {
      if (!RunOne(order_.cases[progress_.ended])) return;
      // The first case is the one for which the heap grows.
      if (worked == 0) mapped = MappedPages();
      if (MappedPages() != mapped) return;
    }
  }

  // The case that a shift died of, or before; none if it had done its work.
  void Bury(const ChildEnd& end) {
    if (progress_.ended == order_.cases.size()) return;
    const OrderedCase& one = order_.cases[progress_.ended];
    if (progress_.begun == progress_.ended && !Begin(one)) return;
    End(one, end, Duration{}, "");
  }

 private:
  // False when nobody listens.
  bool Begin(const OrderedCase& one) {
    ++progress_.begun;
    // What the kernel says before the next case begins is about the one before.
    const std::string late = log_.TakeComplaints();
    if (!events_.WriteSilently(JsonLine("begin").Number("id", one.id).Text("late", late))) {
      progress_.nobody_listens = true;
    }
    log_.Mark("begin " + std::to_string(one.id) + " " + one.name + " " + one.setup);
    return !progress_.nobody_listens;
  }

  void End(const OrderedCase& one, const ChildEnd& end, Duration took, const std::string& ring) {
    log_.Mark("end " + std::to_string(one.id));
    const JsonObject line = Summary(one, end, report_, order_.trace_all, took, ring)
                                .Text("kernel_log", log_.TakeComplaints());
    if (!events_.WriteSilently(line)) progress_.nobody_listens = true;
    ++progress_.ended;
  }

  // Whether somebody listens and the next case can have the same memory.
  bool RunOne(const OrderedCase& one);

  const Order& order_;
  Window* window_;
  const KernelLog& log_;
  EventStream events_;
  Report& report_;
  Progress& progress_;
};

bool Shift::RunOne(const OrderedCase& one) {
  if (!Begin(one)) return false;
  report_.Clear();
  LatenessWatch* lateness = CurrentTiming().shares_cpus ? &LatenessWatch::Begin() : nullptr;
  if (lateness != nullptr) lateness->Clear();
  const CaseEntry* entry = FindCase(one.name);
  const std::optional<Setup> setup = SetupNamed(one.setup);

  const TimePoint start = Now();
  const ChildEnd end =
      RunInChild(order_.limit,
                 [&] {
                   SetCaseSeed(static_cast<unsigned>(order_.seed));
                   if (!setup) _exit(kNoSuchSetup);
                   if (!one.program.empty()) {
                     RunProgram(one.program, *setup, static_cast<unsigned>(order_.seed), report_);
                   } else if (entry == nullptr) {
                     _exit(kNoSuchCase);
                   } else {
                     RunCase(*entry, *setup, report_);
                   }
                 },
                 {.shares_memory = entry == nullptr || entry->info.memory == Memory::kShared,
                  .on_hang = [&] { return log_.BlockedTasks(); },
                  .lateness = lateness});
  const Duration took = Now() - start;
  const bool may_look = InGuest() && end.way != ChildEnd::Way::kHung;
  End(one, end, took, may_look ? RingsThatStay() : "");
  return !progress_.nobody_listens && LeftNothing(end, report_);
}

}  // namespace

bool WorkInShifts(const Order& order, const Channels& channels, Report& report) {
  void* memory =
      mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  auto* progress = new (memory) Progress{};
  Shift shift(order, channels, report, *progress);
  while (progress->ended < order.cases.size() && !progress->nobody_listens) {
    const ChildEnd end = RunInChild(kNoLimit, [&] { shift.Work(); });
    if (!end.Succeeded()) shift.Bury(end);
  }
  const bool heard = !progress->nobody_listens;
  munmap(memory, sizeof(Progress));
  return heard;
}

}  // namespace ringspec
