#include "harness/call.h"

#include "harness/faults/fault.h"
#include "harness/recorder.h"

namespace ringspec {
Completion Call(const char* name, const std::function<int()>& call, std::optional<Duration> limit) {
  Completion returned{.user_data = kCall.value, .tag = name, .submitted = Now(), .seen = {}};
  Recorder::Current().Note(std::string(name) + " is called");
  returned.res = call();
  returned.seen = Now();
  if (CurrentFaults() != nullptr) {
    CurrentFaults()->OnReturn(returned, limit ? returned.submitted + *limit : TimePoint());
  }
  Recorder::Current().Returned(returned);
  return returned;
}

CompletionMatcher Returns(int result) { return Completes(kCall, result); }
CompletionMatcher Returns(const testing::Matcher<int>& result) { return Completes(kCall, result); }

}  // namespace ringspec
