#include "harness/guest/child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace ringspec {
namespace {

using testing::HasSubstr;

// Long enough for a child that ends by itself, on the busiest host.
constexpr Duration kAmple = 60s;

TEST(RunInChild, ABodyThatReturnsSucceeds) {
  const ChildEnd end = RunInChild(kAmple, [] {});

  EXPECT_TRUE(end.Succeeded());
}

TEST(RunInChild, TellsTheExitStatusAndTheLastWords) {
  const ChildEnd end = RunInChild(kAmple, [] {
    std::fputs("what a pity", stderr);
    _exit(3);
  });

  EXPECT_FALSE(end.Succeeded());
  EXPECT_EQ(end.Describe(), "exited with status 3: what a pity");
}

TEST(RunInChild, NamesTheSignal) {
  const ChildEnd end = RunInChild(kAmple, [] { std::raise(SIGKILL); });

  EXPECT_EQ(end.Describe(), "killed by SIGKILL");
}

TEST(RunInChild, KillsAChildThatDoesNotReturn) {
  const ChildEnd end = RunInChild(50ms, [] {
    while (true) pause();
  });

  EXPECT_EQ(end.way, ChildEnd::Way::kHung);
  EXPECT_EQ(end.Describe(), "did not return: it died of SIGKILL");
  EXPECT_THAT(end.stuck_where, HasSubstr("State:"));
}

TEST(RunInChild, KeepsTheEndOfAFloodOnly) {
  const ChildEnd end = RunInChild(kAmple, [] {
    for (int i = 0; i < 100'000; ++i) std::fprintf(stderr, "line %d\n", i);
    _exit(1);
  });

  EXPECT_LE(end.last_words.size(), 4096u);
}

TEST(RunInChild, LeavesNoGrandchildBehind) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);

  RunInChild(kAmple, [] {
    if (fork() == 0) pause();
  });

  close(ends[1]);
  char byte = 0;
  // End of file: nobody holds the other end any more.
  EXPECT_EQ(read(ends[0], &byte, 1), 0);
  close(ends[0]);
}

}  // namespace
}  // namespace ringspec
