// Rings whose entries are larger, or whose submissions go on after an error.
#include "harness/cases.h"

namespace ringspec {
namespace {

void ExpectCancelAndTimeoutToWork(unsigned flags) {
  Ring ring(RingOptions{.flags = flags});
  Pipe pipe;
  const Pipe idle;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kTarget),
              PollAdd(pipe.read_end()).Tag(kBystander), Timeout(50ms).Tag(kTimeout),
              PollAdd(idle.read_end()).Tag(kNext).Link(), LinkTimeout(50ms).Link(),
              Nop().Tag(kLast));

  ring.Submit(Cancel(kTarget).All().Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(8),
              UnorderedElementsAre(
                  Completes(kCancel, 2), Completes(kTarget, -ECANCELED),
                  Completes(kTarget, -ECANCELED), Completes(kBystander, POLLIN),
                  Completes(kTimeout, -ETIME).After(50ms), Completes(kNext, -ECANCELED).After(50ms),
                  Completes(kLinkTimeout, -ETIME).After(50ms), Completes(kLast, -ECANCELED)));
  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms)), Returns(-ETIME).After(50ms));
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

RING_CASE(SetupEntries, CqesOfBothSizes, .clause = "SETUP-CQEMIXED-01") {
  ExpectCancelAndTimeoutToWork(IORING_SETUP_CQE_MIXED);
}

RING_CASE(SetupEntries, SqesOfBothSizes, .clause = "SETUP-SQEMIXED-01") {
  ExpectCancelAndTimeoutToWork(IORING_SETUP_SQE_MIXED);
}

RING_CASE(SetupEntries, ASubmissionThatGoesOnAfterAnError, .clause = "SETUP-SUBMITALL-01") {
  ExpectCancelAndTimeoutToWork(IORING_SETUP_SUBMIT_ALL);
}

}  // namespace
}  // namespace ringspec
