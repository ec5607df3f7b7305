#include "harness/report.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

namespace ringspec {

Report* Report::CreateShared() {
  void* memory =
      mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("ringspec: no memory for a report");
    std::abort();
  }
  auto* report = new (memory) Report;
  report->Clear();
  return report;
}

void Report::Destroy() { munmap(this, sizeof(Report)); }

void Report::Clear() {
  status_ = Status::kUnfinished;
  trace_size_ = 0;
  members_size_ = 0;
}

void Report::AppendTrace(const JsonObject& event) {
  const std::string text = event.Finish();
  const std::size_t size = trace_size_;
  const std::size_t comma = size == 0 ? 0 : 1;
  if (size + comma + text.size() > kTraceSize) return;
  if (comma) trace_[size] = ',';
  std::memcpy(trace_ + size + comma, text.data(), text.size());
  trace_size_.store(size + comma + text.size(), std::memory_order_release);
}

void Report::Finish(Status status, const JsonObject& members) {
  const std::string object = members.Finish();
  const std::string_view text = std::string_view(object).substr(1, object.size() - 2);
  if (text.size() > kMembersSize) {
    return Finish(Status::kError, JsonObject()
                                      .Flag("holds", false)
                                      .Text("outcome", "")
                                      .Text("message", "the report does not fit into 64 KiB")
                                      .Json("drawn", "{}")
                                      .Json("violations", "[]"));
  }
  std::memcpy(members_, text.data(), text.size());
  members_size_ = text.size();
  status_.store(status, std::memory_order_release);
}

}  // namespace ringspec
