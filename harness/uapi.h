// The io_uring UAPI, completed with what is newer than the installed header.
// Values are the kernel's stable ABI (include/uapi/linux/io_uring.h).
#pragma once

#include <liburing.h>

#include <cstdint>

#ifndef IORING_SETUP_COOP_TASKRUN
#define IORING_SETUP_COOP_TASKRUN (1U << 8)
#endif
#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif
#ifndef IORING_SETUP_CQE_MIXED
#define IORING_SETUP_CQE_MIXED (1U << 18)
#endif
#ifndef IORING_SETUP_SQE_MIXED
#define IORING_SETUP_SQE_MIXED (1U << 19)
#endif

#ifndef IORING_ASYNC_CANCEL_FD_FIXED
#define IORING_ASYNC_CANCEL_FD_FIXED (1U << 3)
#endif
#ifndef IORING_ASYNC_CANCEL_USERDATA
#define IORING_ASYNC_CANCEL_USERDATA (1U << 4)
#endif
#ifndef IORING_ASYNC_CANCEL_OP
#define IORING_ASYNC_CANCEL_OP (1U << 5)
#endif

#ifndef IORING_TIMEOUT_MULTISHOT
#define IORING_TIMEOUT_MULTISHOT (1U << 6)
#endif
#ifndef IORING_TIMEOUT_IMMEDIATE_ARG
#define IORING_TIMEOUT_IMMEDIATE_ARG (1U << 7)
#endif

#ifndef IORING_FEAT_REG_REG_RING
#define IORING_FEAT_REG_REG_RING (1U << 13)
#endif
#ifndef IORING_FEAT_MIN_TIMEOUT
#define IORING_FEAT_MIN_TIMEOUT (1U << 15)
#endif
#ifndef IORING_FEAT_NO_IOWAIT
#define IORING_FEAT_NO_IOWAIT (1U << 17)
#endif

#ifndef IORING_ENTER_ABS_TIMER
#define IORING_ENTER_ABS_TIMER (1U << 5)
#endif
#ifndef IORING_ENTER_EXT_ARG_REG
#define IORING_ENTER_EXT_ARG_REG (1U << 6)
#endif
#ifndef IORING_ENTER_NO_IOWAIT
#define IORING_ENTER_NO_IOWAIT (1U << 7)
#endif

namespace ringspec::uapi {

// Opcodes and register opcodes are enumerators and cannot be tested for by the preprocessor.
inline constexpr std::uint8_t kOpSendZc = 47;
inline constexpr std::uint8_t kOpSendmsgZc = 48;
inline constexpr std::uint8_t kOpReadMultishot = 49;
inline constexpr std::uint8_t kOpWaitid = 50;
inline constexpr std::uint8_t kOpFutexWait = 51;
inline constexpr std::uint8_t kOpFutexWake = 52;
inline constexpr std::uint8_t kOpFutexWaitv = 53;
inline constexpr std::uint8_t kOpEpollWait = 59;
inline constexpr std::uint8_t kOpReadvFixed = 60;

inline constexpr unsigned kRegisterSyncCancel = 24;
inline constexpr unsigned kRegisterClock = 29;
inline constexpr unsigned kRegisterResizeRings = 33;
inline constexpr unsigned kRegisterMemRegion = 34;

// struct io_uring_sqe without the array of size zero at its end, which ISO C++ cannot embed.
struct Sqe {
  std::uint8_t opcode;
  std::uint8_t flags;
  std::uint16_t ioprio;
  std::int32_t fd;
  union {
    std::uint64_t off;
    std::uint64_t addr2;
  };
  union {
    std::uint64_t addr;
    std::uint64_t splice_off_in;
  };
  std::uint32_t len;
  union {
    std::uint32_t op_flags;
    std::uint32_t poll32_events;
    std::uint32_t msg_flags;
    std::uint32_t accept_flags;
    std::uint32_t open_flags;
    std::uint32_t splice_flags;
    std::uint32_t timeout_flags;
    std::uint32_t cancel_flags;
    std::uint32_t futex_flags;
    std::uint32_t waitid_flags;
  };
  std::uint64_t user_data;
  union {
    std::uint16_t buf_index;
    std::uint16_t buf_group;
  };
  std::uint16_t personality;
  union {
    std::int32_t splice_fd_in;
    std::uint32_t file_index;
  };
  std::uint64_t addr3;
  std::uint64_t pad2;
};
static_assert(sizeof(Sqe) == 64 && sizeof(Sqe) == sizeof(io_uring_sqe));

// struct io_uring_sync_cancel_reg as of 6.6, where `opcode` took the first pad byte.
struct SyncCancelReg {
  std::uint64_t addr;
  std::int32_t fd;
  std::uint32_t flags;
  __kernel_timespec timeout;
  std::uint8_t opcode;
  std::uint8_t pad[7];
  std::uint64_t pad2[3];
};
static_assert(sizeof(SyncCancelReg) == 64);

// struct io_uring_getevents_arg as of 6.12, where `min_wait_usec` took the pad.
struct GeteventsArg {
  std::uint64_t sigmask;
  std::uint32_t sigmask_sz;
  std::uint32_t min_wait_usec;
  std::uint64_t ts;
};
static_assert(sizeof(GeteventsArg) == 24);
// The kernel's own sigset_t is shorter than that of the C library.
inline constexpr std::uint32_t kSigsetSize = 8;

// struct io_uring_clock_register.
struct ClockRegister {
  std::uint32_t clockid;
  std::uint32_t resv[3];
};

// IORING_RECV_MULTISHOT (6.0), in sqe->ioprio.
inline constexpr std::uint16_t kRecvMultishot = 1U << 1;

// FUTEX2_* (linux/futex.h, 6.7).
inline constexpr std::uint32_t kFutex2SizeU32 = 0x02;
inline constexpr std::uint32_t kFutex2Private = 128;

// struct io_uring_region_desc, io_uring_mem_region_reg and io_uring_reg_wait (6.13).
struct RegionDesc {
  std::uint64_t user_addr;
  std::uint64_t size;
  std::uint32_t flags;
  std::uint32_t id;
  std::uint64_t mmap_offset;
  std::uint64_t resv[4];
};
struct MemRegionReg {
  std::uint64_t region_uptr;
  std::uint64_t flags;
  std::uint64_t resv[2];
};
struct RegWait {
  __kernel_timespec ts;
  std::uint32_t min_wait_usec;
  std::uint32_t flags;
  std::uint64_t sigmask;
  std::uint32_t sigmask_sz;
  std::uint32_t pad[3];
  std::uint64_t pad2[2];
};
static_assert(sizeof(RegionDesc) == 64 && sizeof(MemRegionReg) == 32 && sizeof(RegWait) == 64);
inline constexpr std::uint32_t kMemRegionTypeUser = 1;
inline constexpr std::uint64_t kMemRegionRegWaitArg = 1;
inline constexpr std::uint32_t kRegWaitTs = 1;

}  // namespace ringspec::uapi
