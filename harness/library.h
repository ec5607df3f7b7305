// liburing as the second thing under test: helpers that only newer releases have.
#pragma once

#include <liburing.h>

#include <cerrno>
#include <map>
#include <string>

#if __has_include(<liburing/io_uring_version.h>)
#include <liburing/io_uring_version.h>
#define RINGSPEC_LIBURING (IO_URING_VERSION_MAJOR * 100 + IO_URING_VERSION_MINOR)
#else
#define RINGSPEC_LIBURING 203  // 2.4 was the first that says.
#endif

namespace ringspec::library {

// Whether this binary is linked with at least that release, for `config` of clauses.
inline std::map<std::string, bool> Probes() {
  return {{"config:LIBURING_2_8", RINGSPEC_LIBURING >= 208},
          {"config:LIBURING_2_16", RINGSPEC_LIBURING >= 216}};
}

// Each answers -ENOSYS where the library has no such helper.

inline int SubmitAndWaitMinTimeout([[maybe_unused]] io_uring* ring,
                                   [[maybe_unused]] io_uring_cqe** cqe,
                                   [[maybe_unused]] __kernel_timespec* timeout) {
#if RINGSPEC_LIBURING >= 208
  return io_uring_submit_and_wait_min_timeout(ring, cqe, 1, timeout, 1000, nullptr);
#else
  return -ENOSYS;
#endif
}

inline int WaitCqesMinTimeout([[maybe_unused]] io_uring* ring, [[maybe_unused]] io_uring_cqe** cqe,
                              [[maybe_unused]] __kernel_timespec* timeout) {
#if RINGSPEC_LIBURING >= 208
  return io_uring_wait_cqes_min_timeout(ring, cqe, 1, timeout, 1000, nullptr);
#else
  return -ENOSYS;
#endif
}

// 2.8 had another helper of this name.
inline int SubmitAndWaitReg([[maybe_unused]] io_uring* ring, [[maybe_unused]] io_uring_cqe** cqe) {
#if RINGSPEC_LIBURING >= 209
  return io_uring_submit_and_wait_reg(ring, cqe, 1, 0);
#else
  return -ENOSYS;
#endif
}

}  // namespace ringspec::library
