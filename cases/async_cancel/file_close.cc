// Closing a descriptor while requests are pending on its file.
#include "harness/cases.h"
#include "harness/process.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelFd, CloseLeavesTheRequestPending, .clause = "CANCEL-FD-CLOSE-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  pipe.CloseReadEnd();
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(AsyncCancelFd, ACloseRequestLeavesTheOtherPending, .clause = "CANCEL-FD-CLOSE-01") {
  Ring ring;
  const Pipe pipe;
  const int duplicate = Must("dup", dup(pipe.read_end()));
  ring.Submit(PollAdd(duplicate).Tag(kTarget));

  ring.Submit(Close(duplicate).Tag(kEvent));
  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kEvent, 0)));

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(AsyncCancelFd, ItsFileIsReleased, .clause = "CANCEL-FD-RELEASE-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  ring.Submit(Cancel().Fd(pipe.read_end()).Tag(kCancel));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));

  pipe.CloseReadEnd();

  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

RING_CASE(AsyncCancelFd, AfterTheLastCloseOnlyUserDataFindsIt, .clause = "CANCEL-FD-CLOSE-02") {
  Ring ring;
  Pipe pipe;
  const int closed = pipe.read_end();
  ring.Submit(PollAdd(closed).Tag(kTarget));
  pipe.CloseReadEnd();

  ring.Submit(Cancel().Fd(closed).Tag(kRemove));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kRemove, -EBADF)));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

}  // namespace
}  // namespace ringspec
