#include "harness/guest/serve.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "harness/case.h"
#include "harness/guest/child.h"
#include "harness/guest/guest.h"
#include "harness/guest/lateness.h"
#include "harness/guest/negative_control.h"
#include "harness/guest/order.h"
#include "harness/guest/ring_exit.h"
#include "harness/guest/settle.h"
#include "harness/guest/stream.h"
#include "harness/guest/window.h"
#include "harness/probe.h"
#include "harness/programs/program_run.h"
#include "harness/report.h"

namespace ringspec {
namespace {

constexpr int kProtocol = 1;
constexpr int kNoSuchSetup = 2;
constexpr int kNoSuchCase = 3;
constexpr Duration kProbeLimit = 20s;
constexpr size_t kLongestEvidence = 32 * 1024;

// In virtual time waiting is free and nobody else uses the CPU, so these can be far apart from
// what a busy host in real time needs (Timing's own values).
constexpr Timing kVirtualTiming = {
    .give_up = 5s, .quiet = 20ms, .lateness = 4ms, .shares_cpus = false};

// Measured in virtual time (8 ns for an instruction), 500 timeouts on each of 5.10 to 7.3: settled
// kernels were late by 0.04 to 0.26 ms, with crypto self-tests still running by 1 to 5 ms.
constexpr Duration kOnTimeVirtual = 500us;
constexpr Duration kSettleLimitVirtual = 60s;
// In real time a host may be too busy ever to be on time: the calibration says so.
constexpr Duration kOnTimeReal = 2ms;
constexpr Duration kSettleLimitReal = 5s;
constexpr Duration kResettleLimit = 1s;

// The kernel hands an unknown `name=value` of its command line to init as environment.
bool TimeIsVirtual() {
  const char* clock = std::getenv("ringspec_clock");
  return clock != nullptr && std::strcmp(clock, "virtual") == 0;
}

int64_t Tainted() {
  static const int file = open("/proc/sys/kernel/tainted", O_RDONLY | O_CLOEXEC);
  std::array<char, 24> text{};
  const ssize_t got = pread(file, text.data(), text.size(), 0);
  int64_t mask = 0;
  if (got > 0) std::from_chars(text.data(), text.data() + got, mask);
  return mask;
}

JsonObject Introduction() {
  utsname name{};
  uname(&name);
  return JsonLine("hello")
      .Number("protocol", kProtocol)
      .Text("release", name.release)
      .Text("version", name.version)
      .Text("machine", name.machine)
      .Number("cpus", sysconf(_SC_NPROCESSORS_ONLN))
      .Number("tainted", Tainted());
}

JsonObject ProbesOfThisKernel() {
  JsonObject present;
  for (const auto& [name, there] : ProbeAll()) present.Flag(name, there);
  JsonObject setups;
  for (const auto& [name, answer] : ProbeSetups()) setups.Text(name, answer);
  return JsonLine("probes").Json("present", present.Finish()).Json("setups", setups.Finish());
}

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
  return line.Json("trace", traced ? "[" + std::string(report.trace()) + "]" : "[]")
      .Text("evidence", end.stuck_where, kLongestEvidence)
      .Number("guest_ns", took.count())
      .Number("tainted", Tainted());
}

// What has been freed lies scattered over the heap, and each page of it that a child uses has to be
// copied for the child: takes it all, so that what is allocated from now on lies together.  For a
// guest, whose C library is known to have its heap in one piece.
void UseUpFragments() {
  constexpr size_t kStep = 16;
  constexpr size_t kLargest = 64 * 1024;
  const auto allocate = [](size_t size) { return reinterpret_cast<uintptr_t>(std::malloc(size)); };
  const auto end = reinterpret_cast<uintptr_t>(sbrk(0));
  uintptr_t fresh = 0;  // No fragment lies behind it.
  while (fresh < end) fresh = allocate(kLargest);
  for (size_t size = kLargest; size >= kStep; size -= kStep) {
    uintptr_t block = 0;
    while (block < fresh) block = allocate(size);
    std::free(reinterpret_cast<void*>(block));
  }
}

class Server {
 public:
  explicit Server(const Channels& channels)
      : channels_(channels),
        events_(channels.events, channels.window),
        report_(*Report::CreateShared()) {}

  // What this kernel is and can do.  False when there is nobody to tell, or no kernel to trust.
  bool Introduce();
  bool WorkOff(const Order& order);
  bool Say(const JsonObject& line) { return events_.Write(line); }

