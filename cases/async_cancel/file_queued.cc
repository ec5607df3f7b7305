// FD: requests that wait for a worker, which has not looked at their file yet.
#include <fcntl.h>
#include <unistd.h>

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

RING_CASE(AsyncCancelFd, ASecondOpenFindsNoReadThatWaitsForAWorker,
          .clause = "CANCEL-FD-QUEUED-02") {
  const TempDirectory directory;
  const std::string fifo = directory.Fifo();
  const Descriptor used(Must("open", open(fifo.c_str(), O_RDWR | O_CLOEXEC)));
  const Descriptor unused(Must("open", open(fifo.c_str(), O_RDWR | O_CLOEXEC)));
  Ring ring;
  const BusyWorker worker(ring);
  ring.Submit(Read(used.get()).Async().Tag(kTarget));

  ring.Submit(Cancel(kTarget).Fd(unused.get()).Tag(kCancel));
  Must("write", static_cast<int>(write(unused.get(), "x", 1)));
  worker.Release();

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kTarget, 1),
                                                 Completes(kBlocker, 1)));
}

}  // namespace
}  // namespace ringspec
