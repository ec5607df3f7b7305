// The texts of failed expectations, as a person would read them on the terminal.
#pragma once

#include <string>

namespace ringspec {

// Collects from its construction to the end of the process, in place of GoogleTest's own printer.
class Failures {
 public:
  Failures();
  const std::string& text() const;

 private:
  class Listener;
  Listener* listener_;  // GoogleTest owns it.
};

}  // namespace ringspec
