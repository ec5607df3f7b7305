// ALL: every request that fulfils the key, and the count of them.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancel, AllTakesEveryRequestOfTheKeyAndNoOther, .clause = "CANCEL-ALL-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander),
              PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).All().Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 2), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN)));
}

// The promise of a count, for one kind of target at a time.
void ExpectAllToCount(int targets, const std::function<Request()>& target) {
  Ring ring;
  for (int i = 0; i < targets; ++i) ring.Submit(target());

  ring.Submit(Cancel(kTarget).All().Tag(kCancel));

  std::vector<CompletionMatcher> expected(targets, Completes(kTarget, -ECANCELED));
  expected.push_back(Completes(kCancel, targets));
  EXPECT_THAT(ring.Reap(targets + 1), UnorderedElementsAreArray(expected));
}

RING_CASE(AsyncCancel, AllOverOnePollReportsOne, .clause = "CANCEL-ALL-COUNT-01") {
  const Pipe pipe;
  ExpectAllToCount(1, [&] { return PollAdd(pipe.read_end()).Tag(kTarget); });
}

RING_CASE(AsyncCancel, AllOverThreePollsReportsThree, .clause = "CANCEL-ALL-COUNT-01") {
  const Pipe pipe;
  ExpectAllToCount(3, [&] { return PollAdd(pipe.read_end()).Tag(kTarget); });
}

RING_CASE(AsyncCancel, AllOverSixtyFourPollsReportsSixtyFour, .clause = "CANCEL-ALL-COUNT-01") {
  const Pipe pipe;
  ExpectAllToCount(64, [&] { return PollAdd(pipe.read_end()).Tag(kTarget); });
}

RING_CASE(AsyncCancel, AllOverFiveTimeoutsReportsFive, .clause = "CANCEL-ALL-COUNT-02") {
  ExpectAllToCount(5, [] { return Timeout(20s).Tag(kTarget); });
}

}  // namespace
}  // namespace ringspec
