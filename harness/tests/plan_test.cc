#include "harness/guest/plan.h"

#include <gtest/gtest.h>

#include <sstream>

namespace ringspec {
namespace {

TEST(Plan, ReadsCasesAndWhatIsKnownAboutThem) {
  std::istringstream text(
      "# a comment\n"
      "case\tA.B\tmust\t5.19\t-\top:X,flag:Y\t-\n"
      "known\tA.B\tbug-1\tdefault,coop\t-\t6.1.192\tcancel=*; target=none\n"
      "known\tA.B\tbug-2\tsqpoll\thang\t-\t*\n"
      "broken\trestart_errno\tA.*\tbug-3\tdefault\ttarget=*; *\n");

  const std::optional<Plan> plan = ReadPlan(text);

  ASSERT_TRUE(plan.has_value());
  const PlannedCase& one = plan->cases.at("A.B");
  EXPECT_EQ(one.since, "5.19");
  EXPECT_EQ(one.until, "");
  EXPECT_EQ(one.needs, (std::vector<std::string>{"op:X", "flag:Y"}));
  EXPECT_TRUE(one.setups.empty());
  ASSERT_EQ(one.known.size(), 2u);
  EXPECT_EQ(one.known[0].versions, std::vector<std::string>{"6.1.192"});
  EXPECT_EQ(one.known[1].verdict, "hang");
  ASSERT_EQ(plan->violations.size(), 1u);
  EXPECT_EQ(plan->violations[0].invariant, "restart_errno");
}

TEST(Plan, RefusesWhatItDoesNotKnow) {
  for (const char* line : {"case\tA.B\tmust", "known\tA.B\ta\tb\tc\td\te", "nonsense"}) {
    std::istringstream text(line);
    EXPECT_FALSE(ReadPlan(text).has_value()) << line;
  }
}

// The same examples as in docs/formats.md and the Python side's tests.
TEST(OutcomeMatches, FollowsTheRulesOfPatterns) {
  EXPECT_TRUE(OutcomeMatches("cancel=-EINVAL; target=pending x3", "cancel=-EINVAL"));
  EXPECT_FALSE(OutcomeMatches("cancel=-EINVAL; target=-ECANCELED", "cancel=-EINVAL"));
  EXPECT_TRUE(OutcomeMatches("cancel=-EINVAL; target=-ECANCELED", "cancel=-EINVAL; *"));
  EXPECT_TRUE(OutcomeMatches("cancel=3; target=-ECANCELED x3", "cancel=*; target=-ECANCELED x*"));
  EXPECT_FALSE(OutcomeMatches("cancel=1; target=-ECANCELED", "cancel=*; target=-ECANCELED x*"));
  EXPECT_TRUE(OutcomeMatches("-EINVAL", "-EINVAL"));
  EXPECT_TRUE(OutcomeMatches("anything=1; else=2", "*"));
  EXPECT_FALSE(OutcomeMatches("target=1", "cancel=*"));
  EXPECT_TRUE(OutcomeMatches("cancel=1; target=pending, none x2", "cancel=1"));
  EXPECT_FALSE(OutcomeMatches("cancel=1; target=pending, 1", "cancel=1"));
}

TEST(IsOlder, ComparesMainlineReleases) {
  EXPECT_TRUE(IsOlder("5.10.262", "5.19"));
  EXPECT_FALSE(IsOlder("6.1.192", "5.19"));
  EXPECT_FALSE(IsOlder("6.11.3", "6.11"));
  EXPECT_TRUE(IsOlder("6.9", "6.11"));
  EXPECT_FALSE(IsOlder("6.9", ""));
}

}  // namespace
}  // namespace ringspec
