// A system call other than a submission, as cases see it: what it returned, and when.
//
//   EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 50ms), Returns(-ETIME).After(50ms));
//
// fails, when the target was not found, with
//
//   Actual: {sync_cancel: -ENOENT}
#pragma once

#include <functional>

#include "harness/completion.h"

namespace ringspec {

// Makes the call, which returns its result or -errno, and records that under `name`.
Completion Call(const char* name, const std::function<int()>& call);

// After() counts from the moment of the call.
CompletionMatcher Returns(int result);
CompletionMatcher Returns(const testing::Matcher<int>& result);

}  // namespace ringspec
