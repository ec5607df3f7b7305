// When and in which order the completions of a cancel are there.
#include <sys/eventfd.h>
#include <unistd.h>

#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelOrder, TheCancelHasCompletedWhenSubmissionReturns,
          .clause = "CANCEL-SYNC-01") {
  Ring ring;

  ring.Submit(Cancel(kNobody).Tag(kCancel));

  EXPECT_THAT(ring.ArrivedAtReturn(), ElementsAre(Completes(kCancel, -ENOENT)));
  ring.Reap(1);
}

// The target has completed too when submission returns.
void ExpectBothAtReturn(const Request& target) {
  Ring ring;
  ring.Submit(target);

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  const auto both = UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED));
  EXPECT_THAT(ring.ArrivedAtReturn(), both);
  EXPECT_THAT(ring.Reap(2), both);
}

RING_CASE(AsyncCancelOrder, ACanceledPollHasCompletedWhenSubmissionReturns,
          .clause = "CANCEL-SYNC-02") {
  const Pipe pipe;
  ExpectBothAtReturn(PollAdd(pipe.read_end()).Tag(kTarget));
}

RING_CASE(AsyncCancelOrder, ACanceledReadHasCompletedWhenSubmissionReturns,
          .clause = "CANCEL-SYNC-02") {
  const Pipe pipe;
  ExpectBothAtReturn(Read(pipe.read_end()).Tag(kTarget));
}

RING_CASE(AsyncCancelOrder, ACanceledTimeoutHasCompletedWhenSubmissionReturns,
          .clause = "CANCEL-SYNC-02") {
  ExpectBothAtReturn(Timeout(20s).Tag(kTarget));
}

RING_CASE(AsyncCancelOrder, ACanceledTargetHasCompletedAfterGetEvents, .clause = "CANCEL-SYNC-03") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  ring.GetEvents();

  const auto both = UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED));
  EXPECT_THAT(ring.ArrivedAtReturn(), both);
  EXPECT_THAT(ring.Reap(2), both);
}

RING_CASE(AsyncCancelOrder, WhateverHasArrivedAtFirstBothComeInTheEnd, .clause = "CANCEL-SYNC-04") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.TrySubmit({Cancel(kTarget).Tag(kCancel)});
  ring.ArrivedAtReturn();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelOrder, ACanceledTargetHasCompletedAfterTheNextSystemCall,
          .clause = "CANCEL-SYNC-05") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  getppid();

  const auto both = UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED));
  EXPECT_THAT(ring.ArrivedAtReturn(), both);
  EXPECT_THAT(ring.Reap(2), both);
}

// Both come; which is first goes on record.
void RecordOrder(const Request& target) {
  Ring ring;
  ring.Submit(target);

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  const std::vector<Completion> completions = ring.Reap(2);

  EXPECT_THAT(completions,
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
  Record("first", completions.front().tag);
}

RING_CASE(AsyncCancelOrder, ThePollOrItsCancelIsFirst, .clause = "CANCEL-ORDER-01") {
  const Pipe pipe;
  RecordOrder(PollAdd(pipe.read_end()).Tag(kTarget));
}

RING_CASE(AsyncCancelOrder, TheTimeoutOrItsCancelIsFirst, .clause = "CANCEL-ORDER-01") {
  RecordOrder(Timeout(20s).Tag(kTarget));
}

RING_CASE(AsyncCancelOrder, NothingIsLostWhenTheCqOverflows, .clause = "CANCEL-OVERFLOW-01") {
  constexpr int kTargets = 40;
  Ring ring({.entries = 64, .cq_entries = 64});
  const Pipe pipe;
  std::vector<Request> targets, cancels;
  std::vector<CompletionMatcher> expected(kTargets, Completes(kCancel, 0));
  for (std::uint64_t i = 0; i < kTargets; ++i) {
    const Tag tag{"target", kTarget.value + i};
    targets.push_back(PollAdd(pipe.read_end()).Tag(tag));
    cancels.push_back(Cancel(tag).Tag(kCancel));
    expected.push_back(Completes(tag, -ECANCELED));
  }
  ring.SubmitBatch(targets);

  ring.SubmitBatch(cancels);

  EXPECT_THAT(ring.Reap(2 * kTargets), UnorderedElementsAreArray(expected));
}

// The cancel itself is silent, so that the signal can only be the target's.
RING_CASE(AsyncCancelOrder, ACanceledRequestSignalsTheEventfd, .clause = "CANCEL-EVENTFD-01") {
  Ring ring;
  const Pipe pipe;
  const Descriptor event(Must("eventfd", eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)));
  const int fd = event.get();
  Must("IORING_REGISTER_EVENTFD", ring.Register(IORING_REGISTER_EVENTFD, &fd, 1));
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  eventfd_t count = 0;
  EXPECT_NE(eventfd_read(fd, &count), 0) << "signaled before anything completed";

  ring.Submit(Cancel(kTarget).SkipSuccess().Tag(kCancel));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, -ECANCELED)));
  const bool signaled = eventfd_read(fd, &count) == 0;
  Record("eventfd", signaled ? "signaled" : "silent");
  EXPECT_TRUE(signaled);
}

}  // namespace
}  // namespace ringspec
