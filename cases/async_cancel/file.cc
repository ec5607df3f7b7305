// FD: the file of the request as the key.
#include <fcntl.h>
#include <sys/uio.h>

#include "harness/cases.h"

namespace ringspec {
namespace {

// A cancel by file carries the user_data of a request that it must spare: a kernel that looks at
// that, or not at the flag, is found out.
Cancel CancelByFile(int fd, const Tag& decoy = kBystander) {
  return Cancel(decoy).Fd(fd).Tag(kCancel);
}

RING_CASE(AsyncCancelFd, OneRequestOnTheFileWhateverItsUserData, .clause = "CANCEL-FD-01") {
  Ring ring;
  const Pipe pipe;
  const Pipe other;
  ring.Submit(PollAdd(other.read_end()).Tag(kBystander), PollAdd(pipe.read_end()).Tag(kTarget),
              PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(CancelByFile(pipe.read_end()));
  pipe.Write();
  other.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                   Completes(kTarget, POLLIN), Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelFd, AllTakesEveryKindOfRequestOnASocket, .clause = "CANCEL-FD-02") {
  const auto become_sendmsg = [](uapi::Sqe& sqe) { sqe.opcode = IORING_OP_SENDMSG; };
  Ring ring;
  const SocketPair sockets;
  sockets.FillFromNear();
  ring.Submit(Recv(sockets.near()).Tag(kTarget), RecvMsg(sockets.near()).Tag(kTarget),
              Send(sockets.near()).Tag(kTarget),
              RecvMsg(sockets.near()).With(become_sendmsg).Tag(kTarget),
              PollAdd(sockets.near()).Tag(kTarget), PollAdd(sockets.far(), 0).Tag(kNext));

  ring.Submit(CancelByFile(sockets.near()).All());

  std::vector<CompletionMatcher> expected(5, Completes(kTarget, -ECANCELED));
  expected.push_back(Completes(kCancel, 5));
  EXPECT_THAT(ring.Reap(6), UnorderedElementsAreArray(expected));
  ring.Submit(Cancel(kNext).Tag(kRemove));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kRemove, 0), Completes(kNext, -ECANCELED)));
}

RING_CASE(AsyncCancelFd, VectoredReadsAndWritesAreFound, .clause = "CANCEL-FD-02") {
  static char byte;
  static const iovec piece{&byte, 1};
  const auto become = [](std::uint8_t opcode) {
    return [opcode](uapi::Sqe& sqe) {
      sqe.opcode = opcode;
      sqe.addr = AddressOf(&piece);
      sqe.len = 1;
    };
  };
  Ring ring;
  const Pipe empty, full;
  full.Fill();
  ring.Submit(Read(empty.read_end()).With(become(IORING_OP_READV)).Tag(kTarget),
              Write(full.write_end()).With(become(IORING_OP_WRITEV)).Tag(kNext));

  ring.Submit(CancelByFile(empty.read_end()).All(), CancelByFile(full.write_end()).All());

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 1), Completes(kTarget, -ECANCELED),
                                   Completes(kCancel, 1), Completes(kNext, -ECANCELED)));
}

RING_CASE(AsyncCancelFd, ThatOfAListenerOrAClientFindsTheirRequests, .clause = "CANCEL-FD-02") {
  const FullListener full;
  const Descriptor client = full.NewClient();
  const Listener listener;
  Ring ring;
  ring.Submit(Accept(listener.fd()).Tag(kTarget),
              Connect(client.get(), &full.address(), sizeof(full.address())).Tag(kNext));

  ring.Submit(CancelByFile(listener.fd()).All(), CancelByFile(client.get()).All());

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, 1), Completes(kTarget, -ECANCELED),
                                   Completes(kCancel, 1), Completes(kNext, -ECANCELED)));
}

