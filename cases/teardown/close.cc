// Closing a ring cancels what is pending in it.
#include "harness/busy_worker.h"
#include "harness/cases.h"
#include "harness/process.h"

namespace ringspec {
namespace {

RING_CASE(Close, NothingPendingIsWaitedFor, .clause = "EXIT-QUEUE-01") {
  Ring ring;
  Pipe from;
  const Pipe to, idle;
  ring.Submit(Timeout(20s).Tag(kTimeout), PollAdd(idle.read_end()).Tag(kTarget),
              Splice(from.read_end(), to.write_end()).Tag(kBlocker));
  ASSERT_TRUE(WorkersAreBlocked(1));

  EXPECT_THAT(CloseOf(ring), Returns(0));

  from.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(from.write_end()));
}

RING_CASE(Close, WhatWaitsForAWorkerIsReleased, .clause = "EXIT-QUEUE-01") {
  Ring ring;
  Pipe queued;
  const BusyWorker worker(ring);
  ring.Submit(Splice(queued.read_end(), worker.to().write_end()).Tag(kTarget));

  EXPECT_THAT(CloseOf(ring), Returns(0));

  queued.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(queued.write_end()));
}

// Closes a ring on which this request holds the read end of the pipe.
void ExpectFileToBeReleased(Pipe& pipe, const Request& request) {
  Ring ring;
  ring.Submit(request);

  EXPECT_THAT(CloseOf(ring), Returns(0));

  pipe.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

RING_CASE(Close, TheFileOfAPendingReadIsReleased, .clause = "EXIT-QUEUE-02") {
  Pipe pipe;
  ExpectFileToBeReleased(pipe, Read(pipe.read_end()));
}

RING_CASE(Close, TheFileOfAPendingPollIsReleased, .clause = "EXIT-QUEUE-02") {
  Pipe pipe;
  ExpectFileToBeReleased(pipe, PollAdd(pipe.read_end()));
}

// The kernel keeps polls by their user_data.
RING_CASE(Close, TheFileOfManyPollsIsReleased, .clause = "EXIT-QUEUE-02") {
  Ring ring;
  Pipe pipe;
  for (std::uint64_t i = 0; i < 64; ++i) {
    ring.Submit(PollAdd(pipe.read_end()).Tag({"target", kTarget.value + i}));
  }

  EXPECT_THAT(CloseOf(ring), Returns(0));

  pipe.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

RING_CASE(Close, TheFileOfAMultishotPollIsReleased, .clause = "EXIT-QUEUE-02") {
  Pipe pipe;
  ExpectFileToBeReleased(pipe, PollAdd(pipe.read_end()).Multishot());
}

RING_CASE(Close, ARegisteredFileIsReleased, .clause = "EXIT-QUEUE-02") {
  Ring ring;
  Pipe pipe;
  ring.RegisterFiles({pipe.read_end()});
  ring.Submit(Read(0).FixedFile().Tag(kTarget));

  EXPECT_THAT(CloseOf(ring), Returns(0));

  pipe.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

// A ring that is not rid of all its timeouts never lets go of its files.
void ExpectRingToBeReleased(const std::vector<Request>& requests) {
  Ring ring;
  Pipe pipe;
  ring.RegisterFiles({pipe.read_end()});
  ring.SubmitBatch(requests);

  EXPECT_THAT(CloseOf(ring), Returns(0));

  pipe.CloseReadEnd();
  EXPECT_TRUE(TheOtherEndIsReleased(pipe.write_end()));
}

RING_CASE(Close, ACountedTimeoutHoldsNothing, .clause = "EXIT-QUEUE-02") {
  ExpectRingToBeReleased({Timeout(20s).Count(5).Tag(kTimeout)});
}

RING_CASE(Close, ATimeoutThatRepeatsHoldsNothing, .clause = "EXIT-QUEUE-02") {
  ExpectRingToBeReleased({Timeout(20s).Multishot().Tag(kTimeout)});
}

RING_CASE(Close, ATimeoutBeforeAChainHoldsNothing, .clause = "EXIT-QUEUE-02") {
  ExpectRingToBeReleased({Timeout(20s).Link().Tag(kTimeout), Nop().Tag(kNext)});
}

RING_CASE(Close, APollWithALinkTimeoutHoldsNothing, .clause = "EXIT-QUEUE-02") {
  const Pipe idle;
  ExpectRingToBeReleased({PollAdd(idle.read_end()).Link().Tag(kTarget), LinkTimeout(20s)});
}

}  // namespace
}  // namespace ringspec
