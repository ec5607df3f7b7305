#include "harness/programs/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <tuple>

namespace ringspec {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::Pair;
using testing::StartsWith;

std::string RefusalBy(const std::function<void()>& act) {
  try {
    act();
  } catch (const ProgramError& error) {
    return error.what();
  }
  return "";
}

std::string RefusalOf(const char* text) {
  return RefusalBy([text] { ParseProgram(text); });
}

TEST(Program, TellsNameVerbWordsFlagsAndValuesApart) {
  const Step step("a1: timeout 20ms count=2 link etime_success set.buf_index=7");

  EXPECT_EQ(step.name(), "a1");
  EXPECT_EQ(step.verb(), "timeout");
  EXPECT_EQ(step.Time(0), 20ms);
  EXPECT_EQ(step.NumberOf("count", 0), 2);
  EXPECT_TRUE(step.Has("link"));
  EXPECT_TRUE(step.Has("etime_success"));
  EXPECT_FALSE(step.Has("hardlink"));
  EXPECT_THAT(step.Overwritten(), ElementsAre(Pair("buf_index", 7U)));
}

TEST(Program, TakesLinesSemicolonsAndComments) {
  const std::vector<Step> steps = ParseProgram("# nothing\n a: nop ; reap\n\nwrite pipe0 # byte\n");

  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].text(), "a: nop");
  EXPECT_EQ(steps[1].verb(), "reap");
  EXPECT_EQ(steps[2].Word(0), "pipe0");
}

TEST(Program, SaysWhichStepIsWrongWhatWasExpectedAndWhatIsThere) {
  EXPECT_THAT(
      RefusalOf("a: nop\nb: nap"),
      AllOf(StartsWith("`b: nap`: no such verb: nap (nop poll read "), EndsWith(" close)")));
  EXPECT_EQ(RefusalOf("nop"), "`nop`: a request needs a name: `a: nop`");
  EXPECT_EQ(RefusalOf("a: reap"), "`a: reap`: takes no name");
  EXPECT_EQ(RefusalOf("a: poll pipe0 bogus"),
            "`a: poll pipe0 bogus`: poll takes 1 word, and does not take: bogus (also possible: "
            "mshot link hardlink drain async skip events= set.FIELD=)");
  EXPECT_EQ(RefusalOf("a: nop count=1"),
            "`a: nop count=1`: nop takes no count= (also possible: link hardlink drain async skip "
            "set.FIELD=)");
  EXPECT_EQ(RefusalOf("reap min=1"), "`reap min=1`: reap takes no min= (nothing else)");
  EXPECT_EQ(RefusalOf("a: timeout"), "`a: timeout`: timeout takes 1 word, here are 0");
  EXPECT_EQ(RefusalOf("write"), "`write`: write takes 1 to 2 words, here are 0");
  EXPECT_EQ(RefusalOf("A: nop"), "`A: nop`: a name is a letter, or one and a digit");
  EXPECT_EQ(RefusalOf(" # only this"), "a program without steps");
}

TEST(Program, ReadsTimes) {
  EXPECT_EQ(ParseTime("7us"), 7us);
  EXPECT_EQ(ParseTime("-1ms"), -1ms);
  EXPECT_EQ(ParseTime("10s"), 10s);
  for (const char* text : {"", "7", "ms", "7 ms", "1.5s", "7h"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
  const std::vector<Step> steps = ParseProgram("a: timeout 20");
  EXPECT_EQ(RefusalBy([&] { std::ignore = steps[0].Time(0); }),
            "`a: timeout 20`: no time: 20 (20ms, 5s, 7us)");
}

}  // namespace
}  // namespace ringspec
