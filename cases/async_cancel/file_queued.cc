// FD: requests that wait for a worker, which has not looked at their file yet.
#include "harness/busy_worker.h"
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelFd, AReadThatWaitsForAWorkerIsFound, .clause = "CANCEL-FD-QUEUED-01") {
  Ring ring;
  const Pipe pipe, other;
  const BusyWorker worker(ring);
  ring.Submit(Read(pipe.read_end()).Async().Tag(kTarget),
              Read(other.read_end()).Async().Tag(kBystander));

  ring.Submit(Cancel(kBystander).Fd(pipe.read_end()).Tag(kCancel));
  other.Write();
  worker.Release();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBlocker, 1), Completes(kBystander, 1)));
}

RING_CASE(AsyncCancelFd, ASpliceThatWaitsForAWorkerIsFound, .clause = "CANCEL-FD-QUEUED-01") {
  Ring ring;
  const Pipe pipe, other, out;
  const BusyWorker worker(ring);
  ring.Submit(Splice(pipe.read_end(), out.write_end()).Tag(kTarget),
              Splice(other.read_end(), worker.to().write_end()).Tag(kBystander));

  ring.Submit(Cancel(kBystander).Fd(out.write_end()).Tag(kCancel));
  other.Write();
  worker.Release();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBlocker, 1), Completes(kBystander, 1)));
}

}  // namespace
}  // namespace ringspec
