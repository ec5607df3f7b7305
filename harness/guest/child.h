// One child with a deadline.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "harness/guest/lateness.h"

namespace ringspec {

struct ChildEnd {
  enum class Way { kExited, kSignaled, kHung };

  Way way = Way::kExited;
  int status = 0;          // exit status or signal
  std::string last_words;  // end of what it wrote to stderr
  // kHung: state, system call, wait channel and kernel stack of its tasks, and what the kernel
  // shows of its rings.
  std::string stuck_where;

  bool Succeeded() const { return way == Way::kExited && status == 0; }
  // "killed by SIGSEGV: ...", "exited with status 3", "still running after 20000 ms ...".
  std::string Describe() const;
};

struct ChildOptions {
  // In its parent's memory, harness/guest/shared_memory.h; else in a copy of it.
  bool shares_memory = false;
  // Adds to what is known about a child that hangs, before it is killed.
  std::function<std::string()> on_hang{};
  // Is told how late the parent's own waits end; for real time.
  LatenessWatch* lateness = nullptr;
};

// Runs `body` in a child process and waits for its end.  A child that outlives the limit is
// killed; one that is still there 2 s after SIGKILL is left behind.  Nothing that the child
// started survives it; in a guest nothing does but init and this process.
ChildEnd RunInChild(Duration limit, const std::function<void()>& body,
                    const ChildOptions& options = {});

}  // namespace ringspec
