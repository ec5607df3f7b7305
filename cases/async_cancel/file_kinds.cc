// FD, FD_FIXED and OP find every kind of request that waits for a descriptor.
#include <sys/epoll.h>
#include <sys/uio.h>

#include "harness/cases.h"

namespace ringspec {
namespace {

using Ends = std::vector<CompletionMatcher>;

// Takes one such request after the other, each by another key, beside one that no key names.
void ExpectFoundByEveryKey(Ring& ring, const Request& target, const Ends& ends) {
  const Pipe idle;
  ring.RegisterFiles({target.sqe.fd, -1});
  ring.Submit(PollAdd(idle.read_end()).Tag(kBystander));

  for (Cancel by_key : {Cancel(kBystander).Fd(target.sqe.fd), Cancel(kBystander).FixedFd(0),
                        Cancel(kBystander).Opcode(target.sqe.opcode)}) {
    ring.SubmitBatch({target});
    ring.Submit(by_key.All().Tag(kCancel));
    Ends expected = ends;
    expected.push_back(Completes(kCancel, 1));
    EXPECT_THAT(ring.Reap(static_cast<int>(expected.size())), UnorderedElementsAreArray(expected));
    if (testing::Test::HasFailure()) break;
  }

  idle.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, POLLIN)));
}

void ExpectFoundByEveryKey(const Request& target) {
  Ring ring;
  ExpectFoundByEveryKey(ring, target, {Completes(kTarget, -ECANCELED)});
}

auto Become(std::uint8_t opcode) {
  return [opcode](uapi::Sqe& sqe) { sqe.opcode = opcode; };
}

// Memory that is registered as buffer 0, and a request that moves a byte of it.
struct RegisteredBuffer {
  explicit RegisteredBuffer(Ring& ring) {
    if (const int result = ring.Register(IORING_REGISTER_BUFFERS, &whole, 1); result < 0) {
      throw SetupError("IORING_REGISTER_BUFFERS", -result);
    }
  }
  auto Use(std::uint8_t opcode) const {
    return [opcode](uapi::Sqe& sqe) {
      sqe.opcode = opcode;
      sqe.addr = AddressOf(bytes);
      sqe.len = 1;
    };
  }
  auto UseVector(std::uint8_t opcode) const {
    return [opcode](uapi::Sqe& sqe) {
      sqe.opcode = opcode;
      sqe.addr = AddressOf(&whole);
      sqe.len = 1;
    };
  }

  alignas(4096) static inline char bytes[4096];
  static inline const iovec whole{bytes, sizeof(bytes)};
};

RING_CASE(AsyncCancelKinds, AReadIntoARegisteredBuffer, .clause = "CANCEL-KIND-01") {
  Ring ring;
  const RegisteredBuffer buffer(ring);
  const Pipe pipe;
  ExpectFoundByEveryKey(ring, Read(pipe.read_end()).With(buffer.Use(IORING_OP_READ_FIXED)),
                        {Completes(kTarget, -ECANCELED)});
}

RING_CASE(AsyncCancelKinds, AWriteFromARegisteredBuffer, .clause = "CANCEL-KIND-01") {
  Ring ring;
  const RegisteredBuffer buffer(ring);
  const Pipe pipe;
  pipe.Fill();
  ExpectFoundByEveryKey(ring, Write(pipe.write_end()).With(buffer.Use(IORING_OP_WRITE_FIXED)),
                        {Completes(kTarget, -ECANCELED)});
}

RING_CASE(AsyncCancelKinds, AVectoredReadIntoARegisteredBuffer, .clause = "CANCEL-KIND-VECTOR-01") {
  Ring ring;
  const RegisteredBuffer buffer(ring);
  const Pipe pipe;
  ExpectFoundByEveryKey(ring, Read(pipe.read_end()).With(buffer.UseVector(uapi::kOpReadvFixed)),
                        {Completes(kTarget, -ECANCELED)});
}

RING_CASE(AsyncCancelKinds, AWriteToAFullPipe, .clause = "CANCEL-KIND-01") {
  const Pipe pipe;
  pipe.Fill();
  ExpectFoundByEveryKey(Write(pipe.write_end()));
}

RING_CASE(AsyncCancelKinds, ASendToAFullSocket, .clause = "CANCEL-KIND-01") {
  const SocketPair sockets;
  sockets.FillFromNear();
  ExpectFoundByEveryKey(Send(sockets.near()));
}

RING_CASE(AsyncCancelKinds, ASendOfAMessageToAFullSocket, .clause = "CANCEL-KIND-01") {
  const SocketPair sockets;
  sockets.FillFromNear();
  ExpectFoundByEveryKey(RecvMsg(sockets.near()).With(Become(IORING_OP_SENDMSG)));
}