RING_CASE(AsyncCancelFd, AllTakesEveryRequestOnThatFileOnly, .clause = "CANCEL-FD-02") {
  Ring ring;
  const Pipe pipe;
  const Pipe other;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget), PollAdd(other.read_end()).Tag(kBystander),
              Read(pipe.read_end()).Tag(kNext), Timeout(50ms).Tag(kTimeout),
              CancelByFile(pipe.read_end()).All());
  other.Write();

  std::vector<Completion> completions = ring.Reap(5);

  EXPECT_THAT(completions,
              UnorderedElementsAre(Completes(kCancel, 2), Completes(kTarget, -ECANCELED),
                                   Completes(kNext, -ECANCELED), Completes(kBystander, POLLIN),
                                   Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(AsyncCancelFd, ADuplicateOfTheDescriptorFindsTheRequest, .clause = "CANCEL-FD-03") {
  Ring ring;
  const Pipe pipe;
  const Descriptor duplicate = Duplicate(pipe.read_end());
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(CancelByFile(duplicate.get()));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelFd, ASecondOpenOfTheSameFifoFindsNothing, .clause = "CANCEL-FD-04") {
  Ring ring;
  const TempDirectory directory;
  const std::string fifo = directory.Fifo();
  const Descriptor used(Must("open", open(fifo.c_str(), O_RDWR | O_CLOEXEC)));
  const Descriptor unused(Must("open", open(fifo.c_str(), O_RDWR | O_CLOEXEC)));
  ring.Submit(PollAdd(used.get()).Tag(kTarget));

  ring.Submit(CancelByFile(unused.get(), kTarget));
  Must("write", static_cast<int>(write(unused.get(), "x", 1)));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kTarget, POLLIN)));
}

RING_CASE(AsyncCancelFd, TheDescriptorFindsARequestOnTheFixedFile, .clause = "CANCEL-FD-05") {
  Ring ring;
  const Pipe pipe;
  ring.RegisterFiles({pipe.read_end()});
  ring.Submit(PollAdd(0).FixedFile().Tag(kTarget));

  ring.Submit(CancelByFile(pipe.read_end()));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelFd, TheFixedFileFindsARequestOnTheDescriptor, .clause = "CANCEL-FD-05") {
  Ring ring;
  const Pipe pipe;
  ring.RegisterFiles({pipe.read_end()});
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  ring.Submit(Cancel(kBystander).FixedFd(0).Tag(kCancel));
  pipe.Write();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

RING_CASE(AsyncCancelFd, AnUnknownDescriptorIsEBADF, .clause = "CANCEL-FD-BADF-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kBystander));

  ring.Submit(CancelByFile(999), CancelByFile(-1), CancelByFile(999).All());
  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kCancel, -EBADF), Completes(kCancel, -EBADF),
                                   Completes(kCancel, -EBADF), Completes(kBystander, POLLIN)));
}

RING_CASE(AsyncCancelFd, ATimeoutHasNoFile, .clause = "CANCEL-FD-TIMEOUT-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(Timeout(50ms).Tag(kTimeout), CancelByFile(pipe.read_end(), kTimeout));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kCancel, -ENOENT),
                                                 Completes(kTimeout, -ETIME).After(50ms)));
}

RING_CASE(AsyncCancelFd, AFutexWaitHasNoFile, .clause = "CANCEL-FD-FUTEX-01") {
  Ring ring;
  const Pipe pipe;
  const Futex futex;
  ring.Submit(FutexWait(futex).Tag(kTarget));

  ring.Submit(CancelByFile(pipe.read_end(), kTarget));
  futex.Wake();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kTarget, 0)));
}

RING_CASE(AsyncCancelFd, AWaitForAChildHasNoFile, .clause = "CANCEL-FD-FUTEX-01") {
  Ring ring;
  const Pipe pipe;
  Child child;
  ring.Submit(WaitId(child.pid()).Tag(kTarget));

  ring.Submit(CancelByFile(pipe.read_end(), kTarget));
  child.Exit();

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kTarget, 0)));
  child.Collect();  // A zombie where the kernel has no such request.
}

}  // namespace
}  // namespace ringspec
