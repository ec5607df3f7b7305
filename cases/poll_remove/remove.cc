// Removing polls by their user_data: what is found and what is not.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(PollRemove, EndsTheNamedPollAndSparesTheOthers, .clause = "POLL-REMOVE-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(PollRemove, APollOfARegisteredFileIsFound, .clause = "POLL-REMOVE-01") {
  Ring ring;
  const Pipe pipe;
  ring.RegisterFiles({pipe.read_end()});
  ring.Submit(PollAdd(0).FixedFile().Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(PollRemove, ARemovedPollEndsItsSoftChain, .clause = "POLL-REMOVE-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), Nop().Tag(kNext));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kNext, -ECANCELED)));
}

RING_CASE(PollRemove, TakesOnePollOfSeveralThatShareTheUserData, .clause = "POLL-REMOVE-01") {
  Ring ring;
  Pipe pipe;
  for (int i = 0; i < 3; ++i) ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));
  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, POLLIN), Completes(kTarget, POLLIN)));
}

RING_CASE(PollRemove, AnUnknownUserDataIsENOENT, .clause = "POLL-REMOVE-NOENT-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(PollRemove(kNobody).Tag(kRemove));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, -ENOENT), Completes(kBystander, POLLIN)));
}

RING_CASE(PollRemove, ACompletedPollIsENOENT, .clause = "POLL-REMOVE-NOENT-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kRemove, -ENOENT)));
}

RING_CASE(PollRemove, AVainRemovalFailsTheSoftChainBehindIt, .clause = "POLL-REMOVE-NOENT-01") {
  Ring ring;

  ring.Submit(PollRemove(kNobody).Tag(kRemove).Link(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, -ENOENT), Completes(kNext, -ECANCELED)));
}

RING_CASE(PollRemove, ARemovedMultishotPollEndsWithoutMore, .clause = "POLL-REMOVE-MSHOT-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Multishot().Tag(kTarget));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(PollRemove, AMultishotPollThatHasFiredIsRemovedOnce, .clause = "POLL-REMOVE-MSHOT-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Multishot().Tag(kTarget));
  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN).More()));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));

  pipe.Write();
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());
}

// The send wakes the poll within the same submission, before its completion can be posted.
RING_CASE(PollRemove, APollThatIsCompletingIsEALREADY, .clause = "POLL-REMOVE-EALREADY-01") {
  Ring ring;
  SocketPair sockets;
  ring.Submit(PollAdd(sockets.near()).Tag(kTarget));

  ring.Submit(Send(sockets.far(), 1).Tag(kEvent), PollRemove(kTarget).Tag(kRemove));

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kEvent, 1), Completes(kRemove, -EALREADY),
                                   Completes(kTarget, POLLIN)));
}

RING_CASE(PollRemove, AVainOneLeavesNoTrace, .clause = "POLL-REMOVE-NOENT-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollRemove(kNobody).Tag(kCancel));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kCancel, -ENOENT)));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(PollRemove, EachRemovalTakesItsPoll, .clause = "POLL-REMOVE-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kNext));

  ring.Submit(PollRemove(kTarget).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kTarget, -ECANCELED)));

  ring.Submit(PollRemove(kNext).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kNext, -ECANCELED)));
}

RING_CASE(PollRemove, AllSixtyFourBitsOfTheUserDataCount, .clause = "POLL-REMOVE-NOENT-01") {
  constexpr Tag kOtherLow{"other", kTarget.value ^ 1};
  constexpr Tag kOtherHigh{"other", kTarget.value ^ std::uint64_t{1} << 63};
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(PollRemove(kOtherLow).Tag(kRemove), PollRemove(kOtherHigh).Tag(kRemove));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kRemove, -ENOENT), Completes(kRemove, -ENOENT),
                                   Completes(kTarget, POLLIN)));
}

}  // namespace
}  // namespace ringspec
