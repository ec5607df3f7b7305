// The end of a process cancels its requests; that of another process does not.
#include "harness/process.h"

#include "harness/cases.h"

namespace ringspec {
namespace {

// Leaves a request of each kind pending, the read with the read end of `pipe`.
void LeaveRequestsPending(const Pipe& pipe) {
  static const Pipe from, to;
  static const Futex futex;
  static const Child child;
  Ring ring;
  ring.Submit(Splice(from.read_end(), to.write_end()).Tag(kBlocker));
  if (!WorkersAreBlocked(1)) throw SetupError("a splice from an empty pipe", ETIME);
  ring.Submit(Timeout(20s).Tag(kTimeout), PollAdd(from.read_end()).Tag(kTarget),
              Read(pipe.read_end()).Tag(kTarget), FutexWait(futex).Tag(kTarget),
              WaitId(child.pid()).Tag(kTarget));
}

RING_CASE(ProcessEnd, AnExitWaitsForNoRequest, .clause = "EXIT-PROC-01") {
  Pipe pipe;
  Process process([&] { LeaveRequestsPending(pipe); });

  EXPECT_THAT(process.Exit(), Returns(0));

  pipe.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

RING_CASE(ProcessEnd, AKilledProcessWaitsForNoRequest, .clause = "EXIT-KILL-01") {
  Pipe pipe;
  Process process([&] { LeaveRequestsPending(pipe); });

  EXPECT_THAT(process.Kill(), Returns(0));

  pipe.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

RING_CASE(ProcessEnd, AnotherProgramDoesNotInheritTheRing, .clause = "EXIT-EXEC-01") {
  Pipe pipe;
  Process process([&] { LeaveRequestsPending(pipe); });

  EXPECT_THAT(process.Exec(), Returns(0));

  pipe.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

RING_CASE(ProcessEnd, AnotherProgramReplacesThreadsWithRequests, .clause = "EXIT-EXEC-THREAD-01",
          .touches = kMayStick) {
  Pipe pipe;
  Process process([&] { InAThreadThatStays([&] { LeaveRequestsPending(pipe); }); });

  EXPECT_THAT(process.Exec(), Returns(0));

  pipe.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

RING_CASE(ProcessEnd, ADrainedRequestDoesNotHoldItUp, .clause = "EXIT-DRAIN-01") {
  Pipe pipe;
  Process process([&] {
    Ring ring;
    ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
    ring.Submit(Nop().Drain().Tag(kNext), Read(pipe.read_end()).Tag(kLast));
    EXPECT_THAT(ring.ArrivedAtReturn(), IsEmpty());
  });

  EXPECT_THAT(process.Exit(), Returns(0));

  pipe.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

RING_CASE(ProcessEnd, RingsThatPollThemselvesAreReleased, .clause = "EXIT-RINGFD-POLL-01") {
  Pipe pipe;
  Process process([&] {
    Ring ring;
    ring.Submit(PollAdd(ring.fd()).Tag(kTarget));
    ring.Submit(Read(pipe.read_end()).Tag(kBystander));
  });

  EXPECT_THAT(process.Exit(), Returns(0));

  pipe.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

RING_CASE(ProcessEnd, RingsThatPollEachOtherAreReleased, .clause = "EXIT-RINGFD-POLL-01") {
  Pipe pipe;
  Process process([&] {
    Ring ring;
    Ring other;
    ring.Submit(PollAdd(other.fd()).Tag(kTarget), Read(pipe.read_end()).Tag(kBystander));
    other.Submit(PollAdd(ring.fd()).Tag(kTarget), Read(pipe.read_end()).Tag(kBystander));
  });

  EXPECT_THAT(process.Exit(), Returns(0));

  pipe.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

RING_CASE(ProcessEnd, WhatIsCanceledButNotReapedDoesNotHoldItUp, .clause = "EXIT-DEFER-01") {
  Pipe pipe;
  Process process([&] {
    Ring ring;
    for (int i = 0; i < 16; ++i) ring.Submit(Read(pipe.read_end()).Tag(kTarget));
    ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));
    ring.Submit(Cancel(kTarget).Tag(kCancel));
    pipe.Write();
  });

  EXPECT_THAT(process.Exit(), Returns(0));

  pipe.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

// Requests of a parent that outlive its child: running, waiting for an event, waiting for a time.
class ParentsRequests {
 public:
  explicit ParentsRequests(Ring& ring) {
    ring.Submit(Splice(from_.read_end(), to_.write_end()).Tag(kTarget));
    if (!WorkersAreBlocked(1)) ADD_FAILURE() << "the target did not get into a worker";
    ring.Submit(PollAdd(polled_.read_end()).Tag(kBystander), Timeout(50ms).Tag(kTimeout));
  }

  const Pipe& from() const { return from_; }
  void LetThemEnd() const {
    from_.Write();
    polled_.Write();
  }
  std::vector<CompletionMatcher> Ends() const {
    return {Completes(kTarget, 1), Completes(kBystander, POLLIN),
            Completes(kTimeout, -ETIME).After(50ms)};
  }

 private:
  Pipe from_, to_, polled_;
};

RING_CASE(ProcessEnd, AChildsExitCancelsNothingOfItsParents, .clause = "EXIT-FORK-01") {
  Ring ring;
  const ParentsRequests requests(ring);
  Process child([] {});

  EXPECT_THAT(child.Exit(), Returns(0));

  requests.LetThemEnd();
  EXPECT_THAT(ring.Reap(3), UnorderedElementsAreArray(requests.Ends()));
}

// The child has a request of its own in the ring, which goes with it.  Where only the ring's owner
// or its thread may submit, it has none.
RING_CASE(ProcessEnd, AChildThatIsReplacedCancelsNothingOfItsParents, .clause = "EXIT-FORK-01") {
  Ring ring;
  const ParentsRequests requests(ring);
  ring.Publish({PollAdd(requests.from().read_end()).Tag(kNext)});
  Process child([&] { ring.Enter(1, 0, 0, nullptr, 0); });

  EXPECT_THAT(child.Exec(), Returns(0));

  requests.LetThemEnd();
  std::vector<CompletionMatcher> with_the_childs = requests.Ends();
  with_the_childs.push_back(Completes(kNext, AnyOf(-ECANCELED, POLLIN)));
  EXPECT_THAT(ring.ReapFor(100ms), AnyOf(UnorderedElementsAreArray(requests.Ends()),
                                         UnorderedElementsAreArray(with_the_childs)));
}

}  // namespace
}  // namespace ringspec
