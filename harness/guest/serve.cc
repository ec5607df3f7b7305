#include "harness/guest/serve.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "harness/case.h"
#include "harness/guest/child.h"
#include "harness/guest/guest.h"
#include "harness/guest/negative_control.h"
#include "harness/guest/order.h"
#include "harness/guest/ring_exit.h"
#include "harness/guest/settle.h"
#include "harness/guest/shift.h"
#include "harness/guest/stream.h"
#include "harness/guest/window.h"
#include "harness/probe.h"
#include "harness/report.h"

namespace ringspec {
namespace {

constexpr int kProtocol = 1;
constexpr Duration kProbeLimit = 20s;

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

  Channels channels_;
  EventStream events_;
  Report& report_;
};

bool Server::Introduce() {
  if (!Say(Introduction()) || !Calibrate() || !Probe()) return false;
  if (InGuest() && TimeIsVirtual()) OutliveIdleWorkers();
  if (InGuest()) RingsThatStay();  // Whom to look at is found out here, not in each shift.
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

bool Server::WorkOff(const Order& order) {
  if (order.control) {
    const auto say = [&](const JsonObject& line) { return Say(line); };
    return NegativeControl(order, say) && Say(JsonLine("done"));
  }
  // A host that was idle when the guest was saved may be busy now.
  if (!TimeIsVirtual()) {
    CurrentTiming() = Scaled(Timing(), Settle(kOnTimeReal, kResettleLimit).lateness_max);
  }
  if (!WorkInShifts(order, channels_, report_)) return false;
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
