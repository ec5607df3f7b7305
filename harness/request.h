// One SQE under construction, with the memory it points to.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/clock.h"
#include "harness/tag.h"
#include "harness/uapi.h"

namespace ringspec {

// What Ring::Submit takes.  The SQE's pointers refer to memory that the request shares with the
// ring it is submitted to, so that it outlives the request whatever the case does.
struct Request {
  Tag tag = kTarget;
  std::vector<std::shared_ptr<void>> memory;
  uapi::Sqe sqe{};
};

// The modifiers that every kind of request has.  `Derived` is the kind, so that they chain:
//   PollAdd(pipe.read_end()).Tag(kTarget).Link()
template <typename Derived>
class Builder {
 public:
  // The user_data, and the name under which completions show up.
  Derived& Tag(const ringspec::Tag& tag) {
    request_.tag = tag;
    request_.sqe.user_data = tag.value;
    return self();
  }

  Derived& Link() { return SqeFlags(IOSQE_IO_LINK); }
  Derived& HardLink() { return SqeFlags(IOSQE_IO_HARDLINK); }
  Derived& Drain() { return SqeFlags(IOSQE_IO_DRAIN); }
  Derived& Async() { return SqeFlags(IOSQE_ASYNC); }
  Derived& FixedFile() { return SqeFlags(IOSQE_FIXED_FILE); }
  Derived& BufferSelect() { return SqeFlags(IOSQE_BUFFER_SELECT); }
  Derived& SkipSuccess() { return SqeFlags(IOSQE_CQE_SKIP_SUCCESS); }

  // Changes the SQE in a way that no helper would: cases of validation.
  template <typename Change>
  Derived& With(Change change) {
    change(request_.sqe);
    return self();
  }

  operator Request() const { return request_; }  // NOLINT: a builder is a request.

 protected:
  Builder(std::uint8_t opcode, int fd) {
    request_.sqe.opcode = opcode;
    request_.sqe.fd = fd;
    request_.sqe.user_data = request_.tag.value;
  }

  uapi::Sqe& sqe() { return request_.sqe; }

  // Memory of `size` zeroed bytes that lives as long as the ring; its address for an SQE field.
  void* Own(std::size_t size) {
    auto bytes = std::make_shared<std::vector<char>>(size);
    void* address = bytes->data();
    request_.memory.push_back(std::move(bytes));
    return address;
  }

  // A timespec for `value`, owned; its address.
  std::uint64_t OwnTimespec(Duration value);

 private:
  Derived& self() { return static_cast<Derived&>(*this); }
  Derived& SqeFlags(unsigned flags) {
    request_.sqe.flags |= flags;
    return self();
  }

  Request request_;
};

inline std::uint64_t AddressOf(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

// `value` as the kernel takes it; negative values keep tv_nsec in [0, 1e9).
__kernel_timespec ToTimespec(Duration value);

template <typename Derived>
std::uint64_t Builder<Derived>::OwnTimespec(Duration value) {
  auto timespec = std::make_shared<__kernel_timespec>(ToTimespec(value));
  request_.memory.push_back(timespec);
  return AddressOf(timespec.get());
}

}  // namespace ringspec
