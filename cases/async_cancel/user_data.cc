// The default key: the user_data of the request to be canceled.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancel, UserDataSelectsOneRequestAndSparesTheOthers, .clause = "CANCEL-UD-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancel, SharedUserDataIsCanceledOneRequestAtATime, .clause = "CANCEL-UD-02") {
  Ring ring;
  Pipe pipe;
  for (int i = 0; i < 3; ++i) ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, POLLIN), Completes(kTarget, POLLIN)));
}

RING_CASE(AsyncCancel, EveryBitOfUserDataIsCompared, .clause = "CANCEL-UD-04") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  for (int bit = 0; bit < 64; ++bit) {
    ring.Submit(Cancel(kTarget.value ^ (std::uint64_t{1} << bit)).Tag(kCancel));
  }
  std::vector<Completion> completions = ring.Reap(64);

  EXPECT_THAT(completions, AllOf(SizeIs(64), Each(Completes(kCancel, -ENOENT))));
  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(AsyncCancel, ZeroIsALegalUserData, .clause = "CANCEL-UD-05") {
  constexpr Tag kZero{"zero", 0};
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kZero), PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(Cancel(kZero).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kZero, -ECANCELED),
                                   Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancel, UnknownUserDataIsENOENT, .clause = "CANCEL-NOENT-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(Cancel(kNobody).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancel, ACompletedAndReapedRequestIsENOENT, .clause = "CANCEL-NOENT-02") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kCancel, -ENOENT)));
}

RING_CASE(AsyncCancel, ACompletedRequestIsENOENTBeforeItIsReaped, .clause = "CANCEL-NOENT-02") {
  Ring ring;
  ring.Submit(Nop().Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, 0), Completes(kCancel, -ENOENT)));
}

}  // namespace
}  // namespace ringspec
