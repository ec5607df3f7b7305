// Waits in more than one thread, and task work that a wait has to run.
#include <thread>

#include "harness/cases.h"
#include "harness/pass_time.h"

namespace ringspec {
namespace {

// The call alone, for threads beside that of the case: nothing is recorded.
int WaitInThread(Ring& ring, unsigned min_complete, Duration span) {
  const __kernel_timespec limit = ToTimespec(span);
  const uapi::GeteventsArg argument{0, 0, 0, AddressOf(&limit)};
  return ring.Enter(0, min_complete, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument,
                    sizeof(argument));
}

RING_CASE(WaitDeferred, AnExpiredWaitHasRunThePendingWork, .clause = "WAIT-DEFER-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  pipe.Write();

  // Whether a wait that saw one of two says so is another clause's matter.
  EXPECT_THAT(EnterAndWait(ring, Wait(2).For(50ms)).res, AnyOf(0, -ETIME));
  EXPECT_THAT(ring.ArrivedAtReturn(), ElementsAre(Completes(kTarget, POLLIN)));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(WaitDeferred, AnExpiredWaitHasRunTheWorkThatCameMeanwhile, .clause = "WAIT-DEFER-01") {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  std::thread other([&] {
    PassTime(20ms);
    pipe.Write();
  });

  // Whether a wait that saw one of two says so is another clause's matter.
  const Completion returned = EnterAndWait(ring, Wait(2).For(300ms));
  other.join();

  EXPECT_THAT(returned.res, AnyOf(0, -ETIME));
  EXPECT_THAT(ring.ArrivedAtReturn(), ElementsAre(Completes(kTarget, POLLIN)));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(WaitDeferred, OnlyTheOwnerMayWait, .clause = "WAIT-DEFER-02") {
  Ring ring;

  std::thread([&] {
    EXPECT_THAT(Call("enter", [&] { return ring.Enter(0, 0, IORING_ENTER_GETEVENTS, nullptr, 0); }),
                Returns(-EEXIST));
  }).join();
}

// The first waiter wants more than will come; the second must be woken all the same.
RING_CASE(WaitThreads, EveryWaiterThatIsServedIsWoken, .clause = "WAIT-MULTI-01") {
  Ring ring;
  const TimePoint due = Now() + 100ms;
  ring.Submit(Timeout(100ms).Tag(kTimeout));
  std::thread greedy([&] { WaitInThread(ring, 4, 400ms); });
  PassTime(20ms);

  const Completion returned = EnterAndWait(ring, Wait(1).For(20s));
  greedy.join();

  EXPECT_THAT(returned, Returns(0).DueAt(due));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTimeout, -ETIME)));
}

// The same with an event that is no timeout: that of a timeout wakes every waiter.
RING_CASE(WaitThreads, AWaiterThatWantsMoreHidesNothing, .clause = "WAIT-MULTI-01") {
  Ring ring;
  PassTime(20ms);  // A polling thread is asleep by now and takes nothing before it is told.
  ring.Publish({Nop().Tag(kTarget)});
  Completion returned;
  std::thread greedy([&] { WaitInThread(ring, 4, 400ms); });
  PassTime(20ms);
  std::thread modest([&] { returned = Call("wait", [&] { return WaitInThread(ring, 1, 5s); }); });
  PassTime(20ms);

  const TimePoint due = Now();
  ring.Enter(1, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0);
  modest.join();
  greedy.join();

  EXPECT_THAT(returned, Returns(0).DueAt(due));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0)));
}

RING_CASE(WaitThreads, EachHasALimitOfItsOwn, .clause = "WAIT-EXT-01") {
  Ring ring;
  std::thread patient([&] { WaitInThread(ring, 1, 400ms); });
  PassTime(20ms);

  EXPECT_THAT(EnterAndWait(ring, Wait(1).For(50ms)), Returns(-ETIME).After(50ms));
  patient.join();
}

}  // namespace
}  // namespace ringspec
