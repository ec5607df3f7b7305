// How far a cancel reaches: its own ring, and there the requests of every thread.
#include <thread>

#include "harness/busy_worker.h"
#include "harness/cases.h"
#include "harness/errno_name.h"

namespace ringspec {
namespace {

// Submits from a thread of its own, which a ring for a single issuer refuses.
void SubmitFromAnotherThread(Ring& ring, const Request& request) {
  int result = 0;
  std::thread([&] { result = ring.TrySubmit({request}); }).join();
  Record("submit", ResultName(result));
}

// A ring with a polling thread has not consumed the cancel yet: its result comes first.
std::vector<Completion> ReapTwoThen(Ring& ring, const Pipe& release) {
  std::vector<Completion> completions = ring.Reap(2);
  release.Write();
  for (Completion& spared : ring.Reap(1)) completions.push_back(std::move(spared));
  return completions;
}

RING_CASE(AsyncCancelScope, ACancelStaysWithinItsRing, .clause = "CANCEL-SCOPE-01") {
  Ring ring;
  Ring other;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  other.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  other.Submit(Cancel(kTarget).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(other.Reap(2),
              UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kBystander, POLLIN)));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

// The workers belong to the task and are shared by its rings.
RING_CASE(AsyncCancelScope, WhatWaitsForAWorkerOfAnotherRingIsSpared, .clause = "CANCEL-SCOPE-01") {
  Ring ring;
  Ring other;
  const BusyWorker worker(ring);
  ring.Submit(worker.Queued().Tag(kTarget));

  other.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(other.Reap(1), ElementsAre(Completes(kCancel, -ENOENT)));
  worker.Release(2);

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kBlocker, 1), Completes(kTarget, 1)));
}

RING_CASE(AsyncCancelScope, AnotherThreadCancelsAPoll, .clause = "CANCEL-SCOPE-02") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));

  SubmitFromAnotherThread(ring, Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ReapTwoThen(ring, pipe),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelScope, AnotherThreadCancelsATimeout, .clause = "CANCEL-SCOPE-02") {
  Ring ring;
  ring.Submit(Timeout(20s).Tag(kTarget));

  SubmitFromAnotherThread(ring, Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelScope, AnotherThreadCancelsQueuedWork, .clause = "CANCEL-SCOPE-03") {
  Ring ring;
  const BusyWorker worker(ring);
  ring.Submit(worker.Queued().Tag(kTarget));

  SubmitFromAnotherThread(ring, Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ReapTwoThen(ring, worker.from()),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBlocker, 1)));
}

RING_CASE(AsyncCancelScope, AnotherThreadTakesAllQueuedWork, .clause = "CANCEL-SCOPE-04") {
  Ring ring;
  const BusyWorker worker(ring);
  ring.Submit(worker.Queued().Tag(kTarget));

  SubmitFromAnotherThread(ring, Cancel(kTarget).All().Tag(kCancel));

  EXPECT_THAT(ReapTwoThen(ring, worker.from()),
              UnorderedElementsAre(Completes(kCancel, 1), Completes(kTarget, -ECANCELED),
                                   Completes(kBlocker, 1)));
}

}  // namespace
}  // namespace ringspec
