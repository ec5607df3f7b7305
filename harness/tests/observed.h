// Runs a body as a case, with or without faults between the ring and it, and returns the report.
#pragma once

#include <gtest/gtest-spi.h>

#include "harness/case_run.h"
#include "harness/cases.h"
#include "harness/faults/fault.h"

namespace ringspec {

struct Observed {
  std::string failures;  // texts of the failed expectations
  std::string members;   // the report's members as JSON
  Report::Status status;

  bool holds() const { return members.starts_with("\"holds\":true"); }
};

// `body` sees no difference to a real case; its failures do not fail the test that observes it.
inline Observed Observe(void (*body)(), FaultLayer* faults = nullptr,
                        Setup setup = Setup::kDefault) {
  SetCurrentSetup(setup);
  testing::TestPartResultArray results;
  Report* report = Report::CreateShared();
  FaultLayer* before = InstallFaults(faults);
  std::string failures;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &results);
    CaseRun run(*report);
    run.Run(body);
    for (int i = 0; i < results.size(); ++i) {
      failures += std::string(results.GetTestPartResult(i).message()) + "\n";
    }
    run.Finish(failures);
  }
  InstallFaults(before);
  Observed observed{failures, std::string(report->members()), report->status()};
  report->Destroy();
  return observed;
}

// A fault that changes CQEs of one tag as they are taken from the ring.
class ArrivalFault : public FaultLayer {
 public:
  using Change = void (*)(std::vector<RawCqe>& cqes, std::size_t index);

  ArrivalFault(const Tag& tag, Change change) : tag_(tag), change_(change) {}

  void OnArrival(std::vector<RawCqe>& cqes) override {
    for (std::size_t i = 0; i < cqes.size(); ++i) {
      if (cqes[i].user_data != tag_.value || done_) continue;
      done_ = true;
      change_(cqes, i);
      return;
    }
  }

 private:
  Tag tag_;
  Change change_;
  bool done_ = false;
};

}  // namespace ringspec
