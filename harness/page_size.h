#pragma once

#include <unistd.h>

#include <cstddef>

namespace ringspec {

// What mmap(2) and what registers memory count in: 4 KiB, or 16 or 64 on some arm64 kernels.
inline std::size_t PageSize() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

}  // namespace ringspec
