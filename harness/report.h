// Where a case leaves what it saw.  The report is shared memory: when the child that ran the case
// hangs or dies, its parent still has the trace up to that point.
#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>

#include "harness/guest/stream.h"
#include "harness/trace.h"

namespace ringspec {

class Report {
 public:
  enum class Status { kUnfinished, kRan, kRefused, kError };

  // A new report in memory that a forked child shares.  Aborts when there is none.
  static Report* CreateShared();
  void Destroy();
  // Empties it for the next case.
  void Clear();

  // The last word: the members `holds`, `outcome`, `message`, `drawn` and `violations`.
  void Finish(Status status, const JsonObject& members);

  Status status() const { return status_.load(std::memory_order_acquire); }
  Trace& trace() { return trace_; }
  const Trace& trace() const { return trace_; }
  // `"holds":true,"outcome":...`: the members of a JSON object, without its braces.
  std::string_view members() const { return {members_, members_size_}; }

 private:
  static constexpr std::size_t kMembersSize = 64 * 1024;

  std::atomic<Status> status_;
  std::size_t members_size_;
  Trace trace_;
  char members_[kMembersSize];
};

}  // namespace ringspec
