// Updating polls: the events they wait for and the user_data they answer with.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(PollUpdate, NewEventsReplaceTheOldOnes, .clause = "POLL-UPDATE-01") {
  Ring ring;
  SocketPair sockets;
  sockets.FillFromNear();
  ring.Submit(PollAdd(sockets.near(), POLLOUT).Tag(kTarget),
              PollAdd(sockets.near(), POLLOUT).Tag(kBystander));

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLIN).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));

  sockets.SendToNear();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
  ring.Submit(PollRemove(kBystander).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kBystander, -ECANCELED)));
}

RING_CASE(PollUpdate, TheOldEventsNoLongerComplete, .clause = "POLL-UPDATE-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLPRI).Tag(kUpdate));
  pipe.Write();
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kBystander, POLLIN)));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(PollUpdate, TheNewUserDataIsInTheCompletion, .clause = "POLL-UPDATE-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));
  ring.MayBecome(kTarget, kNext);

  ring.Submit(PollRemove(kTarget).UpdateUserData(kNext).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));

  pipe.Write();
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kNext, POLLIN), Completes(kBystander, POLLIN)));
}

RING_CASE(PollUpdate, EventsAndUserDataChangeTogether, .clause = "POLL-UPDATE-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end(), POLLPRI).Tag(kTarget));
  ring.MayBecome(kTarget, kNext);

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLIN).UpdateUserData(kNext).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kNext, POLLIN)));
}

RING_CASE(PollUpdate, AMultishotPollStaysOneUnderItsNewUserData, .clause = "POLL-UPDATE-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Multishot().Tag(kTarget));
  ring.MayBecome(kTarget, kNext);

  ring.Submit(PollRemove(kTarget).UpdateUserData(kNext).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kNext, POLLIN).More()));
  ring.Submit(PollRemove(kNext).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kNext, -ECANCELED)));
}

RING_CASE(PollUpdate, AnUnknownUserDataIsENOENT, .clause = "POLL-UPDATE-NOENT-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(PollRemove(kNobody).UpdateEvents(POLLPRI).UpdateUserData(kNext).Tag(kUpdate));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, -ENOENT), Completes(kBystander, POLLIN)));
}

RING_CASE(PollUpdate, ACompletedPollIsENOENT, .clause = "POLL-UPDATE-NOENT-01") {
  Ring ring;
  Pipe pipe;
  pipe.Write();
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLIN).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, -ENOENT)));
}

RING_CASE(PollUpdate, AVainUpdateFailsTheSoftChainBehindIt, .clause = "POLL-UPDATE-NOENT-01") {
  Ring ring;

  ring.Submit(PollRemove(kNobody).UpdateEvents(POLLIN).Tag(kUpdate).Link(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, -ENOENT), Completes(kNext, -ECANCELED)));
}

// Where the poll is lost instead, closing the ring may wait for it for ever.
RING_CASE(PollUpdate, EventsThatAreReadyCompleteThePollAtOnce, .clause = "POLL-UPDATE-READY-01",
          .touches = kMayStick) {
  Ring ring;
  Pipe pipe;
  pipe.Write();
  ring.Submit(PollAdd(pipe.read_end(), POLLPRI).Tag(kTarget));

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLIN).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTarget, POLLIN)));
}

RING_CASE(PollUpdate, EventsThatAreReadyFireAMultishotPollOnce, .clause = "POLL-UPDATE-READY-01") {
  Ring ring;
  Pipe pipe;
  pipe.Write();
  ring.Submit(PollAdd(pipe.read_end(), POLLPRI).Multishot().Tag(kTarget));

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLIN).Tag(kUpdate).With(
      [](uapi::Sqe& sqe) { sqe.len |= IORING_POLL_ADD_MULTI; }));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTarget, POLLIN).More()));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(PollUpdate, OnlyTheNewUserDataCanBeRemoved, .clause = "POLL-UPDATE-CANCEL-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  ring.MayBecome(kTarget, kNext);
  ring.Submit(PollRemove(kTarget).UpdateUserData(kNext).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));

  ring.Submit(PollRemove(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kCancel, -ENOENT)));

  ring.Submit(PollRemove(kNext).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kNext, -ECANCELED)));
}

RING_CASE(PollUpdate, OnlyTheNewUserDataCanBeCanceled, .clause = "POLL-UPDATE-CANCEL-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  ring.MayBecome(kTarget, kNext);
  ring.Submit(PollRemove(kTarget).UpdateUserData(kNext).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));

  ring.Submit(Cancel(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kRemove, -ENOENT)));

  ring.Submit(Cancel(kNext).Tag(kCancel));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kNext, -ECANCELED)));
}

}  // namespace
}  // namespace ringspec
