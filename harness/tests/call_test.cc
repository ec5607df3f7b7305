// A call is recorded, timed and open to faults, as a completion is.
#include "harness/call.h"

#include "harness/faults/injection.h"
#include "harness/tests/observed.h"

namespace ringspec {
namespace {

using testing::HasSubstr;

TEST(Call, IsAPartOfTheOutcome) {
  const Observed observed = Observe([] {
    EXPECT_THAT(Call("wait", [] { return -ETIME; }), Returns(-ETIME));
    EXPECT_THAT(Call("wait", [] { return 0; }), Returns(0));
  });

  EXPECT_TRUE(observed.holds()) << observed.failures;
  EXPECT_THAT(observed.members, HasSubstr(R"("outcome":"wait=-ETIME, 0")"));
}

TEST(Call, SaysWhatItReturned) {
  const Observed observed =
      Observe([] { EXPECT_THAT(Call("sync_cancel", [] { return -ENOENT; }), Returns(-ETIME)); });

  EXPECT_THAT(observed.failures, HasSubstr("the call completes with -ETIME"));
  EXPECT_THAT(observed.failures, HasSubstr("{sync_cancel: -ENOENT}"));
}

TEST(Call, ThatReturnsTooSoonIsEarly) {
  const Observed observed =
      Observe([] { EXPECT_THAT(Call("wait", [] { return -ETIME; }), Returns(-ETIME).After(1h)); });

  EXPECT_FALSE(observed.holds());
  EXPECT_THAT(observed.members, HasSubstr("wait=-ETIME early"));
}

TEST(Call, IsReachedByTheFaultsOfResultsAndTimes) {
  for (const FaultKind& kind : FaultKinds()) {
    Injection::Progress progress;
    Injection injection(kind, 0, &progress);

    const Observed observed =
        Observe([] { EXPECT_THAT(Call("wait", [] { return -ETIME; }), Returns(-ETIME).AtOnce()); },
                &injection);

    const bool injected = progress == Injection::Progress::kInjected;
    EXPECT_EQ(injected, !observed.holds()) << kind.name;
    const bool of_results = kind.name == "other_errno" || kind.name == "late";
    const bool of_cqes = kind.name == "dropped" || kind.name == "duplicated";
    EXPECT_TRUE(injected || !of_results) << kind.name;
    EXPECT_TRUE(!injected || !of_cqes) << kind.name;
  }
}

}  // namespace
}  // namespace ringspec
