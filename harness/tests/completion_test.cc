// Each matcher matches what it says, and its failure text says what came.
#include "harness/completion.h"

#include "harness/deadline.h"
#include "harness/uapi.h"

namespace ringspec {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

Completion Came(const Tag& tag, int res, unsigned flags = 0) {
  return {.user_data = tag.value,
          .tag = tag.name,
          .res = res,
          .flags = flags,
          .submitted = 100ms,
          .seen = 150ms};
}

std::string Explain(const CompletionMatcher& matcher, const Completion& completion) {
  testing::StringMatchResultListener listener;
  matcher.MatchAndExplain(completion, &listener);
  return listener.str();
}

TEST(Completes, ComparesTagResultAndFlags) {
  const CompletionMatcher matcher = Completes(kTarget, -ECANCELED);

  EXPECT_TRUE(matcher.MatchAndExplain(Came(kTarget, -ECANCELED), nullptr));
  EXPECT_FALSE(matcher.MatchAndExplain(Came(kBystander, -ECANCELED), nullptr));
  EXPECT_FALSE(matcher.MatchAndExplain(Came(kTarget, -EINTR), nullptr));
  EXPECT_FALSE(matcher.MatchAndExplain(Came(kTarget, -ECANCELED, IORING_CQE_F_MORE), nullptr));
  EXPECT_FALSE(matcher.MatchAndExplain(Came(kTarget, -ECANCELED, IORING_CQE_F_BUFFER), nullptr));
}

TEST(ResultText, TellsADescriptorFromANumberThatMeansSomething) {
  Completion opened = Came(kTarget, 7, IORING_CQE_F_MORE);
  opened.is_file = true;

  EXPECT_EQ(ResultText(opened), "fd+MORE");
}

TEST(Completes, NeverMatchesACompletionThatDidNotCome) {
  Completion absent = Came(kTarget, 0);
  absent.came = false;

  EXPECT_FALSE(Completes(kTarget, 0).MatchAndExplain(absent, nullptr));
}

TEST(Completes, MoreWantsTheFlag) {
  const CompletionMatcher matcher = Completes(kTimeout, -ETIME).More();

  EXPECT_TRUE(matcher.MatchAndExplain(Came(kTimeout, -ETIME, IORING_CQE_F_MORE), nullptr));
  EXPECT_FALSE(matcher.MatchAndExplain(Came(kTimeout, -ETIME), nullptr));
}

TEST(Completes, BufferWantsTheFlagAndAnyBuffer) {
  const CompletionMatcher matcher = Completes(kTarget, 1).Buffer();
  const unsigned buffer_seven = IORING_CQE_F_BUFFER | (7U << IORING_CQE_BUFFER_SHIFT);

  EXPECT_TRUE(matcher.MatchAndExplain(Came(kTarget, 1, buffer_seven), nullptr));
  EXPECT_FALSE(matcher.MatchAndExplain(Came(kTarget, 1), nullptr));
}

TEST(Completes, AfterIsRedOneMicrosecondEarly) {
  Completion completion = Came(kTimeout, -ETIME);
  completion.seen = 150ms - 1us;

  EXPECT_THAT(Explain(Completes(kTimeout, -ETIME).After(50ms), completion),
              "which came 1 us early");
  EXPECT_EQ(completion.judgement->expected, Punctuality::kEarly);
}

TEST(Completes, AfterIsRedBeyondTheBound) {
  Completion completion = Came(kTimeout, -ETIME);
  completion.seen = 150ms + CurrentTiming().lateness + Starved() + 1s;

  EXPECT_THAT(Explain(Completes(kTimeout, -ETIME).After(50ms), completion),
              HasSubstr("late, more than the"));
  EXPECT_EQ(completion.judgement->expected, Punctuality::kLate);
}

TEST(Completes, AfterHoldsAtThePointItself) {
  const Completion completion = Came(kTimeout, -ETIME);

  EXPECT_THAT(completion, Completes(kTimeout, -ETIME).After(50ms));
  EXPECT_EQ(completion.judgement->expected, Punctuality::kOnTime);
}

TEST(Completes, AnotherResultIsLateToo) {
  Completion completion = Came(kTimeout, -EINVAL);
  completion.seen = 150ms + CurrentTiming().lateness + Starved() + 1s;

  EXPECT_FALSE(Completes(kTimeout, -ETIME).After(50ms).MatchAndExplain(completion, nullptr));
  EXPECT_STREQ(completion.judgement->Text(), " late");

  EXPECT_FALSE(Completes(kTimeout, 0).DueAt(completion.seen).MatchAndExplain(completion, nullptr));
  EXPECT_STREQ(completion.judgement->Text(), "");
}

TEST(Completes, AnotherResultIsNeverEarly) {
  const Completion refused = Came(kTimeout, -EINVAL);

  EXPECT_FALSE(Completes(kTimeout, -ETIME).After(20s).MatchAndExplain(refused, nullptr));
  EXPECT_STREQ(refused.judgement->Text(), "");
}

TEST(Completes, OnTimeForOneOfSeveralIsOnTime) {
  const Completion second = Came(kTimeout, -ETIME);
  testing::StringMatchResultListener listener;

  EXPECT_TRUE(Completes(kTimeout, -ETIME).After(50ms).MatchAndExplain(second, &listener));
  EXPECT_FALSE(Completes(kTimeout, -ETIME).After(90ms).MatchAndExplain(second, &listener));
  EXPECT_STREQ(second.judgement->Text(), "");
}

TEST(Completes, DueAtMeasuresAgainstTheClock) {
  EXPECT_THAT(Came(kTimeout, -ETIME), Completes(kTimeout, -ETIME).DueAt(150ms));
  EXPECT_THAT(Came(kTimeout, -ETIME), testing::Not(Completes(kTimeout, -ETIME).DueAt(150ms + 1us)));
}

TEST(CompletesGolden, SaysWhatWasExpectedAndWhatCame) {
  Completion absent = Came(kTarget, 0);
  absent.came = false;
  const std::vector<Completion> came{Came(kCancel, -ENOENT), absent};

  testing::StringMatchResultListener listener;
  const testing::Matcher<std::vector<Completion>> matcher =
      ElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED));
  EXPECT_FALSE(matcher.MatchAndExplain(came, &listener));
  EXPECT_EQ(listener.str(), "whose element #0 doesn't match");
  EXPECT_EQ(testing::PrintToString(came), "{ {cancel: -ENOENT}, {target: none} }");
  EXPECT_EQ(testing::DescribeMatcher<std::vector<Completion>>(matcher),
            "has 2 elements where\nelement #0 cancel completes with 0,\n"
            "element #1 target completes with -ECANCELED");
}

TEST(CompletesGolden, NamesFlagsAndTimes) {
  EXPECT_EQ(testing::DescribeMatcher<Completion>(Completes(kTimeout, -ETIME).More().After(50ms)),
            "timeout completes with -ETIME+MORE, 50000 us after its submission");
  EXPECT_EQ(testing::DescribeMatcher<Completion>(Completes(kTarget, AnyOf(-EINTR, -ECANCELED))),
            "target completes with a result that (is equal to -4) or (is equal to -125)");
}

TEST(ResultText, NamesErrnosAndFlags) {
  EXPECT_EQ(ResultText(Came(kTarget, -ECANCELED)), "-ECANCELED");
  EXPECT_EQ(ResultText(Came(kTarget, -ETIME, IORING_CQE_F_MORE)), "-ETIME+MORE");
  EXPECT_EQ(ResultText(Came(kTarget, 64)), "64");
  EXPECT_EQ(ResultText(Came(kTarget, -512)), "-ERESTARTSYS");
  EXPECT_EQ(ResultText(Came(kTarget, -9999)), "-9999");
}

}  // namespace
}  // namespace ringspec
