// RING_CASE: one observation of one clause, as an ordinary GoogleTest test.
//
//   RING_CASE(AsyncCancel, AllReportsHowManyItCanceled, .clause = "CANCEL-ALL-COUNT-01") { ... }
//
// The name is the claim.  The clause's text, source, level and versions are data beside the case;
// the case runs on every kernel and in every setup, and never knows which.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/report.h"
#include "harness/setup.h"

namespace ringspec {

// What a case does to the machine it runs on, beyond its own process.
enum Touches : unsigned {
  kNothing = 0,
  kRealtimeClock = 1 << 0,  // steps CLOCK_REALTIME
  kMayStick = 1 << 1,       // may leave a task that cannot be killed on a kernel that is broken
};

// The second thing that can be under test.  A case about the library itself runs once.
enum class Axis { kKernel, kLiburing };

// The memory that a case runs in: that of the process that serves one case after the other, or a
// copy, for a case that must be the only one to use it.  The kernel lets nobody else into a time
// namespace, and futexes have a hash of their own once a second thread has used the memory.
enum class Memory { kShared, kOwn };

struct CaseInfo {
  const char* clause = "";
  unsigned touches = kNothing;
  Memory memory = Memory::kShared;
  Axis axis = Axis::kKernel;
};

struct CaseEntry {
  std::string name;  // "Suite.Name"
  const char* file;
  int line;
  CaseInfo info;
  void (*body)();
};

// Every case of this binary, by name.
const std::vector<CaseEntry>& Cases();
// Null if there is none of this name.
const CaseEntry* FindCase(const std::string& name);
// {"cases":[...]}: what the runner needs to know without running anything.
std::string ManifestJson();

// What the children that run cases would otherwise do again, each for itself, before fork.
void PrepareForCases();
// Runs one case in this process, which should be a child of its own, and fills the report.
void RunCase(const CaseEntry& entry, Setup setup, Report& report);

// The random seed of this run, for cases that generate what they try.
unsigned CaseSeed();
void SetCaseSeed(unsigned seed);

namespace internal {

bool Register(const char* suite, const char* name, const char* file, int line, const CaseInfo& info,
              void (*body)());
void RunBody(void (*body)());

}  // namespace internal
}  // namespace ringspec

#define RING_CASE(suite, name, ...)                                                                \
  static void RingCase_##suite##_##name();                                                         \
  [[maybe_unused]] static const bool registered_##suite##_##name = ::ringspec::internal::Register( \
      #suite, #name, __FILE__, __LINE__, ::ringspec::CaseInfo{__VA_ARGS__},                        \
      &RingCase_##suite##_##name);                                                                 \
  TEST(suite, name) { ::ringspec::internal::RunBody(&RingCase_##suite##_##name); }                 \
  static void RingCase_##suite##_##name()
