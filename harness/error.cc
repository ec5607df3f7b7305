#include "harness/error.h"

#include <cerrno>

#include "harness/errno_name.h"

namespace ringspec {

SetupError::SetupError(const std::string& what, int error)
    : std::runtime_error(what + ": " + ResultName(-error)) {}

SetupRefused::SetupRefused(int error) : std::runtime_error(ResultName(-error)) {}

int Must(const char* what, int result) {
  if (result < 0) throw SetupError(what, errno);
  return result;
}

}  // namespace ringspec
