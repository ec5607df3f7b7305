// The texts of failed expectations, as a person would read them on the terminal.
#pragma once

#include <string>

namespace ringspec {

// Collects for as long as it lives, in place of GoogleTest's own printer.
class Failures {
 public:
  Failures();
  ~Failures();
  Failures(const Failures&) = delete;
  Failures& operator=(const Failures&) = delete;
  const std::string& text() const;

 private:
  class Listener;
  Listener* listener_;  // GoogleTest calls it.
};

}  // namespace ringspec
