// What becomes of a thread's requests when it ends.
#include <thread>

#include "harness/cases.h"
#include "harness/errno_name.h"

namespace ringspec {
namespace {

// Submits from a thread that then ends.  A ring for a single issuer refuses that.
void SubmitFromAThreadThatEnds(Ring& ring, const Request& request, int workers = 0) {
  int result = 0;
  bool blocked = false;
  std::thread([&] {
    result = ring.TrySubmit({request});
    blocked = result < 0 || WorkersAreBlocked(workers);
  }).join();
  Record("submit", ResultName(result));
  if (!blocked) throw SetupError("a worker that is blocked", ETIME);
}

// A request that waits without a worker outlives the thread.  These come to their event afterwards.
void ExpectToEndLater(const Pipe& pipe, const Request& target,
                      const CompletionMatcher& completion) {
  Ring ring;
  const Pipe other;
  ring.Submit(PollAdd(other.read_end()).Tag(kBystander));

  SubmitFromAThreadThatEnds(ring, target);
  pipe.Write();
  other.Write();

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(completion, Completes(kBystander, POLLIN)));
}

RING_CASE(ThreadEnd, ItsPollIsCanceledByItsEvent, .clause = "EXIT-THREAD-02") {
  const Pipe pipe;
  ExpectToEndLater(pipe, PollAdd(pipe.read_end()).Tag(kTarget), Completes(kTarget, -ECANCELED));
}

RING_CASE(ThreadEnd, ItsReadIsCanceledByItsData, .clause = "EXIT-THREAD-02") {
  const Pipe pipe;
  ExpectToEndLater(pipe, Read(pipe.read_end()).Tag(kTarget), Completes(kTarget, -ECANCELED));
}

// Without a time: where the task is gone the kernel puts the completion off by a tick or two.
RING_CASE(ThreadEnd, ItsTimeoutGoesOn, .clause = "EXIT-THREAD-01") {
  const Pipe pipe;
  ExpectToEndLater(pipe, Timeout(50ms).Tag(kTarget), Completes(kTarget, -ETIME));
}

RING_CASE(ThreadEnd, ItsRunningRequestIsInterrupted, .clause = "EXIT-THREAD-03") {
  Ring ring;
  const Pipe from, to, other;
  ring.Submit(PollAdd(other.read_end()).Tag(kBystander));

  SubmitFromAThreadThatEnds(ring, Splice(from.read_end(), to.write_end()).Tag(kTarget), 1);
  from.Write();
  other.Write();

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, Interrupted()),
                                                 Completes(kBystander, POLLIN)));
}

}  // namespace
}  // namespace ringspec
