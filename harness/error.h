// What the harness throws when a case cannot be observed at all.
#pragma once

#include <stdexcept>
#include <string>

namespace ringspec {

// The case's surroundings could not be made: verdict `error`, never `fail`.
class SetupError : public std::runtime_error {
 public:
  // "what: -EMFILE".
  SetupError(const std::string& what, int error);
};

// The kernel refused this kind of ring with -EINVAL: a kernel that does not have the setup.
class SetupRefused : public std::runtime_error {
 public:
  explicit SetupRefused(int error);
};

// Turns the -1 of a failed call into a SetupError with its errno; else returns the result.
int Must(const char* what, int result);

}  // namespace ringspec
