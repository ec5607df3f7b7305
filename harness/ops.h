// The requests that cases submit, one class each, filled as the liburing helpers fill them.
#pragma once

#include <fcntl.h>
#include <poll.h>

#include "harness/request.h"

namespace ringspec {

class Nop : public Builder<Nop> {
 public:
  Nop() : Builder(IORING_OP_NOP, -1) {}
};

// Waits until one of `events` is ready on `fd`; io_uring_prep_poll_add(3).
class PollAdd : public Builder<PollAdd> {
 public:
  explicit PollAdd(int fd, unsigned events = POLLIN) : Builder(IORING_OP_POLL_ADD, fd) {
    sqe().poll32_events = events;
  }
  PollAdd& Multishot() {
    sqe().len |= IORING_POLL_ADD_MULTI;
    return *this;
  }
};

// Removes a poll by its user_data; io_uring_prep_poll_remove(3).
class PollRemove : public Builder<PollRemove> {
 public:
  explicit PollRemove(const ringspec::Tag& target) : Builder(IORING_OP_POLL_REMOVE, -1) {
    sqe().addr = target.value;
  }
  PollRemove& UpdateEvents(unsigned events) {
    sqe().len |= IORING_POLL_UPDATE_EVENTS;
    sqe().poll32_events = events;
    return *this;
  }
  PollRemove& UpdateUserData(const ringspec::Tag& replacement) {
    sqe().len |= IORING_POLL_UPDATE_USER_DATA;
    sqe().off = replacement.value;
    return *this;
  }
};

// Reads into memory of the ring's; on an empty pipe it waits on its internal poll.
class Read : public Builder<Read> {
 public:
  explicit Read(int fd, unsigned length = 64) : Builder(IORING_OP_READ, fd) {
    sqe().addr = AddressOf(Own(length));
    sqe().len = length;
    sqe().off = static_cast<std::uint64_t>(-1);
  }
};

class Write : public Builder<Write> {
 public:
  explicit Write(int fd, unsigned length = 1) : Builder(IORING_OP_WRITE, fd) {
    sqe().addr = AddressOf(Own(length));
    sqe().len = length;
    sqe().off = static_cast<std::uint64_t>(-1);
  }
};

class Close : public Builder<Close> {
 public:
  explicit Close(int fd) : Builder(IORING_OP_CLOSE, fd) {}
};

class Recv : public Builder<Recv> {
 public:
  explicit Recv(int fd, unsigned length = 64) : Builder(IORING_OP_RECV, fd) {
    sqe().addr = AddressOf(Own(length));
    sqe().len = length;
  }
  Recv& MessageFlags(unsigned flags) {
    sqe().msg_flags |= flags;
    return *this;
  }
};

class Send : public Builder<Send> {
 public:
  explicit Send(int fd, unsigned length = 64) : Builder(IORING_OP_SEND, fd) {
    sqe().addr = AddressOf(Own(length));
    sqe().len = length;
  }
  Send& MessageFlags(unsigned flags) {
    sqe().msg_flags |= flags;
    return *this;
  }
};

class Accept : public Builder<Accept> {
 public:
  explicit Accept(int fd) : Builder(IORING_OP_ACCEPT, fd) {}
  Accept& Multishot() {
    sqe().ioprio |= IORING_ACCEPT_MULTISHOT;
    return *this;
  }
};

// Moves bytes between pipes.  From an empty pipe it blocks inside io-wq: unlike a read it never
// waits on poll, which makes it the canonical request that is *running*.
class Splice : public Builder<Splice> {
 public:
  Splice(int from, int to, unsigned length = 1) : Builder(IORING_OP_SPLICE, to) {
    sqe().off = static_cast<std::uint64_t>(-1);
    sqe().splice_off_in = static_cast<std::uint64_t>(-1);
    sqe().splice_fd_in = from;
    sqe().len = length;
  }
};

// Opens `path` in a worker.  A FIFO without a peer blocks there: the second canonical blocker.
class OpenAt : public Builder<OpenAt> {
 public:
  OpenAt(const std::string& path, unsigned flags) : Builder(IORING_OP_OPENAT, AT_FDCWD) {
    char* copy = static_cast<char*>(Own(path.size() + 1));
    path.copy(copy, path.size());
    sqe().addr = AddressOf(copy);
    sqe().open_flags = flags;
  }
};

// io_uring_prep_cancel(3).  Cancel(tag) keys on user_data; Cancel().Fd(fd) and the others replace
// or add to the key as their flags do.
class Cancel : public Builder<Cancel> {
 public:
  Cancel() : Builder(IORING_OP_ASYNC_CANCEL, -1) {}
  explicit Cancel(const ringspec::Tag& target) : Cancel(target.value) {}
  explicit Cancel(std::uint64_t user_data) : Cancel() { sqe().addr = user_data; }

