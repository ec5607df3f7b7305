// FD_FIXED: the key is an index into the registered files.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelFd, FDFIXEDTakesAnIndexOfARegisteredFile, .clause = "CANCEL-FDFIXED-01") {
  Ring ring;
  const Pipe pipe;
  const Pipe other;
  ring.RegisterFiles({other.read_end(), pipe.read_end()});
  ring.Submit(PollAdd(0).FixedFile().Tag(kBystander), PollAdd(1).FixedFile().Tag(kTarget));

  ring.Submit(Cancel(kBystander).FixedFd(1).Tag(kCancel));
  pipe.Write();
  other.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelFd, FDFIXEDWithoutFDChangesNothing, .clause = "CANCEL-FDFIXED-02") {
  Ring ring;
  const Pipe pipe;
  const Pipe other;
  ring.RegisterFiles({other.read_end()});
  ring.Submit(PollAdd(0).FixedFile().Tag(kBystander), PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget)
                  .Flags(IORING_ASYNC_CANCEL_FD_FIXED)
                  .With([](uapi::Sqe& sqe) { sqe.fd = 0; })
                  .Tag(kCancel));
  pipe.Write();
  other.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelFd, FIXEDFILEOnTheCancelMeansTheSame, .clause = "CANCEL-FDFIXED-03") {
  Ring ring;
  const Pipe pipe;
  const Pipe other;
  ring.RegisterFiles({other.read_end(), pipe.read_end()});
  ring.Submit(PollAdd(0).FixedFile().Tag(kBystander), PollAdd(1).FixedFile().Tag(kTarget));

  ring.Submit(Cancel(kBystander).Fd(1).FixedFile().Tag(kCancel));
  pipe.Write();
  other.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelFd, FDFIXEDWithoutATableIsEBADF, .clause = "CANCEL-FDFIXED-BADF-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).FixedFd(0).Tag(kCancel),
              Cancel(kTarget).FixedFd(pipe.read_end()).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, -EBADF), Completes(kCancel, -EBADF),
                                   Completes(kTarget, POLLIN)));
}

RING_CASE(AsyncCancelFd, AnEmptySlotOrOneOutOfRangeIsEBADF, .clause = "CANCEL-FDFIXED-BADF-01") {
  Ring ring;
  const Pipe pipe;
  ring.RegisterFiles({pipe.read_end(), -1});
  ring.Submit(PollAdd(0).FixedFile().Tag(kTarget));

  ring.Submit(Cancel(kTarget).FixedFd(1).Tag(kCancel), Cancel(kTarget).FixedFd(2).Tag(kCancel),
              Cancel(kTarget).FixedFd(-1).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, -EBADF), Completes(kCancel, -EBADF),
                                   Completes(kCancel, -EBADF), Completes(kTarget, POLLIN)));
}

}  // namespace
}  // namespace ringspec