// F_MORE announces that the memory is still in use; the notification that it is not comes last.
RING_CASE(AsyncCancelKinds, ASendWithoutCopying, .clause = "CANCEL-KIND-ZC-01") {
  Ring ring;
  const FullTcpPair sockets;
  ExpectFoundByEveryKey(ring, Send(sockets.near()).With(Become(uapi::kOpSendZc)),
                        {Completes(kTarget, -ECANCELED).More(), Completes(kTarget, 0)});
}

RING_CASE(AsyncCancelKinds, ASendOfAMessageWithoutCopying, .clause = "CANCEL-KIND-ZC-01") {
  Ring ring;
  const FullTcpPair sockets;
  ExpectFoundByEveryKey(ring, RecvMsg(sockets.near()).With(Become(uapi::kOpSendmsgZc)),
                        {Completes(kTarget, -ECANCELED).More(), Completes(kTarget, 0)});
}

RING_CASE(AsyncCancelKinds, AReceive, .clause = "CANCEL-KIND-01") {
  const SocketPair sockets;
  ExpectFoundByEveryKey(Recv(sockets.near()));
}

RING_CASE(AsyncCancelKinds, AReceiveOfAMessage, .clause = "CANCEL-KIND-01") {
  const SocketPair sockets;
  ExpectFoundByEveryKey(RecvMsg(sockets.near()));
}

RING_CASE(AsyncCancelKinds, AReceiveThatRepeats, .clause = "CANCEL-KIND-01") {
  Ring ring;
  ProvideBuffers(ring);
  const SocketPair sockets;
  ExpectFoundByEveryKey(ring, RecvMultishot(sockets.near()), {Completes(kTarget, -ECANCELED)});
}

RING_CASE(AsyncCancelKinds, AReceiveOfMessagesThatRepeats, .clause = "CANCEL-KIND-01") {
  Ring ring;
  ProvideBuffers(ring);
  const SocketPair sockets;
  ExpectFoundByEveryKey(ring, RecvMsg(sockets.near()).BufferSelect().With([](uapi::Sqe& sqe) {
    sqe.ioprio = uapi::kRecvMultishot;
    reinterpret_cast<msghdr*>(sqe.addr)->msg_iovlen = 0;
  }),
                        {Completes(kTarget, -ECANCELED)});
}

RING_CASE(AsyncCancelKinds, AnAccept, .clause = "CANCEL-KIND-01") {
  const Listener listener;
  ExpectFoundByEveryKey(Accept(listener.fd()));
}

RING_CASE(AsyncCancelKinds, AnAcceptIntoASlot, .clause = "CANCEL-KIND-01") {
  const Listener listener;
  ExpectFoundByEveryKey(Accept(listener.fd()).With([](uapi::Sqe& sqe) {
    sqe.file_index = 2;  // Slot 1.
  }));
}

RING_CASE(AsyncCancelKinds, AnAcceptThatRepeats, .clause = "CANCEL-KIND-01") {
  const Listener listener;
  ExpectFoundByEveryKey(Accept(listener.fd()).Multishot());
}

RING_CASE(AsyncCancelKinds, AConnect, .clause = "CANCEL-KIND-01") {
  const FullListener listener;
  const Descriptor client = listener.NewClient();
  Ring ring;
  ring.RegisterFiles({client.get()});
  ring.Submit(Connect(client.get(), &listener.address(), sizeof(listener.address())).Tag(kTarget));

  ring.Submit(Cancel(kBystander).FixedFd(0).Opcode(IORING_OP_CONNECT).All().Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 1), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelKinds, APoll, .clause = "CANCEL-KIND-POLL-01") {
  const Pipe pipe, idle;
  Ring ring;
  ring.RegisterFiles({pipe.read_end()});
  ring.Submit(PollAdd(0).FixedFile().Multishot().Tag(kTarget),
              PollAdd(idle.read_end()).Tag(kBystander), Read(pipe.read_end()).Tag(kNext));

  ring.Submit(Cancel(kBystander).FixedFd(0).Opcode(IORING_OP_POLL_ADD).All().Tag(kCancel));
  idle.Write();
  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 1), Completes(kTarget, -ECANCELED),
                                   Completes(kBystander, POLLIN), Completes(kNext, 1)));
}

RING_CASE(AsyncCancelKinds, AWaitOnAnEpoll, .clause = "CANCEL-KIND-EPOLL-01") {
  const Pipe pipe;
  const Descriptor epoll(Must("epoll_create1", epoll_create1(EPOLL_CLOEXEC)));
  epoll_event event{.events = EPOLLIN, .data = {}};
  Must("epoll_ctl", epoll_ctl(epoll.get(), EPOLL_CTL_ADD, pipe.read_end(), &event));
  ExpectFoundByEveryKey(EpollWait(epoll.get()));
}

}  // namespace
}  // namespace ringspec
