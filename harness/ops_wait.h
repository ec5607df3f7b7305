// Requests that wait for something: futexes, children, epoll, data in provided buffers; and the
// few others that the cases of cancelation need.
#pragma once

#include <linux/futex.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cstring>

#include "harness/request.h"
#include "harness/waitable.h"

namespace ringspec {

// Waits for a wake of `futex` while its word is 0; io_uring_prep_futex_wait(3).
class FutexWait : public Builder<FutexWait> {
 public:
  explicit FutexWait(const Futex& futex)
      : Builder(uapi::kOpFutexWait, uapi::kFutex2SizeU32 | uapi::kFutex2Private) {
    sqe().addr = AddressOf(futex.word());
    sqe().addr3 = FUTEX_BITSET_MATCH_ANY;
  }
};

// Waits for a wake of any of them; io_uring_prep_futex_waitv(3).
class FutexWaitV : public Builder<FutexWaitV> {
 public:
  explicit FutexWaitV(std::initializer_list<const Futex*> futexes)
      : Builder(uapi::kOpFutexWaitv, 0) {
    struct Waiter {  // struct futex_waitv, which older headers lack.
      std::uint64_t value, address;
      std::uint32_t flags, reserved;
    };
    auto* waiters = static_cast<Waiter*>(Own(futexes.size() * sizeof(Waiter)));
    sqe().addr = AddressOf(waiters);
    sqe().len = futexes.size();
    for (const Futex* futex : futexes) {
      *waiters++ = {0, AddressOf(futex->word()), uapi::kFutex2SizeU32 | uapi::kFutex2Private, 0};
    }
  }
};

// Waits for the exit of a child; io_uring_prep_waitid(3).
class WaitId : public Builder<WaitId> {
 public:
  explicit WaitId(pid_t child, siginfo_t* info = nullptr) : Builder(uapi::kOpWaitid, child) {
    sqe().len = P_PID;
    sqe().file_index = WEXITED;
    sqe().addr2 = AddressOf(info);
  }
};

// io_uring_prep_epoll_wait(3).
class EpollWait : public Builder<EpollWait> {
 public:
  explicit EpollWait(int epoll) : Builder(uapi::kOpEpollWait, epoll) {
    sqe().addr = AddressOf(Own(sizeof(epoll_event)));
    sqe().len = 1;
  }
};

// Reads again and again, into provided buffers; io_uring_prep_read_multishot(3).
class ReadMultishot : public Builder<ReadMultishot> {
 public:
  explicit ReadMultishot(int fd) : Builder(uapi::kOpReadMultishot, fd) {
    sqe().off = static_cast<std::uint64_t>(-1);
    BufferSelect();
  }
};

// Receives again and again, into provided buffers; io_uring_prep_recv_multishot(3).
class RecvMultishot : public Builder<RecvMultishot> {
 public:
  explicit RecvMultishot(int fd) : Builder(IORING_OP_RECV, fd) {
    sqe().ioprio = uapi::kRecvMultishot;
    BufferSelect();
  }
};

class RecvMsg : public Builder<RecvMsg> {
 public:
  explicit RecvMsg(int fd, unsigned length = 64) : Builder(IORING_OP_RECVMSG, fd) {
    auto* piece = static_cast<iovec*>(Own(sizeof(iovec)));
    *piece = {Own(length), length};
    auto* message = static_cast<msghdr*>(Own(sizeof(msghdr)));
    message->msg_iov = piece;
    message->msg_iovlen = 1;
    sqe().addr = AddressOf(message);
    sqe().len = 1;
  }
};

class Connect : public Builder<Connect> {
 public:
  Connect(int fd, const void* address, std::size_t size) : Builder(IORING_OP_CONNECT, fd) {
    sqe().addr = AddressOf(std::memcpy(Own(size), address, size));
    sqe().off = size;
  }
};

class Fsync : public Builder<Fsync> {
 public:
  explicit Fsync(int fd) : Builder(IORING_OP_FSYNC, fd) {}
};

// Posts a completion with this user_data to another ring.
class MsgRing : public Builder<MsgRing> {
 public:
  MsgRing(int ring, const ringspec::Tag& message, unsigned result)
      : Builder(IORING_OP_MSG_RING, ring) {
    sqe().len = result;
    sqe().off = message.value;
  }
};

}  // namespace ringspec