 private:
  bool Calibrate();
  bool Probe();
  bool RunOne(const OrderedCase& one, const Order& order);

  Channels channels_;
  EventStream events_;
  Report& report_;
};

bool Server::Introduce() {
  if (!Say(Introduction()) || !Calibrate() || !Probe()) return false;
  if (IsInit()) UseUpFragments();
  return Say(JsonLine("ready"));
}

bool Server::Calibrate() {
  return Say(JsonLine("settled").Json("calibration", CalibrateTiming().Json().Finish()));
}

bool Server::Probe() {
  const ChildEnd end = RunInChild(kProbeLimit, [&] { Say(ProbesOfThisKernel()); });
  if (end.Succeeded()) return true;
  Say(JsonLine("failed").Text("step", "probes").Text("message", end.Describe()));
  return false;
}

bool Server::RunOne(const OrderedCase& one, const Order& order) {
  const std::string id = std::to_string(one.id);
  const KernelLog& log = channels_.kernel_log;
  // What the kernel says before the next case begins is about the one before.
  if (!Say(JsonLine("begin").Number("id", one.id).Text("late", log.TakeComplaints()))) return false;
  log.Mark("begin " + id + " " + one.name + " " + one.setup);
  report_.Clear();
  LatenessWatch* lateness = TimeIsVirtual() ? nullptr : &LatenessWatch::Begin();
  if (lateness != nullptr) lateness->Clear();
  const std::optional<Setup> setup = SetupNamed(one.setup);

  const TimePoint start = Now();
  const ChildEnd end =
      RunInChild(order.limit,
                 [&] {
                   SetCaseSeed(static_cast<unsigned>(order.seed));
                   if (!setup) _exit(kNoSuchSetup);
                   if (!one.program.empty()) {
                     RunProgram(one.program, *setup, static_cast<unsigned>(order.seed), report_);
                   } else if (!RunCase(one.name, *setup, report_)) {
                     _exit(kNoSuchCase);
                   }
                 },
                 {.on_hang = [&] { return log.BlockedTasks(); }, .lateness = lateness});
  const Duration took = Now() - start;
  const bool may_look = IsInit() && end.way != ChildEnd::Way::kHung;
  const std::string stuck_ring = may_look ? RingsThatStay() : "";

  log.Mark("end " + id);
  // The next begin, or `done`, follows at once and rings the bell for both.
  return events_.WriteSilently(Summary(one, end, report_, order.trace_all, took, stuck_ring)
                                   .Text("kernel_log", log.TakeComplaints()));
}

bool Server::WorkOff(const Order& order) {
  if (order.control) {
    const auto say = [&](const JsonObject& line) { return Say(line); };
    return NegativeControl(order, say) && Say(JsonLine("done"));
  }
  // A host that was idle when the guest was saved may be busy now.
  if (!TimeIsVirtual()) {
    CurrentTiming() = Scaled(Timing(), Settle(kOnTimeReal, kResettleLimit).lateness_max);
  }
  for (const OrderedCase& one : order.cases) {
    if (!RunOne(one, order)) return false;
  }
  return Say(JsonLine("done").Text("late", channels_.kernel_log.TakeComplaints()));
}

}  // namespace

Calibration CalibrateTiming() {
  const bool is_virtual = TimeIsVirtual();
  const Calibration seen = is_virtual ? Settle(kOnTimeVirtual, kSettleLimitVirtual)
                                      : Settle(kOnTimeReal, kSettleLimitReal);
  CurrentTiming() = Scaled(is_virtual ? kVirtualTiming : Timing(), seen.lateness_max);
  return seen;
}

void Serve(const Channels& channels) {
  std::signal(SIGPIPE, SIG_IGN);
  PrepareForCases();
  Server server(channels);
  if (!server.Introduce()) return;
  if (channels.window != nullptr) channels.window->KeepFromChildren();

  LineReader lines(channels.orders, channels.window);
  OrderParser parser;
  while (const std::optional<std::string> line = lines.Next()) {
    switch (parser.Take(*line)) {
      case OrderParser::State::kIncomplete:
        break;
      case OrderParser::State::kComplete:
        if (!server.WorkOff(parser.Finish())) return;
        break;
      case OrderParser::State::kGarbled:
        server.Say(JsonLine("failed").Text("step", "order").Text("message", *line));
        return;
      case OrderParser::State::kQuit:
        return;
    }
  }
}

}  // namespace ringspec
