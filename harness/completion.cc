#include "harness/completion.h"

#include <ostream>

#include "harness/deadline.h"
#include "harness/errno_name.h"
#include "harness/guest/lateness.h"
#include "harness/uapi.h"

namespace ringspec {
namespace {

constexpr std::uint32_t kNamed = IORING_CQE_F_MORE | IORING_CQE_F_BUFFER;

// The other flags say something about what was transferred; an error has nothing to say there.
std::uint32_t ComparedFlags(const Completion& completion) {
  const bool transferred = completion.res >= 0 || (completion.flags & IORING_CQE_F_BUFFER) != 0;
  return transferred ? completion.flags & kNamed : completion.flags;
}

std::string FlagsText(std::uint32_t flags) {
  std::string text;
  if (flags & IORING_CQE_F_MORE) text += "+MORE";
  if (flags & IORING_CQE_F_BUFFER) text += "+BUFFER";
  if (flags & ~kNamed) text += "+OTHER";
  return text;
}

std::string Micros(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count()) +
         " us";
}

Punctuality Judge(Duration late, Duration bound) {
  if (late < Duration::zero()) return Punctuality::kEarly;
  return late > bound ? Punctuality::kLate : Punctuality::kOnTime;
}

// For a completion whose result is another than the matcher's.
void JudgeOtherwise(Duration late, Duration bound, Punctuality* otherwise) {
  const bool is_late = Judge(late, bound) == Punctuality::kLate;
  if (!is_late) {
    *otherwise = Punctuality::kOnTime;
  } else if (*otherwise == Punctuality::kUnjudged) {
    *otherwise = Punctuality::kLate;
  }
}

}  // namespace

const char* Judgement::Text() const {
  const Punctuality one = expected == Punctuality::kUnjudged ? otherwise : expected;
  return one == Punctuality::kEarly ? " early" : one == Punctuality::kLate ? " late" : "";
}

std::string ResultText(const Completion& completion) {
  if (!completion.came) return "none";
  return (completion.is_file ? "fd" : ResultName(completion.res)) +
         FlagsText(ComparedFlags(completion));
}

void PrintTo(const Completion& completion, std::ostream* out) {
  *out << "{" << completion.tag << ": " << ResultText(completion) << "}";
}

CompletionMatcher CompletionMatcher::More() const {
  CompletionMatcher matcher = *this;
  matcher.flags_ |= IORING_CQE_F_MORE;
  return matcher;
}

CompletionMatcher CompletionMatcher::Buffer() const {
  CompletionMatcher matcher = *this;
  matcher.flags_ |= IORING_CQE_F_BUFFER;
  return matcher;
}

CompletionMatcher CompletionMatcher::After(Duration delay) const {
  CompletionMatcher matcher = *this;
  matcher.base_ = Base::kSubmission;
  matcher.due_ = delay;
  return matcher;
}

CompletionMatcher CompletionMatcher::DueAt(TimePoint due) const {
  CompletionMatcher matcher = *this;
  matcher.base_ = Base::kClock;
  matcher.due_ = due;
  return matcher;
}

bool CompletionMatcher::MatchAndExplain(const Completion& actual,
                                        testing::MatchResultListener* listener) const {
  if (!actual.came || actual.user_data != tag_.value) return false;
  const bool is_expected = res_.Matches(actual.res) && ComparedFlags(actual) == flags_;
  if (base_ == Base::kNone) return is_expected;

  const Duration late = actual.seen - DueOf(actual);
  Duration bound = BoundFor(late);
  if (late > bound) bound += Starved();
  if (!is_expected) {
    JudgeOtherwise(late, bound, &actual.judgement->otherwise);
    return false;
  }
  const Punctuality punctuality = Judge(late, bound);
  if (actual.judgement->expected != Punctuality::kOnTime) {
    actual.judgement->expected = punctuality;
  }
  if (punctuality == Punctuality::kEarly) {
    *listener << "which came " << Micros(-late) << " early";
  } else if (punctuality == Punctuality::kLate) {
    *listener << "which came " << Micros(late) << " late, more than the " << Micros(bound)
              << " that this guest's calibration allows";
  }
  return punctuality == Punctuality::kOnTime;
}

TimePoint CompletionMatcher::DueOf(const Completion& actual) const {
  return base_ == Base::kClock ? due_ : actual.submitted + due_;
}

void CompletionMatcher::DescribeTo(std::ostream* out) const {
  *out << tag_.name << " completes with " << res_text_ << FlagsText(flags_);
  if (base_ == Base::kSubmission) *out << ", " << Micros(due_) << " after its submission";
  if (base_ == Base::kClock) *out << ", not before it is due";
}

void CompletionMatcher::DescribeNegationTo(std::ostream* out) const {
  *out << "not: ";
  DescribeTo(out);
}

CompletionMatcher Completes(const Tag& tag, int res) {
  return {tag, testing::Eq(res), ResultName(res)};
}

CompletionMatcher Completes(const Tag& tag, const testing::Matcher<int>& res) {
  std::ostringstream text;
  text << "a result that ";
  res.DescribeTo(&text);
  return {tag, res, text.str()};
}

}  // namespace ringspec
