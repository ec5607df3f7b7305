// The faults of the negative control: every way a kernel could break what a case observes.
// Each kind has points at which it applies (a CQE, an SQE); one run of a case injects one kind at
// one point.
#pragma once

#include <string_view>
#include <vector>

#include "harness/fault.h"

namespace ringspec {

struct FaultKind {
  std::string_view name;
  std::string_view says;  // what the kernel would be doing
  // Exactly one of the two: changes the request, or the CQE at this index; false if it does not
  // apply there.
  bool (*to_request)(Request& request, const std::vector<Tag>& tags);
  bool (*to_cqe)(std::vector<RawCqe>& cqes, std::size_t index, const std::vector<Tag>& tags);
};

const std::vector<FaultKind>& FaultKinds();

// Injects `kind` at its `point`-th opportunity.
class Injection : public FaultLayer {
 public:
  // `injected` is set when the point was reached; it may live in memory shared with a parent.
  Injection(const FaultKind& kind, int point, bool* injected)
      : kind_(kind), point_(point), injected_(injected) {}

  void OnSubmit(std::vector<Request>& batch) override;
  void OnArrival(std::vector<RawCqe>& cqes) override;
  void OnReturn(Completion& returned) override;

 private:
  bool IsThePoint() { return seen_++ == point_; }

  const FaultKind& kind_;
  int point_;
  bool* injected_;
  int seen_ = 0;
  std::vector<Tag> tags_;  // of every request so far
};

}  // namespace ringspec
