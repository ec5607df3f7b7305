// Targets that wait for a descriptor: polls, and requests on their internal poll.
#include <sys/epoll.h>

#include <barrier>
#include <thread>

#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(AsyncCancelPollable, AnArmedPollEndsWithECANCELED, .clause = "CANCEL-POLL-01") {
  Ring ring;
  const Pipe pipe;
  pipe.Fill();
  ring.Submit(PollAdd(pipe.write_end(), POLLOUT).Tag(kTarget),
              PollAdd(pipe.write_end(), POLLOUT).Tag(kBystander));

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  pipe.Drain();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLOUT)));
}

RING_CASE(AsyncCancelPollable, AnEventMeetsTheCancelOfItsPoll, .clause = "CANCEL-POLL-READY-01") {
  const Race race{
      {"canceled", UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED))},
      {"fired", UnorderedElementsAre(Completes(kCancel, AnyOf(-ENOENT, -EALREADY)),
                                     Completes(kTarget, POLLIN))},
      {"fired and canceled",
       UnorderedElementsAre(Completes(kCancel, -EALREADY), Completes(kTarget, -ECANCELED))}};
  Ring ring;
  const Pipe pipe;
  for (int i = 0; i < kDraws; ++i) {
    ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
    std::barrier start(2);
    std::thread writer([&] {
      start.arrive_and_wait();
      pipe.Write();
    });

    start.arrive_and_wait();
    ring.Submit(Cancel(kTarget).Tag(kCancel));

    race.Draw(ring.Reap(2));
    writer.join();
    pipe.Drain();
  }
}

// One request that waits for its descriptor is canceled, and its bystander is not.
template <typename Target>
void ExpectCanceledWhileWaiting(const Target& target, const std::function<void()>& wake_bystander) {
  Ring ring;
  ring.Submit(Target(target).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
  ring.Submit(Target(target).Tag(kBystander));
  wake_bystander();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, 1)));
}

RING_CASE(AsyncCancelPollable, AReadFromAnEmptyPipe, .clause = "CANCEL-READ-ARMED-01") {
  const Pipe pipe;
  ExpectCanceledWhileWaiting(Read(pipe.read_end()), [&] { pipe.Write(); });
}

RING_CASE(AsyncCancelPollable, ARecvFromAnIdleSocket, .clause = "CANCEL-RECV-ARMED-01") {
  const SocketPair sockets;
  ExpectCanceledWhileWaiting(Recv(sockets.near()), [&] { sockets.SendToNear(); });
}

RING_CASE(AsyncCancelPollable, ARecvMsgFromAnIdleSocket, .clause = "CANCEL-RECV-ARMED-01") {
  const SocketPair sockets;
  ExpectCanceledWhileWaiting(RecvMsg(sockets.near()), [&] { sockets.SendToNear(); });
}

RING_CASE(AsyncCancelPollable, AnEpollWaitWithoutEvents, .clause = "CANCEL-EPOLLWAIT-01") {
  const Pipe pipe;
  const Descriptor epoll(Must("epoll_create1", epoll_create1(EPOLL_CLOEXEC)));
  epoll_event event{.events = EPOLLIN, .data = {}};
  Must("epoll_ctl", epoll_ctl(epoll.get(), EPOLL_CTL_ADD, pipe.read_end(), &event));
  ExpectCanceledWhileWaiting(EpollWait(epoll.get()), [&] { pipe.Write(); });
}

RING_CASE(AsyncCancelPollable, ASendToAFullSocket, .clause = "CANCEL-SEND-ARMED-01") {
  Ring ring;
  const SocketPair sockets;
  sockets.FillFromNear();
  ring.Submit(Send(sockets.near()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelPollable, APartialSendReportsItsBytes, .clause = "CANCEL-SEND-ARMED-01") {
  constexpr unsigned kMoreThanTheSocketTakes = 4 << 20;
  Ring ring;
  const SocketPair sockets;
  ring.Submit(Send(sockets.near(), kMoreThanTheSocketTakes).MessageFlags(MSG_WAITALL).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, Gt(0))));
}

// cancelation(7): -ECANCELED, or -EINTR where it was in progress already.
RING_CASE(AsyncCancelPollable, AnAcceptWithoutClients, .clause = "CANCEL-ACCEPT-01") {
  Ring ring;
  const Listener listener;
  ring.Submit(Accept(listener.fd()).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(
      ring.Reap(2),
      AnyOf(UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)),
            UnorderedElementsAre(Completes(kCancel, -EALREADY), Completes(kTarget, -EINTR))));
}

RING_CASE(AsyncCancelPollable, AConnectToAFullListener, .clause = "CANCEL-CONNECT-01") {
  const FullListener listener;
  const Descriptor client = listener.NewClient();
  Ring ring;
  ring.Submit(Connect(client.get(), &listener.address(), sizeof(listener.address())).Tag(kTarget));

  ring.Submit(Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

}  // namespace
}  // namespace ringspec
