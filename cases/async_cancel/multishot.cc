// Targets that repeat: one final CQE without F_MORE, and nothing after it.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelMultishot, APollEndsWithOneFinalCqe, .clause = "CANCEL-MSHOT-POLL-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Multishot().Tag(kTarget));
  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN).More()));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelMultishot, AnAcceptEndsWithOneFinalCqe, .clause = "CANCEL-MSHOT-ACCEPT-01") {
  Ring ring;
  const Listener listener;
  ring.Submit(Accept(listener.fd()).Multishot().Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelMultishot, AnAcceptThatHadAClientEndsWithOneFinalCqe,
          .clause = "CANCEL-MSHOT-ACCEPT-01") {
  Ring ring;
  Listener listener;
  ring.Submit(Accept(listener.fd()).Multishot().Tag(kTarget));
  listener.Connect();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, Gt(0)).More()));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelMultishot, ARecvEndsWithOneFinalCqe, .clause = "CANCEL-MSHOT-RECV-01") {
  Ring ring;
  ProvideBuffers(ring);
  const SocketPair sockets;
  ring.Submit(RecvMultishot(sockets.near()).Tag(kTarget));
  sockets.SendToNear(3);
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 3).More().Buffer()));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelMultishot, AReadEndsWithOneFinalCqe, .clause = "CANCEL-MSHOT-READ-01") {
  Ring ring;
  ProvideBuffers(ring);
  const Pipe pipe;
  ring.Submit(ReadMultishot(pipe.read_end()).Tag(kTarget));
  pipe.Write(3);
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 3).More().Buffer()));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelMultishot, AReadIsFoundByItsFileAndItsOpcode,
          .clause = "CANCEL-MSHOT-READ-02") {
  Ring ring;
  ProvideBuffers(ring);
  const Pipe pipe;
  ring.Submit(ReadMultishot(pipe.read_end()).Tag(kTarget),
              PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(
      Cancel(kBystander).Fd(pipe.read_end()).Opcode(uapi::kOpReadMultishot).All().Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 1), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

// The harness looks for late completions; here there is a reason for one.
RING_CASE(AsyncCancelMultishot, NothingComesAfterTheFinalCqe, .clause = "CANCEL-MSHOT-LAST-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Multishot().Tag(kTarget),
              PollAdd(pipe.read_end()).Tag(kBystander));
  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));

  pipe.Write();

  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelMultishot, APollThatFiredOftenEndsWithOneFinalCqe,
          .clause = "CANCEL-MSHOT-POLL-02") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Multishot().Tag(kTarget));
  for (int event = 0; event < 6; ++event) {
    pipe.Write();
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN).More()));
    pipe.Drain();
  }

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

}  // namespace
}  // namespace ringspec
