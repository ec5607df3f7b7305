// A system call other than a submission, as cases see it: what it returned, and when.
//
//   EXPECT_THAT(SyncCancel(ring, Cancel(kTarget), 50ms), Returns(-ETIME).After(50ms));
//
// fails, when the target was not found, with
//
//   Actual: {sync_cancel: -ENOENT}
#pragma once

#include <functional>
#include <optional>

#include "harness/completion.h"

namespace ringspec {

// Calls have no user_data; their completions all carry this one.
inline constexpr Tag kCall{"the call", 0xca11'ca11'ca11'ca11};

// Makes the call, which returns its result or -errno, and records that under `name`.  `limit` is
// the time after which the call is to return by itself, as far as it has one.
Completion Call(const char* name, const std::function<int()>& call,
                std::optional<Duration> limit = {});

// After() counts from the moment of the call.
CompletionMatcher Returns(int result);
CompletionMatcher Returns(const testing::Matcher<int>& result);

}  // namespace ringspec
