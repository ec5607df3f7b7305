#include "harness/recorder.h"

#include <cstdlib>
#include <iostream>

#include "harness/errno_name.h"
#include "harness/uapi.h"

namespace ringspec {
namespace {

Recorder* current = nullptr;

bool IsRestartCode(int res) { return res <= -512 && res >= -530; }

bool MakesAFile(unsigned opcode) {
  return opcode == IORING_OP_OPENAT || opcode == IORING_OP_OPENAT2 || opcode == IORING_OP_ACCEPT ||
         opcode == IORING_OP_SOCKET;
}

std::string WithPunctuality(const Completion& completion) {
  return ResultText(completion) + completion.judgement->Text();
}

}  // namespace

Recorder::Recorder(Report& report) : report_(report) { current = this; }
Recorder::~Recorder() { current = nullptr; }

Recorder& Recorder::Current() {
  if (current == nullptr) {
    std::cerr << "ringspec: rings and descriptors belong inside a RING_CASE\n";
    std::abort();
  }
  return *current;
}

int Recorder::AddRing() {
  const std::lock_guard lock(mutex_);
  return rings_++;
}

void Recorder::Submitted(int ring, const Request& request, TimePoint when) {
  const std::lock_guard lock(mutex_);
  const uapi::Sqe& sqe = request.sqe;
  requests_.push_back({.ring = ring,
                       .tag = request.tag,
                       .submitted = when,
                       .may_be_silent = (sqe.flags & IOSQE_CQE_SKIP_SUCCESS) != 0,
                       .makes_a_file = MakesAFile(sqe.opcode),
                       .completions = {},
                       .other = {}});
  report_.trace().Submitted(ring, when, request);
}

// The tag that has this user_data, or null.
const char* Recorder::Tracked::NameUnder(std::uint64_t user_data) const {
  if (tag.value == user_data) return tag.name;
  return other && other->value == user_data ? other->name : nullptr;
}

Recorder::Tracked* Recorder::Find(int ring, std::uint64_t user_data, bool final) {
  for (Tracked& request : requests_) {
    if (request.ring != ring || request.final != final) continue;
    if (request.NameUnder(user_data) != nullptr) return &request;
  }
  return nullptr;
}

Completion Recorder::Arrived(int ring, const RawCqe& cqe) {
  Completion completion{.user_data = cqe.user_data,
                        .tag = {},
                        .res = cqe.res,
                        .flags = cqe.flags,
                        .submitted = {},
                        .seen = cqe.seen};
  const bool more = (cqe.flags & IORING_CQE_F_MORE) != 0;
  std::unique_lock lock(mutex_);
  Tracked* open = Find(ring, cqe.user_data, false);
  Tracked* request = open != nullptr ? open : Find(ring, cqe.user_data, true);
  completion.tag = request != nullptr ? request->NameUnder(cqe.user_data) : "unknown";
  if (request != nullptr) {
    completion.submitted = request->submitted;
    completion.is_file = request->makes_a_file && cqe.res >= 0;
    request->completions.push_back(completion);
    request->final = request->final || !more;
  } else {
    strays_.push_back(completion);
  }
  report_.trace().Arrived(ring, completion.tag, cqe);
  lock.unlock();

  const std::string what = completion.tag + ": " + ResultText(completion);
  if (request == nullptr) {
    Violation("unknown_user_data", "a CQE with user_data " + std::to_string(cqe.user_data) +
                                       ", which no request has: " + what);
  } else if (open == nullptr && more) {
    Violation("none_after_final", "a CQE after the request's final one: " + what);
  } else if (open == nullptr) {
    Violation("one_final_cqe", "one final CQE more than there were requests: " + what);
  }
  if (IsRestartCode(cqe.res)) {
    Violation("restart_errno", "a kernel-internal restart code reached user space: " + what);
  }
  return completion;
}

void Recorder::MayBecome(int ring, const Tag& tag, const Tag& other) {
  const std::lock_guard lock(mutex_);
  for (Tracked& request : requests_) {
    if (request.ring == ring && request.tag == tag && !request.final) request.other = other;
  }
}

void Recorder::Returned(const Completion& returned) {
  std::unique_lock lock(mutex_);
  calls_.push_back(returned);
  report_.trace().Noted(returned.seen, returned.tag + " returned " + ResultText(returned));
  lock.unlock();
  if (IsRestartCode(returned.res)) {
    Violation("restart_errno", "a kernel-internal restart code reached user space: " +
                                   returned.tag + ": " + ResultText(returned));
  }
}

std::vector<Completion> Recorder::GaveUp(int ring) {
  const std::lock_guard lock(mutex_);
  std::vector<Completion> absent;
  for (Tracked& request : requests_) {
    if (request.ring != ring || request.final || request.may_be_silent) continue;
    request.waited_in_vain = true;
    absent.push_back({.user_data = request.tag.value,
                      .tag = request.tag.name,
                      .came = false,
                      .submitted = request.submitted});
  }
  report_.trace().Noted(Now(), "waited in vain", ring);
  return absent;
}

void Recorder::Part(const std::string& name, const std::string& value) {
  const std::lock_guard lock(mutex_);
  parts_[name] = value;
  report_.trace().Noted(Now(), name + "=" + value);
}

void Recorder::Drawn(const std::string& name, bool permitted) {
  const std::lock_guard lock(mutex_);
  ++drawn_[name];
  forbidden_ = forbidden_ || !permitted;
}

void Recorder::Violation(const std::string& invariant, const std::string& message) {
  const std::lock_guard lock(mutex_);
  violations_.emplace(invariant, message);
  report_.trace().Noted(Now(), message);
}

void Recorder::Note(const std::string& text) {
  const std::lock_guard lock(mutex_);
  report_.trace().Noted(Now(), text);
}

std::string Recorder::Outcome() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::map<std::string, int>> counts;
  for (const auto& [name, value] : parts_) ++counts[name][value];
  const bool race = !drawn_.empty();
  if (forbidden_) {
    for (const auto& [name, count] : drawn_) {
      if (name.starts_with("forbidden ")) ++counts["race"][name];
    }
  }
  for (const Tracked& request : requests_) {
    if (race) break;
    // A repeating request's completions before its last are one kind, however many came.
    std::set<std::string> repeated;
    for (const Completion& completion : request.completions) {
      const std::string text = WithPunctuality(completion);
      if ((completion.flags & IORING_CQE_F_MORE) && !repeated.insert(text).second) continue;
      ++counts[completion.tag][text];
    }
    if (request.final) continue;
    ++counts[request.tag.name][request.may_be_silent    ? "silent"
                               : request.waited_in_vain ? "none"
                                                        : "pending"];
  }
  for (const Completion& call : calls_) {
    if (!race) ++counts[call.tag][WithPunctuality(call)];
  }
  for (const Completion& stray : strays_) ++counts["unknown"][ResultText(stray)];

  std::string outcome = race && !forbidden_ ? "permitted" : "";
  for (const auto& [name, results] : counts) {
    if (!outcome.empty()) outcome += "; ";
    outcome += name + "=";
    bool first = true;
    for (const auto& [text, count] : results) {
      if (!first) outcome += ", ";
      first = false;
      outcome += text;
      if (count > 1) outcome += " x" + std::to_string(count);
    }
  }
  return outcome;
}

}  // namespace ringspec
