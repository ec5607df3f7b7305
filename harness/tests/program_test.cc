#include "harness/programs/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ringspec {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string RefusalOf(const char* text) {
  try {
    ParseProgram(text);
  } catch (const ProgramError& error) {
    return error.what();
  }
  return "";
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

TEST(Program, SaysWhichStepIsWrongAndWhy) {
  EXPECT_EQ(RefusalOf("a: nop\nb: nap"), "`b: nap`: no such verb: nap");
  EXPECT_EQ(RefusalOf("nop"), "`nop`: a request needs a name: `a: nop`");
  EXPECT_EQ(RefusalOf("a: reap"), "`a: reap`: takes no name");
  EXPECT_EQ(RefusalOf("a: poll pipe0 bogus"), "`a: poll pipe0 bogus`: poll does not take: bogus");
  EXPECT_EQ(RefusalOf("a: nop count=1"), "`a: nop count=1`: nop takes no count=");
  EXPECT_EQ(RefusalOf("a: timeout"), "`a: timeout`: timeout needs more words");
  EXPECT_EQ(RefusalOf("A: nop"), "`A: nop`: a name is a letter, or one and a digit");
  EXPECT_EQ(RefusalOf(" # only this"), "a program without steps");
}

TEST(Program, ReadsTimes) {
  EXPECT_EQ(ParseTime("7us"), 7us);
  EXPECT_EQ(ParseTime("-1ms"), -1ms);
  EXPECT_EQ(ParseTime("10s"), 10s);
  for (const char* text : {"", "7", "ms", "7 ms", "1.5s", "7h"}) {
    EXPECT_THROW(ParseTime(text), ProgramError) << text;
  }
}

}  // namespace
}  // namespace ringspec
