// The faults of the negative control: every way a kernel could break what a case observes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/recorder.h"

namespace ringspec {

// What came of the requests of a case without a fault: the first result of each user_data.  Plain
// memory, because a child writes it and its parent reads it.
struct Unbroken {
  struct Answer {
    std::uint64_t user_data;
    std::int32_t res;
  };
  std::array<Answer, 256> answers;
  std::size_t count;

  void Add(std::uint64_t user_data, std::int32_t res);
  std::optional<std::int32_t> Of(std::uint64_t user_data) const;
};

// When a timer is due at the earliest, on CLOCK_MONOTONIC; `interval` until it is due again.
struct Due {
  TimePoint at;
  Duration interval;
};

// What has happened up to the point at which a fault is considered.
struct Scene {
  Unbroken unbroken{};
  std::vector<Tag> tags{};  // of every request so far, each once
  std::map<std::uint64_t, Due> dues{};

  // `now`: when the case submitted it; our own work is not to make its timer late.
  void Enters(const Request& request, TimePoint now);
  const Tag* AnotherTag(std::uint64_t user_data) const;
  // What the request answers without a fault; none if it posts no CQE.
  std::optional<std::int32_t> AnswerOf(const Request& request) const {
    return unbroken.Of(request.sqe.user_data);
  }
};

// Exactly one of the three changes.  Each says false, and changes nothing that matters, if the
// fault does not apply where it is asked.
struct FaultKind {
  std::string_view name;
  std::string_view says;  // what the kernel would be doing
  // Changes the request before the kernel sees it.
  bool (*to_request)(Request& request, const Scene& scene) = nullptr;
  // Changes the CQE at this index; on a call's return there is this one only.
  bool (*to_cqe)(std::vector<RawCqe>& cqes, std::size_t index, Scene& scene) = nullptr;
  // Does something to another request of the ring, right after a cancel was submitted.
  bool (*to_ring)(int ring, const Tag& victim) = nullptr;
  // The cancel that was changed answers what it would have answered unchanged.
  bool lies = false;
};

const std::vector<FaultKind>& FaultKinds();

// Whether the request is there to end or to change another one.
bool TakesATarget(const Request& request);

}  // namespace ringspec
