// Cancels around drained requests, IOSQE_IO_DRAIN.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelDrain, ItHoldsTheCancelBackToo, .clause = "CANCEL-DRAIN-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kHead), Nop().Drain().Tag(kTarget),
              Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  pipe.Write();
  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kHead, POLLIN), Completes(kTarget, 0),
                                                 Completes(kCancel, -ENOENT)));
}

// The drain is over: neither the requests that began behind it nor a cancel waits any more.
RING_CASE(AsyncCancelDrain, WhatBeganBehindItIsFound, .clause = "CANCEL-DRAIN-02") {
  Ring ring;
  const Pipe first;
  const Pipe pipe;
  ring.Submit(PollAdd(first.read_end()).Tag(kHead), Nop().Drain().Tag(kNext),
              PollAdd(pipe.read_end()).Tag(kBystander), PollAdd(pipe.read_end()).Tag(kTarget));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());
  first.Write();
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kHead, POLLIN), Completes(kNext, 0)));
  // A worker begins what stood behind it.
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

}  // namespace
}  // namespace ringspec
