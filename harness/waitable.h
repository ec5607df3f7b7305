// What a request can wait for besides descriptors: futexes and children.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>

namespace ringspec {

// A futex whose word is 0.
class Futex {
 public:
  const std::uint32_t* word() const { return word_.get(); }

  // Wakes everybody who waits on it; how many those were.
  int Wake() const;

 private:
  std::unique_ptr<std::uint32_t> word_ = std::make_unique<std::uint32_t>(0);
};

// A child that does nothing until it is told to exit.  It holds no descriptor of ours.
class Child {
 public:
  Child();
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  // Ends it; it stays a zombie until somebody waits for it.
  void Exit() const;
  // Waits for its exit and takes it from the process table; false if somebody else did.
  bool Collect();

 private:
  pid_t pid_;
  bool collected_ = false;
};

}  // namespace ringspec
