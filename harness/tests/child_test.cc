#include "harness/guest/child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <thread>

#include "harness/guest/shared_memory.h"

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

// What both processes have, and each thread for itself.
int shared = 0;
thread_local int of_this_thread = 0;

TEST(RunInChild, AChildHasACopyOfItsParentsMemory) {
  shared = 1;

  const ChildEnd end = RunInChild(kAmple, [] { shared = 2; });

  EXPECT_TRUE(end.Succeeded());
  EXPECT_EQ(shared, 1);
}

class RunInSharedMemory : public testing::Test {
 protected:
  static ChildEnd Run(const std::function<void()>& body) {
    return RunInChild(kAmple, body, {.shares_memory = true});
  }
};

TEST_F(RunInSharedMemory, WhatTheChildWritesIsThere) {
  shared = 1;

  const ChildEnd end = Run([] { shared = 2; });

  EXPECT_TRUE(end.Succeeded());
  EXPECT_EQ(shared, 2);
}

TEST_F(RunInSharedMemory, AThreadsOwnMemoryIsNotTheChilds) {
  of_this_thread = 1;

  Run([] { of_this_thread = 2; });

  EXPECT_EQ(of_this_thread, 1);
}

TEST_F(RunInSharedMemory, DescriptorsAndSignalHandlersAreItsOwn) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);

  Run([&] {
    close(ends[0]);
    std::signal(SIGUSR2, SIG_IGN);
  });

  EXPECT_EQ(close(ends[0]), 0);
  EXPECT_EQ(close(ends[1]), 0);
  EXPECT_EQ(std::signal(SIGUSR2, SIG_DFL), SIG_DFL);
}

TEST_F(RunInSharedMemory, ItMayHaveThreadsAndChildren) {
  shared = 0;

  const ChildEnd end = Run([] {
    std::thread([] { ++shared; }).join();
    const pid_t child = fork();
    if (child == 0) _exit(3);
    int status = 0;
    if (waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3) ++shared;
  });

  EXPECT_TRUE(end.Succeeded());
  EXPECT_EQ(shared, 2);
}

TEST_F(RunInSharedMemory, ItsEndIsItsOwn) {
  EXPECT_EQ(Run([] { _exit(3); }).Describe(), "exited with status 3");
  EXPECT_EQ(Run([] { std::raise(SIGKILL); }).Describe(), "killed by SIGKILL");
}

TEST_F(RunInSharedMemory, WhatItLeavesMappedShows) {
  Run([] {});
  const long before = MappedPages();

  Run([] { mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); });

  EXPECT_GT(MappedPages(), before);
}

}  // namespace
}  // namespace ringspec
