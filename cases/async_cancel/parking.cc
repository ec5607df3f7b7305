// Targets that a worker has begun and is about to park: on a poll, a futex, a child or a timer.  A
// cancel that comes then finds a running request, and must not be forgotten.
#include <sys/epoll.h>

#include <functional>

#include "harness/cases.h"
#include "harness/held_thread.h"

namespace ringspec {
namespace {

// Cancels a request that a worker has begun and cannot park before it is let go.
void ExpectNotToBeParked(Ring& ring, const std::function<void()>& let_go) {
  ring.Submit(Cancel(kTarget).Tag(kCancel));
  let_go();

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, -EALREADY),
                                                 Completes(kTarget, Interrupted())));
}

// The reader has the lock of the pipe, and takes the byte that was in it.
RING_CASE(AsyncCancelParking, ARunningReadIsNotParked, .clause = "CANCEL-IOWQ-PARK-01") {
  Ring ring;
  const Pipe pipe;
  pipe.Write();
  HeldThread reader([&](void* page) { std::ignore = read(pipe.read_end(), page, 1); });
  ring.Submit(Read(pipe.read_end()).Async().Tag(kTarget));
  ASSERT_TRUE(WorkersAreBlocked(1));

  ExpectNotToBeParked(ring, [&] { reader.LetGo(); });
}

// The waiter has the lock of the epoll instance, and takes the only event that there will be.
RING_CASE(AsyncCancelParking, ARunningPollIsNotParked, .clause = "CANCEL-IOWQ-PARK-01") {
  Ring ring;
  const Pipe pipe;
  pipe.Write();
  const Descriptor epoll(Must("epoll_create1", epoll_create1(EPOLL_CLOEXEC)));
  epoll_event once{.events = EPOLLIN | EPOLLONESHOT, .data = {}};
  Must("epoll_ctl", epoll_ctl(epoll.get(), EPOLL_CTL_ADD, pipe.read_end(), &once));
  HeldThread waiter(
      [&](void* page) { epoll_wait(epoll.get(), static_cast<epoll_event*>(page), 1, -1); });
  ring.Submit(PollAdd(epoll.get()).Async().Tag(kTarget));
  ASSERT_TRUE(WorkersAreBlocked(1));

  ExpectNotToBeParked(ring, [&] { waiter.LetGo(); });
}

// Cancels the target; a second time, if it was on its way from one place to another and not found.
std::vector<Completion> CancelWhereverItIs(Ring& ring, const Tag& target) {
  ring.Submit(Cancel(target).Tag(kCancel));
  std::vector<Completion> completions = ring.Reap(1);
  if (completions.front().user_data == kCancel.value && completions.front().res == -ENOENT) {
    WorkersAreIdle(1);
    ring.Submit(Cancel(target).Tag(kCancel));
    completions = ring.Reap(1);
  }
  for (Completion& second : ring.Reap(1)) completions.push_back(std::move(second));
  return completions;
}

// Cancels a request that a worker is about to park somewhere, of which it must not be forgotten.
// What cancels it where it is parked may say `counted` for it.
template <typename Parked>
void DrawCancels(const Parked& request, int counted = 0) {
  Ring ring;
  for (int i = 0; i < kDraws && !testing::Test::HasFailure(); ++i) {
    const Tag target = OfRound(kTarget, i);
    const Race race{
        {"canceled", UnorderedElementsAre(Completes(kCancel, 0), Completes(target, -ECANCELED))},
        {"counted",
         UnorderedElementsAre(Completes(kCancel, counted), Completes(target, -ECANCELED))},
        {"interrupted",
         UnorderedElementsAre(Completes(kCancel, -EALREADY), Completes(target, Interrupted()))}};
    ring.Submit(Parked(request).Tag(target));

    race.Draw(CancelWhereverItIs(ring, target));
  }
}

RING_CASE(AsyncCancelParking, NoCancelIsLostWhileATimeoutIsArmed, .clause = "CANCEL-IOWQ-PARK-01") {
  DrawCancels(Timeout(1h).Async());
}

// Of futexes and children kernels count the one whose wait they cancel: another clause's matter.
RING_CASE(AsyncCancelParking, NoCancelIsLostWhileAFutexWaitIsParked,
          .clause = "CANCEL-IOWQ-PARK-02") {
  const Futex futex;
  DrawCancels(FutexWait(futex).Async(), 1);
}

RING_CASE(AsyncCancelParking, NoCancelIsLostWhileAWaitidIsParked, .clause = "CANCEL-IOWQ-PARK-02") {
  const Child child;
  DrawCancels(WaitId(child.pid()).Async(), 1);
}

}  // namespace
}  // namespace ringspec
