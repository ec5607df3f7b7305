// What an update makes of a poll that fires once.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(PollUpdate, ASingleShotPollMayBecomeMultishot, .clause = "POLL-UPDATE-MULTI-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end(), POLLPRI).Tag(kTarget));

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLIN).Tag(kUpdate).With(
      [](uapi::Sqe& sqe) { sqe.len |= IORING_POLL_ADD_MULTI; }));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));

  for (int i = 0; i < 2; ++i) {
    pipe.Write();
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN).More()));
  }
  ring.Submit(PollRemove(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));
}

}  // namespace
}  // namespace ringspec
