// A busy machine is told from a late timer.
#include "harness/guest/lateness.h"

#include "harness/guest/child.h"
#include "harness/tests/observed.h"

namespace ringspec {
namespace {

TEST(Lateness, EveryDeadlineGrowsWithTheCalibration) {
  const Timing base{.give_up = 1s, .quiet = 50ms, .lateness = 700ms};
  const Timing busy = Scaled(base, 100ms);

  EXPECT_EQ(busy.give_up, 2s);
  EXPECT_EQ(busy.quiet, 250ms);
  EXPECT_EQ(busy.lateness, 1700ms);
  EXPECT_EQ(Scaled(base, 0ms).lateness, base.lateness);
}

// Shows in its exit status whether a completion that came a minute late was taken to be on time.
int JudgeAMinuteLate(Duration held_up) {
  LatenessWatch& watch = LatenessWatch::Begin();
  watch.Clear();
  watch.Saw(held_up);
  const ChildEnd end = RunInChild(60s, [] {
    const TimePoint now = Now();
    const Completion late{
        .user_data = kTarget.value, .tag = "target", .res = 0, .submitted = now, .seen = now + 60s};
    _exit(testing::Matches(Completes(kTarget, 0).AtOnce())(late) ? 0 : 7);
  });
  watch.Clear();
  return end.status;
}

TEST(Lateness, AMachineThatIsNotHeldUpHasItsBound) { EXPECT_EQ(JudgeAMinuteLate(1ms), 7); }

TEST(Lateness, AMachineThatIsHeldUpIsGivenTheTime) { EXPECT_EQ(JudgeAMinuteLate(7s), 0); }

TEST(Lateness, NothingMakesATimerEarly) {
  LatenessWatch& watch = LatenessWatch::Begin();
  watch.Saw(1h);
  const TimePoint now = Now();
  const Completion early{
      .user_data = kTarget.value, .tag = "target", .res = 0, .submitted = now, .seen = now};

  EXPECT_FALSE(testing::Matches(Completes(kTarget, 0).After(10us))(early));
  watch.Clear();
}

}  // namespace
}  // namespace ringspec
