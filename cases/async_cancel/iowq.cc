// Targets inside io-wq: blocked in a worker or waiting for one.
#include "harness/busy_worker.h"
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelIowq, ARunningRequestEndsWithEINTR, .clause = "CANCEL-IOWQ-RUNNING-01") {
  Ring ring;
  const Pipe from, to;
  ring.Submit(Splice(from.read_end(), to.write_end()).Tag(kTarget));
  ASSERT_TRUE(WorkersAreBlocked(1));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, AnyOf(-EALREADY, -ENOENT)),
                                                 Completes(kTarget, -EINTR)));
}

RING_CASE(AsyncCancelIowq, AnOpenThatBlocksEndsWithEINTR, .clause = "CANCEL-OPENFIFO-01") {
  const TempDirectory directory;
  Ring ring;
  ring.Submit(OpenAt(directory.Fifo(), O_RDONLY).Async().Tag(kTarget));
  ASSERT_TRUE(WorkersAreBlocked(1));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, AnyOf(-EALREADY, -ENOENT)),
                                                 Completes(kTarget, -EINTR)));
}

// Of three requests that wait for a worker, named in their order, two end by themselves.
void ExpectToBeRemovedFromTheQueue(const Tag& first, const Tag& second, const Tag& third) {
  Ring ring;
  const BusyWorker worker(ring);
  ring.Submit(worker.Queued().Tag(first), worker.Queued().Tag(second), worker.Queued().Tag(third));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  worker.Release(3);

  EXPECT_THAT(ring.Reap(5),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBlocker, 1), Completes(kBystander, 1),
                                   Completes(kBystander, 1)));
}

RING_CASE(AsyncCancelIowq, AQueuedRequestIsRemoved, .clause = "CANCEL-IOWQ-QUEUED-01") {
  ExpectToBeRemovedFromTheQueue(kBystander, kTarget, kBystander);
}

RING_CASE(AsyncCancelIowq, TheLastQueuedRequestIsRemoved, .clause = "CANCEL-IOWQ-QUEUED-01") {
  ExpectToBeRemovedFromTheQueue(kBystander, kBystander, kTarget);
}

RING_CASE(AsyncCancelIowq, EveryBitOfAQueuedUserDataIsCompared, .clause = "CANCEL-IOWQ-QUEUED-03") {
  Ring ring;
  const BusyWorker worker(ring);
  ring.Submit(worker.Queued().Tag(kTarget));

  for (int bit = 0; bit < 64; ++bit) {
    ring.Submit(Cancel(kTarget.value ^ (std::uint64_t{1} << bit)).Tag(kCancel));
  }
  EXPECT_THAT(ring.Reap(64), AllOf(SizeIs(64), Each(Completes(kCancel, -ENOENT))));

  worker.Release(2);
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kBlocker, 1), Completes(kTarget, 1)));
}

RING_CASE(AsyncCancelIowq, AQueuedHeadIsRemovedFromItsHardChain,
          .clause = "CANCEL-IOWQ-QUEUED-HARD-01") {
  Ring ring;
  const BusyWorker worker(ring);
  ring.Submit(worker.Queued().HardLink().Tag(kTarget), Nop().Tag(kNext));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kNext, 0)));

  worker.Release();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBlocker, 1)));
}

RING_CASE(AsyncCancelIowq, AQueuedHeadEndsItsSoftChain, .clause = "CANCEL-LINKHEAD-03") {
  Ring ring;
  const BusyWorker worker(ring);
  ring.Submit(worker.Queued().Link().Tag(kTarget), Nop().Tag(kNext));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kNext, -ECANCELED)));

  worker.Release();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBlocker, 1)));
}

// Opening is bounded work, which has a queue of its own.
RING_CASE(AsyncCancelIowq, AQueuedOpenIsRemoved, .clause = "CANCEL-IOWQ-QUEUED-01") {
  const TempDirectory directory;
  Ring ring;
  LimitToOneWorker(ring);
  ring.Submit(OpenAt(directory.Fifo("busy"), O_RDONLY).Async().Tag(kBlocker));
  ASSERT_TRUE(WorkersAreBlocked(1));
  ring.Submit(OpenAt(directory.Fifo("target"), O_RDONLY).Async().Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());
}

RING_CASE(AsyncCancelIowq, AQueuedRequestIsCanceledBeforeSubmissionReturns,
          .clause = "CANCEL-IOWQ-QUEUED-02") {
  Ring ring;
  const BusyWorker worker(ring);
  ring.Submit(worker.Queued().Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.ArrivedAtReturn(),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelIowq, AnAsyncReadIsParkedOnPoll, .clause = "CANCEL-IOSQEASYNC-POLLABLE-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(Read(pipe.read_end()).Async().Tag(kTarget));
  Record("parked", WorkersAreIdle(1) ? "yes" : "no");

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

// The head has completed, the worker goes on to its link.  A first cancel may come before that has
// begun; a second one may not.
RING_CASE(AsyncCancelIowq, ALinkThatAWorkerStartsIsNotHidden, .clause = "CANCEL-IOWQ-LINK-01") {
  Ring ring;
  const Pipe from, to;
  for (int i = 0; i < kDraws / 5 && !testing::Test::HasFailure(); ++i) {
    const Tag target = OfRound(kTarget, i);
    const auto ends =
        AnyOf(UnorderedElementsAre(Completes(kCancel, 0), Completes(target, -ECANCELED)),
              UnorderedElementsAre(Completes(kCancel, AnyOf(-EALREADY, -ENOENT)),
                                   Completes(target, Interrupted())));
    const Race race{{"ended", ends}};
    ring.Submit(Nop().Async().Link().Tag(kHead),
                Splice(from.read_end(), to.write_end()).Async().Tag(target));
    ASSERT_THAT(ring.Reap(1), ElementsAre(Completes(kHead, 0)));

    ring.Submit(Cancel(target).Tag(kCancel));

    std::vector<Completion> completions = ring.ReapUntilQuiet();
    if (completions.size() == 1 && completions.front().res == -ENOENT) {
      ring.Submit(Cancel(target).Tag(kCancel));
      completions = ring.Reap(2);
    }
    race.Draw(completions);
  }
}

}  // namespace
}  // namespace ringspec
