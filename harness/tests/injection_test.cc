// The faults of the negative control do what they say, on a real ring.
#include "harness/faults/injection.h"

#include <algorithm>
#include <string_view>

#include "harness/sync_cancel.h"
#include "harness/tests/observed.h"

namespace ringspec {
namespace {

using testing::HasSubstr;
using testing::Not;

using Progress = Injection::Progress;

struct Injected {
  Progress progress;
  Observed observed;
};

Injected Inject(void (*body)(), std::string_view name, int point = 0) {
  const auto kind = std::ranges::find(FaultKinds(), name, &FaultKind::name);
  EXPECT_NE(kind, FaultKinds().end()) << name;
  Unbroken unbroken;
  Witness witness(&unbroken);
  Observe(body, &witness);
  Progress progress;
  Injection injection(*kind, point, &progress, unbroken);
  Observed observed = Observe(body, &injection);
  return {progress, std::move(observed)};
}

// Two of a key are taken, and a bystander is not.
void TwoOfThree() {
  Ring ring;
  Pipe pipe;
  for (const Tag& tag : {kTarget, kTarget, kBystander}) {
    ring.Submit(PollAdd(pipe.read_end()).Tag(tag));
  }
  ring.Submit(Cancel(kTarget).All().Tag(kCancel));
  pipe.Write();
  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 2), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)));
}

void Expires() {
  Ring ring;
  ring.Submit(Timeout(20ms).Tag(kTimeout));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME).After(20ms)));
}

TEST(Injection, AKindHasOneWayToBreakThings) {
  for (const FaultKind& kind : FaultKinds()) {
    const int ways =
        (kind.to_request != nullptr) + (kind.to_cqe != nullptr) + (kind.to_ring != nullptr);
    EXPECT_EQ(ways, 1) << kind.name;
    EXPECT_TRUE(kind.to_request != nullptr || !kind.lies) << kind.name;
    EXPECT_EQ(std::ranges::count(FaultKinds(), kind.name, &FaultKind::name), 1) << kind.name;
  }
}

TEST(Injection, OneMoreIsReallyTakenAndNotSaid) {
  const Injected hit = Inject(TwoOfThree, "one_more");
  EXPECT_EQ(hit.progress, Progress::kInjected);
  EXPECT_FALSE(hit.observed.holds());
  EXPECT_THAT(hit.observed.members,
              HasSubstr("bystander=-ECANCELED; cancel=2; target=-ECANCELED x2"));
}

TEST(Injection, OneMoreNeedsSomebodyWhoIsPending) {
  const auto alone = [] {
    Ring ring;
    Pipe pipe;
    ring.Submit(Nop().Tag(kBystander));
    ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
    ring.Submit(Cancel(kTarget).Tag(kCancel));
    EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kBystander, 0), Completes(kCancel, 0),
                                                   Completes(kTarget, -ECANCELED)));
  };
  const Injected nobody = Inject(alone, "one_more");

  EXPECT_EQ(nobody.progress, Progress::kDidNotApply);
  EXPECT_TRUE(nobody.observed.holds()) << nobody.observed.failures;
}

TEST(Injection, AFaultThatCouldMakeNoDifferenceIsNone) {
  const auto nobody = [] {
    Ring ring;
    ring.Submit(Nop().Tag(kBystander));
    ring.Submit(Cancel(kNobody).Tag(kCancel));
    EXPECT_THAT(ring.Reap(2),
                UnorderedElementsAre(Completes(kBystander, 0), Completes(kCancel, -ENOENT)));
  };

  for (const char* kind : {"wrong_target", "too_many", "chain_kept", "skip_ignored"}) {
    EXPECT_EQ(Inject(nobody, kind).progress, Progress::kNotReached) << kind;
  }
}

TEST(Injection, NoneTakenIsAClaim) {
  const Injected injected = Inject(TwoOfThree, "none_taken");

  EXPECT_EQ(injected.progress, Progress::kInjected);
  EXPECT_THAT(injected.observed.members, HasSubstr("bystander=1; cancel=2; target=1 x2"));
}

TEST(Injection, OneTakenOfTwoIsAClaim) {
  EXPECT_THAT(Inject(TwoOfThree, "one_taken").observed.members,
              HasSubstr("bystander=1; cancel=2; target=-ECANCELED, 1"));
}

TEST(Injection, ThereIsNoLieAboutACancelThatTakesNothing) {
  const auto nobody = [] {
    Ring ring;
    ring.Submit(Cancel(kNobody).Tag(kCancel));
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kCancel, -ENOENT)));
  };

  EXPECT_EQ(Inject(nobody, "none_taken").progress, Progress::kNotReached);
}

TEST(Injection, ATimerIsEarlyByLessThanAMillisecond) {
  const Injected injected = Inject(Expires, "early");

  EXPECT_EQ(injected.progress, Progress::kInjected);
  EXPECT_THAT(injected.observed.members, HasSubstr("timeout=-ETIME early"));
  EXPECT_THAT(injected.observed.failures, testing::ContainsRegex("which came [0-9]{1,3} us early"));
}

TEST(Injection, ATimerIsLateBeyondTheBoundOnly) {
  EXPECT_THAT(Inject(Expires, "late").observed.members, HasSubstr("timeout=-ETIME late"));
}

TEST(Injection, ACaseThatDoesNotLookAtTheTimeIsFoundOut) {
  const auto careless = [] {
    Ring ring;
    ring.Submit(Timeout(20ms).Tag(kTimeout));
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME)));
  };
  const Injected injected = Inject(careless, "early");

  EXPECT_EQ(injected.progress, Progress::kInjected);
  EXPECT_TRUE(injected.observed.holds());
}

TEST(Injection, ACallThatLiesIsACallThatDidNothing) {
  const auto canceled = [] {
    Ring ring;
    Pipe pipe;
    ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
    EXPECT_THAT(SyncCancel(ring, Cancel(kTarget)), Returns(0));
    pipe.Write();
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ECANCELED)));
  };
  if (!Observe(canceled).holds()) GTEST_SKIP() << "this kernel has no sync cancel";
  const Injected injected = Inject(canceled, "none_taken");

  EXPECT_EQ(injected.progress, Progress::kInjected);
  EXPECT_THAT(injected.observed.members, HasSubstr("sync_cancel=0; target=1"));
}

TEST(Injection, ACallWithALimitIsEarlyToTheMicrosecond) {
  const auto waits = [] {
    EXPECT_THAT(Call(
                    "wait", [] { return -ETIME; }, 0ms),
                Returns(-ETIME).AtOnce());
  };
  const Injected injected = Inject(waits, "early");

  EXPECT_THAT(injected.observed.members, HasSubstr("wait=-ETIME early"));
  EXPECT_THAT(injected.observed.failures, HasSubstr("which came 10 us early"));
}

TEST(Injection, APointThatIsNotReachedChangesNothing) {
  const Injected injected = Inject(Expires, "dropped", 7);

  EXPECT_EQ(injected.progress, Progress::kNotReached);
  EXPECT_TRUE(injected.observed.holds());
  EXPECT_THAT(injected.observed.members, Not(HasSubstr("early")));
}

}  // namespace
}  // namespace ringspec
