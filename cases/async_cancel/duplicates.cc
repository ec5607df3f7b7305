// Requests of several kinds under one user_data: how many a cancel takes, and which.
#include "harness/busy_worker.h"
#include "harness/cases.h"

namespace ringspec {
namespace {

// Splices move three bytes, so that a splice that was spared tells itself from a poll by its
// result.
constexpr int kSpliced = 3;

// One of the two was canceled and the other ended as it would have, besides what came anyway.
auto OneIsSpared(const CompletionMatcher& one, const CompletionMatcher& other,
                 std::vector<CompletionMatcher> anyway = {}) {
  anyway.push_back(Completes(kCancel, 0));
  anyway.push_back(Completes(kTarget, -ECANCELED));
  const auto spared = [&](const CompletionMatcher& ended) {
    std::vector<CompletionMatcher> all = anyway;
    all.push_back(ended);
    return UnorderedElementsAreArray(all);
  };
  return AnyOf(spared(one), spared(other));
}

RING_CASE(AsyncCancel, APollAndATimeoutOfOneUserData, .clause = "CANCEL-UD-03") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), Timeout(50ms).Tag(kTarget),
              Cancel(kTarget).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              OneIsSpared(Completes(kTarget, POLLIN), Completes(kTarget, -ETIME).After(50ms)));
}

RING_CASE(AsyncCancel, AQueuedSpliceAndAPollOfOneUserData, .clause = "CANCEL-UD-03") {
  Ring ring;
  const Pipe from, to, polled;
  const BusyWorker busy(ring);

  ring.Submit(Splice(from.read_end(), to.write_end(), kSpliced).Tag(kTarget),
              PollAdd(polled.read_end()).Tag(kTarget), Cancel(kTarget).Tag(kCancel));
  from.Write(kSpliced);
  polled.Write();
  busy.Release();

  EXPECT_THAT(ring.Reap(4), OneIsSpared(Completes(kTarget, POLLIN), Completes(kTarget, kSpliced),
                                        {Completes(kBlocker, 1)}));
}

RING_CASE(AsyncCancel, AQueuedSpliceAndATimeoutOfOneUserData, .clause = "CANCEL-UD-03") {
  Ring ring;
  const Pipe from, to;
  const BusyWorker busy(ring);

  ring.Submit(Splice(from.read_end(), to.write_end(), kSpliced).Tag(kTarget),
              Timeout(50ms).Tag(kTarget), Cancel(kTarget).Tag(kCancel));
  from.Write(kSpliced);
  busy.Release();

  EXPECT_THAT(ring.Reap(4), OneIsSpared(Completes(kTarget, -ETIME).After(50ms),
                                        Completes(kTarget, kSpliced), {Completes(kBlocker, 1)}));
}

RING_CASE(AsyncCancel, OneOfThreeQueuedRequestsIsTaken, .clause = "CANCEL-UD-02") {
  Ring ring;
  const Pipe from, to;
  const BusyWorker busy(ring);
  const Request target = Splice(from.read_end(), to.write_end()).Tag(kTarget);

  ring.Submit(target, target, target);
  ring.Submit(Cancel(kTarget).Tag(kCancel));
  from.Write(2);
  busy.Release();

  EXPECT_THAT(
      ring.Reap(5),
      UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                           Completes(kTarget, 1), Completes(kTarget, 1), Completes(kBlocker, 1)));
}

RING_CASE(AsyncCancel, AQueuedAndARunningRequestAreNotBothTaken, .clause = "CANCEL-UD-02") {
  Ring ring;
  const Pipe from, to;
  const Request target = Splice(from.read_end(), to.write_end()).Tag(kTarget);
  LimitToOneWorker(ring);
  ring.Submit(target);
  ASSERT_TRUE(WorkersAreBlocked(1));
  ring.Submit(target);

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  std::vector<Completion> completions = ring.ReapUntilQuiet();
  from.Write();
  for (Completion& spared : ring.ReapUntilQuiet()) completions.push_back(std::move(spared));

  EXPECT_THAT(completions,
              AnyOf(UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                         Completes(kTarget, 1)),
                    UnorderedElementsAre(Completes(kCancel, -EALREADY), Completes(kTarget, 1),
                                         Completes(kTarget, Interrupted()))));
}

// Exactly one also where the first that is found cannot be canceled at once.
RING_CASE(AsyncCancel, ARunningRequestAndAPollAreNotBothTaken, .clause = "CANCEL-UD-02") {
  Ring ring;
  const Pipe from, to, polled;
  ring.Submit(Splice(from.read_end(), to.write_end(), kSpliced).Tag(kTarget));
  ASSERT_TRUE(WorkersAreBlocked(1));

  ring.Submit(PollAdd(polled.read_end()).Tag(kTarget), Cancel(kTarget).Tag(kCancel));
  std::vector<Completion> completions = ring.ReapUntilQuiet();
  polled.Write();
  from.Write(kSpliced);
  for (Completion& spared : ring.ReapUntilQuiet()) completions.push_back(std::move(spared));

  EXPECT_THAT(completions,
              AnyOf(UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                         Completes(kTarget, kSpliced)),
                    UnorderedElementsAre(Completes(kCancel, -EALREADY), Completes(kTarget, POLLIN),
                                         Completes(kTarget, Interrupted()))));
}

}  // namespace
}  // namespace ringspec