  Cancel& All() { return Flags(IORING_ASYNC_CANCEL_ALL); }
  Cancel& Any() { return Flags(IORING_ASYNC_CANCEL_ANY); }
  Cancel& Fd(int fd) {
    sqe().fd = fd;
    return Flags(IORING_ASYNC_CANCEL_FD);
  }
  // FD and FD_FIXED: `slot` is an index into the registered files.
  Cancel& FixedFd(int slot) { return Fd(slot).Flags(IORING_ASYNC_CANCEL_FD_FIXED); }
  Cancel& UserData(const ringspec::Tag& target) {
    sqe().addr = target.value;
    return Flags(IORING_ASYNC_CANCEL_USERDATA);
  }
  Cancel& Opcode(unsigned opcode) {
    sqe().len = opcode;
    return Flags(IORING_ASYNC_CANCEL_OP);
  }
  Cancel& Flags(unsigned flags) {
    sqe().cancel_flags |= flags;
    return *this;
  }
};

// io_uring_prep_timeout(3) and io_uring_prep_link_timeout(3) share their arguments.
template <typename Derived>
class TimeoutBuilder : public Builder<Derived> {
 public:
  Derived& Abs() { return Flags(IORING_TIMEOUT_ABS); }
  Derived& Boottime() { return Flags(IORING_TIMEOUT_BOOTTIME); }
  Derived& Realtime() { return Flags(IORING_TIMEOUT_REALTIME); }
  Derived& EtimeSuccess() { return Flags(IORING_TIMEOUT_ETIME_SUCCESS); }
  Derived& Multishot() { return Flags(IORING_TIMEOUT_MULTISHOT); }
  // The nanoseconds themselves in sqe->addr.
  Derived& Immediate(std::uint64_t nanoseconds) {
    this->sqe().addr = nanoseconds;
    return Flags(IORING_TIMEOUT_IMMEDIATE_ARG);
  }
  Derived& Flags(unsigned flags) {
    this->sqe().timeout_flags |= flags;
    return static_cast<Derived&>(*this);
  }

 protected:
  TimeoutBuilder(std::uint8_t opcode, std::uint64_t address) : Builder<Derived>(opcode, -1) {
    this->sqe().addr = address;
    this->sqe().len = 1;
  }
};

class Timeout : public TimeoutBuilder<Timeout> {
 public:
  explicit Timeout(Duration value) : Timeout(nullptr) { sqe().addr = OwnTimespec(value); }
  // A timespec that stays the case's: bad ones, and ones that change under the kernel.
  explicit Timeout(const __kernel_timespec* value)
      : TimeoutBuilder(IORING_OP_TIMEOUT, AddressOf(value)) {}

  // Completes with 0 after this many completions; with Multishot, the number of expiries.
  Timeout& Count(std::uint64_t count) {
    sqe().off = count;
    return *this;
  }
};

class LinkTimeout : public TimeoutBuilder<LinkTimeout> {
 public:
  explicit LinkTimeout(Duration value) : LinkTimeout(nullptr) { sqe().addr = OwnTimespec(value); }
  explicit LinkTimeout(const __kernel_timespec* value)
      : TimeoutBuilder(IORING_OP_LINK_TIMEOUT, AddressOf(value)) {
    Tag(kLinkTimeout);
  }
};

// io_uring_prep_timeout_remove(3).
class TimeoutRemove : public Builder<TimeoutRemove> {
 public:
  explicit TimeoutRemove(const ringspec::Tag& target) : Builder(IORING_OP_TIMEOUT_REMOVE, -1) {
    sqe().addr = target.value;
  }
  TimeoutRemove& Flags(unsigned flags) {
    sqe().timeout_flags |= flags;
    return *this;
  }
};

// io_uring_prep_timeout_update(3).
class TimeoutUpdate : public Builder<TimeoutUpdate> {
 public:
  TimeoutUpdate(const ringspec::Tag& target, Duration value) : TimeoutUpdate(target, nullptr) {
    sqe().addr2 = OwnTimespec(value);
  }
  TimeoutUpdate(const ringspec::Tag& target, const __kernel_timespec* value)
      : Builder(IORING_OP_TIMEOUT_REMOVE, -1) {
    sqe().addr = target.value;
    sqe().addr2 = AddressOf(value);
    sqe().timeout_flags = IORING_TIMEOUT_UPDATE;
  }
  TimeoutUpdate& Abs() { return Flags(IORING_TIMEOUT_ABS); }
  TimeoutUpdate& OfLinkTimeout() { return Flags(IORING_LINK_TIMEOUT_UPDATE); }
  // The nanoseconds themselves in sqe->addr2.
  TimeoutUpdate& Immediate(std::uint64_t nanoseconds) {
    sqe().addr2 = nanoseconds;
    return Flags(IORING_TIMEOUT_IMMEDIATE_ARG);
  }
  TimeoutUpdate& Flags(unsigned flags) {
    sqe().timeout_flags |= flags;
    return *this;
  }
};

}  // namespace ringspec
