// Rings in every setup, set-up failures, races, at_return.
#include "harness/tests/observed.h"

namespace ringspec {
namespace {

using testing::HasSubstr;

void OneNop() {
  Ring ring;
  ring.Submit(Nop().Tag(kTarget));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0)));
}

TEST(RingSetups, EachRunsARequest) {
  for (const auto setup : kSetups) {
    const Observed observed = Observe(OneNop, nullptr, setup);

    EXPECT_TRUE(observed.holds()) << Name(setup) << ": " << observed.members;
  }
}

TEST(RingSetups, HaveTheNamesOfTheMatrix) {
  for (const char* name : {"default", "defer", "coop", "sqpoll"}) {
    ASSERT_TRUE(SetupNamed(name).has_value());
    EXPECT_EQ(Name(*SetupNamed(name)), name);
  }
  EXPECT_FALSE(SetupNamed("iopoll").has_value());
}

TEST(RingSetups, ARefusedOneIsRefusedAndNotFailed) {
  const Observed observed = Observe([] { const Ring ring(RingOptions{.entries = 0}); });

  EXPECT_EQ(observed.status, Report::Status::kRefused);
  EXPECT_THAT(observed.members, HasSubstr(R"("outcome":"-EINVAL")"));
}

TEST(RingSetups, ARefusedFlagOfTheCaseIsWhatTheCaseObserves) {
  const Observed observed = Observe([] { const Ring ring(RingOptions{.flags = 1U << 31}); });

  EXPECT_EQ(observed.status, Report::Status::kRan);
  EXPECT_FALSE(observed.holds());
  EXPECT_THAT(observed.members, HasSubstr(R"("outcome":"ring=-EINVAL")"));
}

TEST(RingSetups, OneThatCannotBeMadeIsAnError) {
  const Observed observed = Observe([] { Must("open", -1); });

  EXPECT_EQ(observed.status, Report::Status::kError);
}

TEST(RingSubmission, ARefusedOneFailsTheCase) {
  const Observed observed = Observe([] {
    Ring ring(RingOptions{.flags = IORING_SETUP_R_DISABLED});
    ring.Submit(Nop().Tag(kTarget));
  });

  EXPECT_FALSE(observed.holds());
  EXPECT_THAT(observed.members, HasSubstr("submit=-EBADFD"));
}

TEST(RingAtReturn, GoesIntoTheOutcome) {
  const Observed observed = Observe([] {
    Ring ring;
    Pipe pipe;
    ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander), Nop().Tag(kTarget));
    EXPECT_THAT(ring.ArrivedAtReturn(), ElementsAre(Completes(kTarget, 0)));
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0)));
  });

  EXPECT_TRUE(observed.holds()) << observed.failures;
  EXPECT_THAT(observed.members,
              HasSubstr(R"("outcome":"at_return=target; bystander=pending; target=0")"));
}

TEST(RingRace, RecordsWhichPermittedOutcomeWasDrawn) {
  const Observed observed = Observe([] {
    Ring ring;
    const Race race{{"done", ElementsAre(Completes(kTarget, 0))}, {"lost", IsEmpty()}};
    for (int i = 0; i < 3; ++i) {
      ring.Submit(Nop().Tag(kTarget));
      race.Draw(ring.Reap(1));
    }
  });

  EXPECT_TRUE(observed.holds());
  EXPECT_THAT(observed.members, HasSubstr(R"("outcome":"permitted")"));
  EXPECT_THAT(observed.members, HasSubstr(R"("drawn":{"done":3})"));
}

TEST(RingRace, AForbiddenOutcomeIsTheOutcome) {
  const Observed observed = Observe([] {
    Ring ring;
    const Race race{{"done", ElementsAre(Completes(kTarget, 1))}};
    ring.Submit(Nop().Tag(kTarget));
    race.Draw(ring.Reap(1));
  });

  EXPECT_FALSE(observed.holds());
  EXPECT_THAT(observed.members, HasSubstr(R"("outcome":"race=forbidden target=0")"));
  EXPECT_THAT(observed.failures, HasSubstr("none of its permitted outcomes (done)"));
}

TEST(RingMultishot, RepeatedCompletionsAreOneKindHoweverManyCame) {
  const Observed observed = Observe([] {
    Ring ring;
    Pipe pipe;
    ring.Submit(PollAdd(pipe.read_end()).Multishot().Tag(kTarget));
    pipe.Write();
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN).More()));
    pipe.Write();
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN).More()));
  });

  EXPECT_TRUE(observed.holds()) << observed.failures;
  EXPECT_THAT(observed.members, HasSubstr(R"("outcome":"target=1+MORE, pending")"));
}

}  // namespace
}  // namespace ringspec
