// Removals and updates of polls with the flags that any request may have, and repeated updates.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(PollRemove, ARemovalInAWorkerRemoves, .clause = "POLL-REMOVE-FLAGS-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(PollRemove(kTarget).Async().Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

RING_CASE(PollRemove, ARemovalInAChainRunsInItsTurn, .clause = "POLL-REMOVE-FLAGS-01") {
  Ring ring;
  const Pipe pipe, idle;
  ring.Submit(PollAdd(idle.read_end()).Tag(kTarget));
  ring.Submit(PollAdd(pipe.read_end()).Tag(kHead).Link(), PollRemove(kTarget).Tag(kRemove).Link(),
              Nop().Tag(kNext));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kHead, POLLIN), Completes(kRemove, 0),
                                   Completes(kTarget, -ECANCELED), Completes(kNext, 0)));
}

RING_CASE(PollRemove, APollThatMayBeSilentIsRemovedAndReported, .clause = "POLL-REMOVE-SKIP-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).SkipSuccess().Tag(kTarget));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(PollRemove, ASuccessfulRemovalMayBeSilent, .clause = "POLL-REMOVE-SKIP-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(PollRemove(kTarget).SkipSuccess().Tag(kRemove));

  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kTarget, -ECANCELED)));
}

RING_CASE(PollUpdate, AnUpdateInAWorkerUpdates, .clause = "POLL-UPDATE-FLAGS-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end(), POLLPRI).Tag(kTarget));

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLIN).Async().Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));
  pipe.Write();

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(PollUpdate, ASuccessfulUpdateMayBeSilent, .clause = "POLL-UPDATE-SKIP-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end(), POLLPRI).Tag(kTarget));

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLIN).SkipSuccess().Tag(kUpdate));
  pipe.Write();

  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(PollUpdate, TheEventsMayBeUpdatedAgain, .clause = "POLL-UPDATE-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));
  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLPRI).Tag(kUpdate));
  pipe.Write();
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kUpdate, 0), Completes(kBystander, POLLIN)));
  pipe.Drain();

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLIN).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));
  pipe.Write();

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(PollUpdate, TheUserDataMayBeUpdatedAgain, .clause = "POLL-UPDATE-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  ring.MayBecome(kTarget, kNext);
  ring.Submit(PollRemove(kTarget).UpdateUserData(kNext).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));

  ring.Submit(PollRemove(kNext).UpdateUserData(kTarget).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));
  pipe.Write();

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(PollUpdate, ZeroIsALegalNewUserData, .clause = "POLL-UPDATE-01") {
  constexpr Tag kZero{"zero", 0};
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  ring.MayBecome(kTarget, kZero);

  ring.Submit(PollRemove(kTarget).UpdateUserData(kZero).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));
  pipe.Write();

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kZero, POLLIN)));
}

// Where the poll is lost instead, closing the ring may wait for it for ever.
RING_CASE(PollUpdate, APollThatItsUpdateCompletesLetsItsChainRun, .clause = "POLL-UPDATE-READY-01",
          .touches = kMayStick) {
  Ring ring;
  const Pipe pipe;
  pipe.Write();
  ring.Submit(PollAdd(pipe.read_end(), POLLPRI).Tag(kTarget).Link(), Nop().Tag(kNext));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLIN).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kUpdate, 0), Completes(kTarget, POLLIN),
                                                 Completes(kNext, 0)));
}

RING_CASE(PollUpdate, APollOfARegisteredFileIsUpdated, .clause = "POLL-UPDATE-01") {
  Ring ring;
  const Pipe pipe;
  ring.RegisterFiles({pipe.read_end()});
  ring.Submit(PollAdd(0, POLLPRI).FixedFile().Tag(kTarget));

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLIN).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));
  pipe.Write();

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(PollUpdate, EventsBeyondAByteCount, .clause = "POLL-UPDATE-01") {
  Ring ring;
  const Pipe pipe;
  pipe.Fill();
  ring.Submit(PollAdd(pipe.write_end(), POLLPRI).Tag(kTarget));

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLWRNORM).Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0)));
  pipe.Drain();

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLWRNORM)));
}

RING_CASE(PollUpdate, ASilentPollStaysSilent, .clause = "POLL-UPDATE-SKIP-02") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end(), POLLPRI).SkipSuccess().Tag(kTarget).Link(),
              Nop().Tag(kNext));

  ring.Submit(PollRemove(kTarget).UpdateEvents(POLLIN).Tag(kUpdate));
  EXPECT_THAT(ring.ReapUntilQuiet(), ElementsAre(Completes(kUpdate, 0)));

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kNext, 0)));
}

}  // namespace
}  // namespace ringspec
