#include "harness/programs/program_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "harness/case_run.h"
#include "harness/failures.h"
#include "harness/guest/kernel_coverage.h"
#include "harness/programs/program_requests.h"
#include "harness/ring.h"
#include "harness/sync_cancel.h"
#include "harness/wait.h"

namespace ringspec {
namespace {

constexpr Duration kReapWindow = std::chrono::milliseconds(kReapMilliseconds);
constexpr unsigned kLongestDelayUs = 500;
// More completions of one request in a window are "many": their number is a matter of microseconds.
constexpr int kCounted = 8;

class ProgramRun {
 public:
  explicit ProgramRun(unsigned seed) : random_(seed), perturbed_(seed != 0) {}

  void Run(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (!step.name().empty()) {
        Announce(step);
        batch_.push_back(RequestOf(step, objects_));
        continue;
      }
      Submit();
      Delay();
      Take(step);
    }
    Submit();
    objects_.ReleaseAll();
    if (open_) Reap();
    if (open_) Close();
  }

 private:
  // What an update may make of a request that is open, or about to be.
  void Announce(const Step& step) {
    const auto user = step.Value("user");
    if (!user) return;
    Submit();
    ring_.MayBecome(TagNamed(step.Word(0)), TagNamed(*user));
  }

  void Submit() {
    if (batch_.empty()) return;
    Delay();
    ring_.SubmitBatch(std::exchange(batch_, {}));
  }

  void Take(const Step& step) {
    const std::string& verb = step.verb();
    const std::string what = step.Word(0);
    if (verb == "reap") Reap();
    if (verb == "write") objects_.Write(step, what, static_cast<int>(step.Number(1, 1)));
    if (verb == "hangup") objects_.HangUp(step, what);
    if (verb == "wake") objects_.FutexNamed(step, what).Wake();
    if (verb == "hold") objects_.Hold(step, what);
    if (verb == "release") objects_.Release(step, what);
    if (verb == "close") Close();
    if (verb == "sync") {
      const auto limit =
          step.Value("timeout") ? std::optional(step.TimeOf("timeout")) : std::nullopt;
      SyncCancel(ring_, CancelOf(step, objects_), limit);
    }
    if (verb == "wait") {
      Wait wait(static_cast<unsigned>(step.Number(0, 1)));
      wait.For(step.Time(1));
      if (step.Value("min")) {
        wait.AtLeast(std::chrono::duration_cast<std::chrono::microseconds>(step.TimeOf("min")));
      }
      EnterAndWait(ring_, wait);
    }
  }

  void Reap() {
    std::map<std::string, int> counts;
    for (const Completion& completion : ring_.ReapFor(kReapWindow)) ++counts[completion.tag];
    std::string tags;
    for (const auto& [tag, count] : counts) {
      tags += (tags.empty() ? "" : ",") + tag;
      if (count > kCounted) {
        tags += " x many";
      } else if (count > 1) {
        tags += " x" + std::to_string(count);
      }
    }
    Recorder::Current().Part("reap" + std::to_string(++reaps_), tags.empty() ? "nothing" : tags);
  }

  void Close() {
    ring_.Close();
    open_ = false;
  }

  void Delay() {
    if (!perturbed_) return;
    std::this_thread::sleep_for(std::chrono::microseconds(random_() % kLongestDelayUs));
  }

  std::mt19937 random_;
  bool perturbed_;
  Ring ring_;
  ProgramObjects objects_;
  std::vector<Request> batch_;
  int reaps_ = 0;
  bool open_ = true;
};

}  // namespace

void RunProgram(const std::string& text, Setup setup, unsigned seed, Report& report) {
  SetCurrentSetup(setup);
  const Failures failures;
  CaseRun run(report);
  KernelCoverage coverage;
  run.Run([&] { ProgramRun(seed).Run(ParseProgram(text)); });
  const std::string places = coverage.Take();
  if (!places.empty()) Recorder::Current().Note("covered " + places);
  run.Finish(failures.text());
}

}  // namespace ringspec
