// A process ends when it is told to, and what it held is released.
#include "harness/process.h"

#include "harness/tests/observed.h"

namespace ringspec {
namespace {

using testing::HasSubstr;

TEST(Process, EndsInEachWay) {
  const Observed observed = Observe([] {
    Process one([] {});
    Process two([] {});

    EXPECT_THAT(one.Exit(), Returns(0));
    EXPECT_THAT(two.Kill(), Returns(0));
  });

  EXPECT_TRUE(observed.holds()) << observed.failures;
  EXPECT_THAT(observed.members, HasSubstr(R"("outcome":"exit=0; kill=0")"));
}

TEST(Process, WhoseBodyFailsIsASetUpError) {
  const Observed observed = Observe([] { Process([] { throw SetupError("a pipe", EMFILE); }); });

  EXPECT_EQ(observed.status, Report::Status::kError);
}

TEST(Process, HoldsItsDescriptorsUntilItEnds) {
  const Observed observed = Observe([] {
    Pipe pipe;
    Process process([] {});
    pipe.CloseReadEnd();

    EXPECT_THAT(process.Exit(), Returns(0));

    EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
  });

  EXPECT_TRUE(observed.holds()) << observed.failures;
}

TEST(Process, ThatGoesOnHoldsThem) {
  const Observed observed = Observe([] {
    Pipe pipe;
    const Process process([] {});
    pipe.CloseReadEnd();

    EXPECT_FALSE(TheOtherEndIsReleased(pipe.write_end()));
  });

  EXPECT_TRUE(observed.holds()) << observed.failures;
  EXPECT_THAT(observed.members, HasSubstr("released=no"));
}

}  // namespace
}  // namespace ringspec
