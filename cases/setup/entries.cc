// Rings whose entries are larger.
#include "harness/cases.h"

namespace ringspec {
namespace {

void ExpectCancelAndTimeoutToWork(unsigned flags) {
  Ring ring(RingOptions{.flags = flags});
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander),
              Timeout(50ms).Tag(kTimeout));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(
      ring.Reap(4),
      UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                           Completes(kBystander, POLLIN), Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(SetupEntries, LargeSqesAreCanceledAndExpire, .clause = "SETUP-SQE128-01") {
  ExpectCancelAndTimeoutToWork(IORING_SETUP_SQE128);
}

RING_CASE(SetupEntries, LargeCqesTellOfIt, .clause = "SETUP-SQE128-01") {
  ExpectCancelAndTimeoutToWork(IORING_SETUP_CQE32);
}

RING_CASE(SetupEntries, BothTogether, .clause = "SETUP-SQE128-01") {
  ExpectCancelAndTimeoutToWork(IORING_SETUP_SQE128 | IORING_SETUP_CQE32);
}

}  // namespace
}  // namespace ringspec
