// What the cancel itself returns: 0 for one request, the number of them for several.
#include "harness/busy_worker.h"
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelCount, CancelingOnePollReturnsZero, .clause = "CANCEL-RES0-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelCount, CancelingOneTimeoutReturnsZero, .clause = "CANCEL-RES0-01") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelCount, OneRequestIsNotCanceledTwice, .clause = "CANCEL-RES0-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel), Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kCancel, 0),
                                                 Completes(kCancel, AnyOf(-ENOENT, -EALREADY)),
                                                 Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelCount, CancelingOneFutexWaitReturnsZero, .clause = "CANCEL-RES1-FUTEX-01") {
  Ring ring;
  const Futex futex;
  ring.Submit(FutexWait(futex).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelCount, CancelingOneWaitidReturnsZero, .clause = "CANCEL-RES1-WAITID-01") {
  const Child child;
  Ring ring;
  ring.Submit(WaitId(child.pid()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelCount, AllAddsUpPollsAndTimeouts, .clause = "CANCEL-ALL-COUNT-03") {
  Ring ring;
  const Pipe pipe;
  for (int i = 0; i < 3; ++i) ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  for (int i = 0; i < 2; ++i) ring.Submit(Timeout(20s).Tag(kTarget));

  ring.Submit(Cancel(kTarget).All().Tag(kCancel));

  EXPECT_THAT(ring.Reap(6),
              UnorderedElementsAre(Completes(kCancel, 5), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, -ECANCELED), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, -ECANCELED), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelCount, AllOverAHundredPollsReturnsAHundred, .clause = "CANCEL-ALL-COUNT-01") {
  Ring ring;
  const Pipe pipe;
  ring.SubmitBatch(std::vector<Request>(100, PollAdd(pipe.read_end()).Tag(kTarget)));

  ring.Submit(Cancel(kTarget).All().Tag(kCancel));

  std::vector<CompletionMatcher> expected(100, Completes(kTarget, -ECANCELED));
  expected.push_back(Completes(kCancel, 100));
  EXPECT_THAT(ring.Reap(101), UnorderedElementsAreArray(expected));
}

// The kernel keeps polls by their user_data, which is no help here.
RING_CASE(AsyncCancelCount, AllOfAFileAreFoundWhateverTheirUserData,
          .clause = "CANCEL-ALL-COUNT-FD-01") {
  Ring ring;
  const Pipe pipe;
  std::vector<CompletionMatcher> expected{Completes(kCancel, 64)};
  for (std::uint64_t i = 0; i < 64; ++i) {
    const Tag tag{"target", kTarget.value + i};
    ring.Submit(PollAdd(pipe.read_end()).Tag(tag));
    expected.push_back(Completes(tag, -ECANCELED));
  }

  ring.Submit(Cancel().Fd(pipe.read_end()).All().Tag(kCancel));

  EXPECT_THAT(ring.Reap(65), UnorderedElementsAreArray(expected));
}

RING_CASE(AsyncCancelCount, AllOverThreeFutexWaitsReturnsThree,
          .clause = "CANCEL-ALL-COUNT-FUTEX-01") {
  Ring ring;
  const Futex futex;
  for (int i = 0; i < 3; ++i) ring.Submit(FutexWait(futex).Tag(kTarget));

  ring.Submit(Cancel(kTarget).All().Tag(kCancel));

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 3), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, -ECANCELED), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelCount, AllOverThreeQueuedRequestsReturnsThree,
          .clause = "CANCEL-ALL-COUNT-QUEUED-01") {
  Ring ring;
  const BusyWorker worker(ring);
  for (int i = 0; i < 3; ++i) {
    ring.Submit(worker.Queued().Tag(kTarget));
  }

  ring.Submit(Cancel(kTarget).All().Tag(kCancel));
  worker.Release();

  EXPECT_THAT(ring.Reap(5),
              UnorderedElementsAre(Completes(kCancel, 3), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, -ECANCELED), Completes(kTarget, -ECANCELED),
                                   Completes(kBlocker, 1)));
}

RING_CASE(AsyncCancelCount, AllOverThreeRunningRequestsReturnsThree,
          .clause = "CANCEL-ALL-COUNT-RUNNING-01") {
  Ring ring;
  const Pipe from, to;
  const Request target = Splice(from.read_end(), to.write_end()).Tag(kTarget);
  ring.Submit(target, target, target);
  ASSERT_TRUE(WorkersAreBlocked(3));

  ring.Submit(Cancel(kTarget).All().Tag(kCancel));

  EXPECT_THAT(
      ring.Reap(4),
      UnorderedElementsAre(Completes(kCancel, 3), Completes(kTarget, Interrupted()),
                           Completes(kTarget, Interrupted()), Completes(kTarget, Interrupted())));
}

RING_CASE(AsyncCancelCount, AnyAndAllCountRequestsInEveryState,
          .clause = "CANCEL-ALL-COUNT-MIXED-01") {
  Ring ring;
  const BusyWorker worker(ring);
  ring.Submit(worker.Queued().Tag(kNext), worker.Queued().Tag(kNext),
              PollAdd(worker.from().read_end()).Tag(kTarget));

  ring.Submit(Cancel().Any().All().Tag(kCancel));

  EXPECT_THAT(ring.Reap(5),
              UnorderedElementsAre(Completes(kCancel, 4), Completes(kBlocker, Interrupted()),
                                   Completes(kNext, -ECANCELED), Completes(kNext, -ECANCELED),
                                   Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelCount, AMultishotRequestCountsOnce, .clause = "CANCEL-ALL-MSHOT-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Multishot().Tag(kTarget));
  for (int i = 0; i < 3; ++i) {
    pipe.Write();
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN).More()));
    pipe.Drain();
  }

  ring.Submit(Cancel(kTarget).All().Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 1), Completes(kTarget, -ECANCELED)));
}

}  // namespace
}  // namespace ringspec
