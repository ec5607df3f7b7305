// A link timeout that expires: what becomes of it and of its target.
#include <sys/ioctl.h>

#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(LinkTimeout, AnExpiryCancelsTheTarget, .clause = "LINK-TIMEOUT-FIRE-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander),
              PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

RING_CASE(LinkTimeout, AnExpiryCancelsAReadAndLeavesTheDataAlone,
          .clause = "LINK-TIMEOUT-FIRE-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(Read(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
  pipe.Write();
  ring.Submit(Read(pipe.read_end()).Tag(kNext));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kNext, 1)));
}

void ExpectAnExpiryToCancel(Request target) {
  target.sqe.flags |= IOSQE_IO_LINK;
  Ring ring;

  ring.Submit(target, LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
}

RING_CASE(LinkTimeout, AnExpiryCancelsAWriteToAFullPipe, .clause = "LINK-TIMEOUT-FIRE-01") {
  const Pipe pipe;
  pipe.Fill();
  ExpectAnExpiryToCancel(Write(pipe.write_end()));
}

RING_CASE(LinkTimeout, AnExpiryCancelsASendToAFullSocket, .clause = "LINK-TIMEOUT-FIRE-01") {
  const SocketPair sockets;
  sockets.FillFromNear();
  ExpectAnExpiryToCancel(Send(sockets.near()));
}

RING_CASE(LinkTimeout, AnExpiryCancelsARecvMsg, .clause = "LINK-TIMEOUT-FIRE-01") {
  const SocketPair sockets;
  ExpectAnExpiryToCancel(RecvMsg(sockets.near()));
}

RING_CASE(LinkTimeout, AnExpiryCancelsAnAccept, .clause = "LINK-TIMEOUT-FIRE-01") {
  const Listener listener;
  ExpectAnExpiryToCancel(Accept(listener.fd()));
}

RING_CASE(LinkTimeout, AnExpiryCancelsAConnect, .clause = "LINK-TIMEOUT-FIRE-01") {
  const FullListener listener;
  const Descriptor client = listener.NewClient();
  ExpectAnExpiryToCancel(Connect(client.get(), &listener.address(), sizeof(listener.address())));
}

RING_CASE(LinkTimeout, AZeroTimeoutExpiresAtOnce, .clause = "LINK-TIMEOUT-FIRE-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(0s));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).AtOnce(),
                                                 Completes(kLinkTimeout, -ETIME).AtOnce()));
}

RING_CASE(LinkTimeout, AnOrdinaryTimeoutCanBeTheTarget, .clause = "LINK-TIMEOUT-TIMEOUT-01") {
  Ring ring;

  ring.Submit(Timeout(100ms).Tag(kBystander), Timeout(20s).Tag(kTarget).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms),
                                                 Completes(kBystander, -ETIME).After(100ms)));
}

RING_CASE(LinkTimeout, AFutexWaitIsATargetLikeAnyOther, .clause = "LINK-TIMEOUT-FUTEX-01") {
  Ring ring;
  const Futex futex;

  ring.Submit(FutexWait(futex).Tag(kTarget).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
  EXPECT_EQ(futex.Wake(), 0) << "the canceled request still waits";
}

RING_CASE(LinkTimeout, AVectoredFutexWaitIsATargetLikeAnyOther, .clause = "LINK-TIMEOUT-FUTEX-01") {
  Ring ring;
  const Futex first, second;

  ring.Submit(FutexWaitV({&first, &second}).Tag(kTarget).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
}

RING_CASE(LinkTimeout, AWaitForAChildIsATargetLikeAnyOther, .clause = "LINK-TIMEOUT-FUTEX-01") {
  Ring ring;
  Child child;

  ring.Submit(WaitId(child.pid()).Tag(kTarget).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
  child.Exit();
  EXPECT_TRUE(child.Collect()) << "somebody else has waited for the child";
}

RING_CASE(LinkTimeout, AMultishotTargetEndsForGood, .clause = "LINK-TIMEOUT-MSHOTTARGET-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Multishot().Tag(kTarget).Link(), LinkTimeout(100ms));

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN).More().AtOnce()));
  pipe.Drain();

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(100ms),
                                                 Completes(kLinkTimeout, -ETIME).After(100ms)));
  pipe.Write();
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());
}

void ExpectToEndForGood(Request target, const std::function<void()>& feed) {
  target.sqe.flags |= IOSQE_IO_LINK;
  Ring ring;
  ProvideBuffers(ring);
  ring.Submit(target, LinkTimeout(100ms));
  feed();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 1).More().Buffer().AtOnce()));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(100ms),
                                                 Completes(kLinkTimeout, -ETIME).After(100ms)));
  feed();
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());
}

RING_CASE(LinkTimeout, AMultishotReceiveEndsForGood, .clause = "LINK-TIMEOUT-MSHOTTARGET-02") {
  const SocketPair sockets;
  ExpectToEndForGood(RecvMultishot(sockets.near()), [&] { sockets.SendToNear(); });
}

RING_CASE(LinkTimeout, AMultishotReadEndsForGood, .clause = "LINK-TIMEOUT-MSHOTTARGET-03") {
  const Pipe pipe;
  ExpectToEndForGood(ReadMultishot(pipe.read_end()), [&] { pipe.Write(); });
}

RING_CASE(LinkTimeout, BytesThatHadComeAreReported, .clause = "LINK-TIMEOUT-PARTIAL-01") {
  Ring ring;
  const SocketPair sockets;
  ring.Submit(Recv(sockets.near(), 64).MessageFlags(MSG_WAITALL).Tag(kTarget).Link(),
              LinkTimeout(100ms));

  sockets.SendToNear(8);

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, 8).After(100ms),
                                                 Completes(kLinkTimeout, -ETIME).After(100ms)));
}

RING_CASE(LinkTimeout, BytesThatWereSentAreReported, .clause = "LINK-TIMEOUT-PARTIAL-01") {
  constexpr unsigned kMoreThanFits = 8 << 20;
  Ring ring;
  const SocketPair sockets;

  ring.Submit(Send(sockets.near(), kMoreThanFits).MessageFlags(MSG_WAITALL).Tag(kTarget).Link(),
              LinkTimeout(100ms));

  const std::vector<Completion> completions = ring.Reap(2);
  int sent = 0;
  ioctl(sockets.far(), FIONREAD, &sent);
  EXPECT_THAT(completions, UnorderedElementsAre(Completes(kTarget, AllOf(sent, Gt(0))).After(100ms),
                                                Completes(kLinkTimeout, -ETIME).After(100ms)));
}

// A worker that finds nothing to read parks the request on its poll; it has the time to, on a busy
// host too.
RING_CASE(LinkTimeout, ATargetThatAWorkerHasParkedIsCanceled, .clause = "LINK-TIMEOUT-PARKED-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(Read(pipe.read_end()).Async().Tag(kTarget).Link(), LinkTimeout(300ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(300ms),
                                                 Completes(kLinkTimeout, -ETIME).After(300ms)));
}

RING_CASE(LinkTimeout, ATargetOnARegisteredFileIsCanceled, .clause = "LINK-TIMEOUT-FIRE-01") {
  Ring ring;
  const Pipe pipe;
  ring.RegisterFiles({pipe.read_end()});

  ring.Submit(PollAdd(0).FixedFile().Tag(kTarget).Link(), LinkTimeout(50ms));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));
}

}  // namespace
}  // namespace ringspec
