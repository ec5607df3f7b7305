// Targets inside io-wq: blocked in a worker, or waiting for one.
#include "harness/busy_worker.h"
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(LinkTimeoutIowq, ATargetThatBlocksInAWorkerIsInterrupted,
          .clause = "LINK-TIMEOUT-RUN-02") {
  Ring ring;
  const Pipe from, to;

  ring.Submit(Splice(from.read_end(), to.write_end()).Tag(kTarget).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, Interrupted()).After(50ms),
                                                 Completes(kLinkTimeout, Lt(0)).After(50ms)));
}

RING_CASE(LinkTimeoutIowq, AnOpenThatBlocksInAWorkerIsInterrupted,
          .clause = "LINK-TIMEOUT-RUN-02") {
  const TempDirectory directory;
  Ring ring;

  ring.Submit(OpenAt(directory.Fifo(), O_RDONLY).Async().Tag(kTarget).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, Interrupted()).After(50ms),
                                                 Completes(kLinkTimeout, Lt(0)).After(50ms)));
}

RING_CASE(LinkTimeoutIowq, AnExpiryThatInterruptsItsTargetIsETIME,
          .clause = "LINK-TIMEOUT-RUN-01") {
  Ring ring;
  const Pipe from, to;

  ring.Submit(Splice(from.read_end(), to.write_end()).Tag(kTarget).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, Interrupted()).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
}

RING_CASE(LinkTimeoutIowq, ATargetThatUnblocksDisarmsItsTimeout, .clause = "LINK-TIMEOUT-DONE-01") {
  Ring ring;
  const Pipe from, to;
  ring.Submit(Splice(from.read_end(), to.write_end()).Tag(kTarget).Link(), LinkTimeout(20s));
  ASSERT_TRUE(WorkersAreBlocked(1));

  const TimePoint ready = Now();
  from.Write();

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, 1).DueAt(ready),
                                                 Completes(kLinkTimeout, -ECANCELED).DueAt(ready)));
}

RING_CASE(LinkTimeoutIowq, AQueuedTargetIsCanceled, .clause = "LINK-TIMEOUT-QUEUED-01") {
  Ring ring;
  const BusyWorker worker(ring);

  ring.Submit(worker.Queued().Tag(kTarget).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
  worker.Release();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBlocker, 1)));
}

}  // namespace
}  // namespace ringspec
