// A completion as cases see it, and the matchers that compare it whole.
//
//   EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, 0),
//                                                  Completes(kTarget, -ECANCELED)));
//
// fails, when the target was not found, with
//
//   Actual: { {cancel: -ENOENT}, {target: none} }
#pragma once

#include <gmock/gmock.h>

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "harness/clock.h"
#include "harness/tag.h"

namespace ringspec {

enum class Punctuality { kUnjudged, kOnTime, kEarly, kLate };

// What the timing matchers found about one completion.
struct Judgement {
  // By a matcher that expects this result: being on time for one of them is enough.
  Punctuality expected = Punctuality::kUnjudged;
  // By those that expect another one: late if it is for all of them.  That it is early says
  // nothing, because a refusal comes at once.
  Punctuality otherwise = Punctuality::kUnjudged;

  // " early", " late" or nothing.
  const char* Text() const;
};

// One CQE, or the absence of one (`came` is false: a request that Reap waited for in vain).
struct Completion {
  std::uint64_t user_data = 0;
  std::string tag;
  int res = 0;
  std::uint32_t flags = 0;
  bool came = true;
  bool is_file = false;   // the result is a new descriptor, whose number means nothing
  TimePoint submitted{};  // before the request was handed to the kernel
  TimePoint seen{};       // when the harness found the CQE
  // Shared, so that the outcome knows too.
  std::shared_ptr<Judgement> judgement = std::make_shared<Judgement>();
};

void PrintTo(const Completion& completion, std::ostream* out);

// "-ECANCELED", "-ETIME+MORE", "1+BUFFER", "fd", "none": a completion without its tag or times.
std::string ResultText(const Completion& completion);

// Matches a completion by tag, result and flags together.  Without modifiers no F_MORE and no
// F_BUFFER may be set, and no flag at all with an error; F_SOCK_NONEMPTY beside a result is a hint
// and never compared.
class CompletionMatcher {
 public:
  using is_gtest_matcher = void;

  CompletionMatcher(const Tag& tag, testing::Matcher<int> res, std::string res_text)
      : tag_(tag), res_(std::move(res)), res_text_(std::move(res_text)) {}

  // F_MORE is set: more completions of this request will follow.
  CompletionMatcher More() const;
  // F_BUFFER is set; which buffer is not compared.
  CompletionMatcher Buffer() const;
  // Seen no earlier than `delay` after the request was submitted, and within the lateness bound.
  CompletionMatcher After(Duration delay) const;
  // The same against a point in time, for timers that start elsewhere than at their submission.
  CompletionMatcher DueAt(TimePoint due) const;
  // Seen within the lateness bound of its submission.
  CompletionMatcher AtOnce() const { return After(Duration::zero()); }

  bool MatchAndExplain(const Completion& actual, testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* out) const;
  void DescribeNegationTo(std::ostream* out) const;

 private:
  enum class Base { kNone, kSubmission, kClock };

  // When this completion should have been seen.
  TimePoint DueOf(const Completion& actual) const;

  Tag tag_;
  testing::Matcher<int> res_;
  std::string res_text_;
  std::uint32_t flags_ = 0;
  Base base_ = Base::kNone;
  Duration due_{};
};

CompletionMatcher Completes(const Tag& tag, int res);
CompletionMatcher Completes(const Tag& tag, const testing::Matcher<int>& res);

}  // namespace ringspec
