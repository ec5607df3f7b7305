#include "harness/programs/program_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/guest/child.h"

namespace ringspec {
namespace {

using testing::HasSubstr;

struct Ran {
  Report::Status status;
  std::string members;
};

// In a child, as a served program runs; it changes the process that it runs in.
Ran RunText(const char* text, unsigned seed = 0) {
  Report* report = Report::CreateShared();
  const ChildEnd end = RunInChild(10s, [&] { RunProgram(text, Setup::kDefault, seed, *report); });
  EXPECT_TRUE(end.Succeeded()) << end.Describe();
  Ran ran{report->status(), std::string(report->members())};
  report->Destroy();
  return ran;
}

TEST(ProgramRun, SaysWhatCameInWhichWindow) {
  const Ran ran = RunText("a: poll pipe0\nb: poll pipe1\nc: cancel a\nreap\nwrite pipe1\nreap");

  EXPECT_EQ(ran.status, Report::Status::kRan);
  EXPECT_THAT(ran.members, HasSubstr("\"holds\":true"));
  EXPECT_THAT(ran.members, HasSubstr("\"outcome\":\"a=-ECANCELED; b=1; c=0; reap1=a,c; reap2=b; "
                                     "reap3=nothing\""));
}

TEST(ProgramRun, CallsAndPendingRequestsAreInTheOutcome) {
  const Ran ran = RunText("a: timeout 10s; b: timeout 10s; sync a; wait 9 1ms; close");

  EXPECT_THAT(ran.members, HasSubstr("\"outcome\":\"a=pending; b=pending; sync_cancel=0; wait="));
}

TEST(ProgramRun, IsTheSameWhenItIsDelayed) {
  const char* text = "a: read sock0 link\nb: nop\nreap\nwrite sock0 64\nreap";

  EXPECT_THAT(RunText(text).members, HasSubstr("a=64; b=0; reap1=nothing; reap2=a,b"));
  EXPECT_THAT(RunText(text, 7).members, HasSubstr("a=64; b=0; reap1=nothing; reap2=a,b"));
}

TEST(ProgramRun, HoldingLeavesNothingBehind) {
  const Ran ran = RunText(
      "hold pipe0; hold sock0; hold epoll0; reap; release pipe0; release sock0; "
      "release epoll0; a: poll pipe0; b: poll sock0; c: poll epoll0; reap; write pipe0; "
      "write sock0; write epoll0; reap");

  EXPECT_THAT(ran.members, HasSubstr("a=1; b=1; c=1; reap1=nothing; reap2=nothing; "
                                     "reap3=a,b,c;"));
  EXPECT_THAT(ran.members, HasSubstr("\"holds\":true"));
}

TEST(ProgramRun, AHoldKeepsAWorkerThatMeetsItAndEndsByItself) {
  for (const char* text : {"hold pipe0; a: read pipe0 async; reap; x: cancel a; reap",
                           "hold sock0; a: recv sock0 async; reap; x: cancel a; reap",
                           "hold epoll0; a: poll epoll0 async; reap; x: cancel a; reap"}) {
    EXPECT_THAT(RunText(text).members, HasSubstr("reap1=nothing; reap2=x; reap3=")) << text;
  }
  EXPECT_THAT(RunText("hold pipe0; a: read pipe0; b: nop; reap").members, HasSubstr("reap1=b"));
}

TEST(ProgramRun, ATextThatIsNoProgramIsAnError) {
  for (const char* text : {"a: nap", "a: poll pipe9", "a: cancel b op=nap", "a: nop set.what=1",
                           "a: poll pipe0 events=maybe", "wake pipe0"}) {
    const Ran ran = RunText(text);
    EXPECT_EQ(ran.status, Report::Status::kError) << text;
    EXPECT_THAT(ran.members, HasSubstr(std::string("`") + text + "`: no such")) << text;
  }
}

}  // namespace
}  // namespace ringspec
