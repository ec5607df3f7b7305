// Injects one fault at one point of one run of a case.
//
// A fault applies at points: a CQE, an SQE, a call's return, a pair of a cancel and a request that
// is still pending after it.  One run of a case injects one kind at one of them.
#pragma once

#include <vector>

#include "harness/faults/fault.h"
#include "harness/faults/fault_kinds.h"

namespace ringspec {

class Injection : public FaultLayer {
 public:
  enum class Progress { kNotReached, kDidNotApply, kInjected };

  // Injects `kind` at its `point`-th opportunity.  `progress` may live in memory shared with a
  // parent; `unbroken` is what the same case saw without a fault.
  Injection(const FaultKind& kind, int point, Progress* progress, const Unbroken& unbroken = {})
      : kind_(kind), point_(point), progress_(progress), scene_{unbroken} {
    *progress = Progress::kNotReached;
  }

  void OnSubmit(std::vector<Request>& batch) override;
  void AfterSubmit(int ring, const std::vector<Request>& batch) override;
  void OnArrival(std::vector<RawCqe>& cqes) override;
  void OnReturn(Completion& returned, TimePoint due) override;

 private:
  bool IsThePoint() { return seen_++ == point_; }
  // A kernel that only claims to have canceled says what an honest one would.
  void Lie(std::vector<RawCqe>& cqes);

  const FaultKind& kind_;
  int point_;
  Progress* progress_;
  int seen_ = 0;
  Scene scene_;
  std::uint64_t liar_ = 0;  // user_data of the cancel that lies, once there is one
};

// Watches an unbroken run, for the injections that come after it.
class Witness : public FaultLayer {
 public:
  explicit Witness(Unbroken* seen) : seen_(*seen) { seen_ = {}; }

  void OnArrival(std::vector<RawCqe>& cqes) override;
  void OnReturn(Completion& returned, TimePoint due) override;

 private:
  Unbroken& seen_;
};

}  // namespace ringspec
