// What the preparation helpers write into an SQE.
#include <cstdio>
#include <cstring>

#include "harness/cases.h"
#include "harness/uapi.h"

namespace ringspec {
namespace {

// Every field of an SQE, so that one that should have been left alone shows.
std::string Text(const uapi::Sqe& sqe) {
  char text[300];
  std::snprintf(text, sizeof(text),
                "opcode=%u flags=%#x ioprio=%#x fd=%d off=%#llx addr=%#llx len=%u op_flags=%#x "
                "user_data=%#llx buf_index=%u personality=%u file_index=%d addr3=%#llx pad2=%#llx",
                sqe.opcode, sqe.flags, sqe.ioprio, sqe.fd, static_cast<unsigned long long>(sqe.off),
                static_cast<unsigned long long>(sqe.addr), sqe.len, sqe.op_flags,
                static_cast<unsigned long long>(sqe.user_data), sqe.buf_index, sqe.personality,
                sqe.splice_fd_in, static_cast<unsigned long long>(sqe.addr3),
                static_cast<unsigned long long>(sqe.pad2));
  return text;
}

// What `prepare` makes of an empty SQE.
template <typename Prepare>
std::string Prepared(Prepare prepare) {
  alignas(io_uring_sqe) char memory[sizeof(io_uring_sqe)] = {};
  prepare(reinterpret_cast<io_uring_sqe*>(memory));
  uapi::Sqe sqe;
  std::memcpy(&sqe, memory, sizeof(sqe));
  return Text(sqe);
}

// `documented` sets the fields that the page names; all others are 0.
template <typename Prepare, typename Documented>
void Expect(Prepare prepare, Documented documented) {
  const std::string prepared = Prepared(prepare);
  uapi::Sqe expected{};
  documented(expected);

  Record("sqe", prepared == Text(expected) ? "documented" : prepared);
  EXPECT_EQ(prepared, Text(expected));
}

constexpr std::uint64_t kUserData = 0x1234'5678'9abc'def0;
constexpr unsigned kAll = IORING_ASYNC_CANCEL_ALL;

RING_CASE(LibraryPreparation, CancelTakesAPointer, .clause = "LIB-PREP-CANCEL-01",
          .axis = Axis::kLiburing) {
  int object;

  Expect([&](io_uring_sqe* sqe) { io_uring_prep_cancel(sqe, &object, kAll); },
         [&](uapi::Sqe& sqe) {
           sqe.opcode = IORING_OP_ASYNC_CANCEL;
           sqe.fd = -1;
           sqe.addr = AddressOf(&object);
           sqe.cancel_flags = kAll;
         });
}

RING_CASE(LibraryPreparation, Cancel64TakesAllBitsOfAUserData, .clause = "LIB-PREP-CANCEL-01",
          .axis = Axis::kLiburing) {
  Expect([](io_uring_sqe* sqe) { io_uring_prep_cancel64(sqe, kUserData, kAll); },
         [](uapi::Sqe& sqe) {
           sqe.opcode = IORING_OP_ASYNC_CANCEL;
           sqe.fd = -1;
           sqe.addr = kUserData;
           sqe.cancel_flags = kAll;
         });
}

RING_CASE(LibraryPreparation, CancelFdAddsTheFdFlag, .clause = "LIB-PREP-CANCEL-01",
          .axis = Axis::kLiburing) {
  Expect([](io_uring_sqe* sqe) { io_uring_prep_cancel_fd(sqe, 5, kAll); },
         [](uapi::Sqe& sqe) {
           sqe.opcode = IORING_OP_ASYNC_CANCEL;
           sqe.fd = 5;
           sqe.cancel_flags = kAll | IORING_ASYNC_CANCEL_FD;
         });
}

RING_CASE(LibraryPreparation, TimeoutTakesACountAndFlags, .clause = "LIB-PREP-TIMEOUT-01",
          .axis = Axis::kLiburing) {
  __kernel_timespec value{};

  Expect([&](io_uring_sqe* sqe) { io_uring_prep_timeout(sqe, &value, 7, IORING_TIMEOUT_ABS); },
         [&](uapi::Sqe& sqe) {
           sqe.opcode = IORING_OP_TIMEOUT;
           sqe.fd = -1;
           sqe.off = 7;
           sqe.addr = AddressOf(&value);
           sqe.len = 1;
           sqe.timeout_flags = IORING_TIMEOUT_ABS;
         });
}

RING_CASE(LibraryPreparation, TimeoutUpdateAddsTheUpdateFlag, .clause = "LIB-PREP-TIMEOUT-01",
          .axis = Axis::kLiburing) {
  __kernel_timespec value{};

  Expect(
      [&](io_uring_sqe* sqe) {
        io_uring_prep_timeout_update(sqe, &value, kUserData, IORING_TIMEOUT_ABS);
      },
      [&](uapi::Sqe& sqe) {
        sqe.opcode = IORING_OP_TIMEOUT_REMOVE;
        sqe.fd = -1;
        sqe.addr2 = AddressOf(&value);
        sqe.addr = kUserData;
        sqe.timeout_flags = IORING_TIMEOUT_ABS | IORING_TIMEOUT_UPDATE;
      });
}

RING_CASE(LibraryPreparation, TimeoutRemoveTakesAUserData, .clause = "LIB-PREP-TIMEOUT-01",
          .axis = Axis::kLiburing) {
  Expect([](io_uring_sqe* sqe) { io_uring_prep_timeout_remove(sqe, kUserData, 0); },
         [](uapi::Sqe& sqe) {
           sqe.opcode = IORING_OP_TIMEOUT_REMOVE;
           sqe.fd = -1;
           sqe.addr = kUserData;
         });
}

RING_CASE(LibraryPreparation, LinkTimeoutTakesFlags, .clause = "LIB-PREP-TIMEOUT-01",
          .axis = Axis::kLiburing) {
  __kernel_timespec value{};

  Expect(
      [&](io_uring_sqe* sqe) { io_uring_prep_link_timeout(sqe, &value, IORING_TIMEOUT_BOOTTIME); },
      [&](uapi::Sqe& sqe) {
        sqe.opcode = IORING_OP_LINK_TIMEOUT;
        sqe.fd = -1;
        sqe.addr = AddressOf(&value);
        sqe.len = 1;
        sqe.timeout_flags = IORING_TIMEOUT_BOOTTIME;
      });
}

}  // namespace
}  // namespace ringspec
