// One run of one case's body: keeps what must outlive the body, and finishes it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "harness/recorder.h"

namespace ringspec {

class RingState;

class CaseRun {
 public:
  explicit CaseRun(Report& report);
  ~CaseRun();
  CaseRun(const CaseRun&) = delete;
  CaseRun& operator=(const CaseRun&) = delete;

  // The run that is under way; null outside of one.
  static CaseRun* CurrentOrNull();
  static CaseRun& Current();

  void Keep(std::shared_ptr<RingState> ring);
  void CloseLater(int fd);

  // Runs the body, looks for late completions, closes rings and descriptors.
  void Run(const std::function<void()>& body);

  // Writes the report.  `failures` is the text of every failed expectation; empty: it holds.
  void Finish(const std::string& failures);

 private:
  void LookForLateCompletions();

  Recorder recorder_;
  Report& report_;
  Report::Status status_ = Report::Status::kRan;
  std::string trouble_;
  std::vector<std::shared_ptr<RingState>> rings_;
  std::vector<int> descriptors_;
};

}  // namespace ringspec
