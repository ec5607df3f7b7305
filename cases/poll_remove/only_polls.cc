// What waits on an internal poll is no poll request: a removal does not find it.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(PollRemove, AWaitingReadIsNotFound, .clause = "POLL-REMOVE-ONLYPOLL-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(Read(pipe.read_end()).Tag(kTarget));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kRemove, -ENOENT)));

  pipe.Write(3);
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 3)));
}

RING_CASE(PollRemove, AWaitingReceiveIsNotFound, .clause = "POLL-REMOVE-ONLYPOLL-01") {
  Ring ring;
  SocketPair sockets;
  ring.Submit(Recv(sockets.near()).Tag(kTarget));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kRemove, -ENOENT)));

  sockets.SendToNear(3);
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 3)));
}

RING_CASE(PollRemove, AWaitingAcceptIsNotFound, .clause = "POLL-REMOVE-ONLYPOLL-01") {
  Ring ring;
  Listener listener;
  ring.Submit(Accept(listener.fd()).Tag(kTarget));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kRemove, -ENOENT)));

  listener.Connect();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, Gt(0))));
}

RING_CASE(PollRemove, AnArmedTimeoutIsNotFound, .clause = "POLL-REMOVE-ONLYPOLL-01") {
  Ring ring;
  ring.Submit(Timeout(50ms).Tag(kTarget));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kRemove, -ENOENT),
                                                 Completes(kTarget, -ETIME).After(50ms)));
}

RING_CASE(PollRemove, AReadOfTheSameUserDataDoesNotHideThePoll,
          .clause = "POLL-REMOVE-ONLYPOLL-01") {
  Ring ring;
  Pipe pipe;
  Pipe polled;
  ring.Submit(Read(pipe.read_end()).Tag(kTarget), PollAdd(polled.read_end()).Tag(kTarget),
              Read(pipe.read_end()).Tag(kTarget));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));

  pipe.Write(64);
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 64)));
  pipe.Write(64);
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 64)));
}

}  // namespace
}  // namespace ringspec
