#include "harness/faults/injection.h"

#include <algorithm>

namespace ringspec {

void Injection::OnSubmit(std::vector<Request>& batch) {
  const TimePoint now = Now();
  for (const Request& request : batch) scene_.Enters(request, now);
  if (kind_.to_request == nullptr) return;
  for (Request& request : batch) {
    Request changed = request;
    if (!kind_.to_request(changed, scene_) || !IsThePoint()) continue;
    request = changed;
    if (kind_.lies) liar_ = request.sqe.user_data;
    *progress_ = Progress::kInjected;
  }
}

void Injection::AfterSubmit(int ring, const std::vector<Request>& batch) {
  if (kind_.to_ring == nullptr) return;
  for (const Request& request : batch) {
    if (!TakesATarget(request)) continue;
    for (const Tag& victim : scene_.tags) {
      // Its own target is being taken already.
      if (victim.value == request.sqe.user_data || victim.value == request.sqe.addr) continue;
      if (!IsThePoint()) continue;
      const bool hit = kind_.to_ring(ring, victim);
      *progress_ = hit ? Progress::kInjected : Progress::kDidNotApply;
    }
  }
}

void Injection::Lie(std::vector<RawCqe>& cqes) {
  for (RawCqe& cqe : cqes) {
    if (liar_ == 0 || cqe.user_data != liar_) continue;
    cqe.res = scene_.unbroken.Of(liar_).value_or(cqe.res);
    liar_ = 0;
  }
}

void Injection::OnArrival(std::vector<RawCqe>& cqes) {
  Lie(cqes);
  if (kind_.to_cqe == nullptr) return;
  const std::size_t arrived = cqes.size();
  for (std::size_t i = 0; i < arrived; ++i) {
    std::vector<RawCqe> changed = cqes;
    if (!kind_.to_cqe(changed, i, scene_) || !IsThePoint()) continue;
    cqes = changed;
    *progress_ = Progress::kInjected;
    return;
  }
}

// A call answers once and to its caller: the faults that remain are those of results and times.
void Injection::OnReturn(Completion& returned, TimePoint due) {
  std::vector<RawCqe> changed{{returned.user_data, returned.res, returned.flags, returned.seen}};
  Lie(changed);
  returned.res = changed[0].res;
  if (kind_.to_cqe == nullptr) return;
  if (due != TimePoint()) scene_.dues[returned.user_data] = {due, {}};
  if (!kind_.to_cqe(changed, 0, scene_) || changed.size() != 1) return;
  if (changed[0].flags != returned.flags || changed[0].user_data != returned.user_data) return;
  if (!IsThePoint()) return;
  returned.res = changed[0].res;
  returned.seen = changed[0].seen;
  *progress_ = Progress::kInjected;
}

void Witness::OnArrival(std::vector<RawCqe>& cqes) {
  for (const RawCqe& cqe : cqes) seen_.Add(cqe.user_data, cqe.res);
}

void Witness::OnReturn(Completion& returned, TimePoint) {
  seen_.Add(returned.user_data, returned.res);
}

}  // namespace ringspec
