// One more process, with rings of its own, and the ways in which it ends.
//
//   Process process([&] {
//     Ring ring;
//     ring.Submit(Timeout(20s));
//   });
//   EXPECT_THAT(process.Exit(), Returns(0));
#pragma once

#include <sys/types.h>

#include <functional>

#include "harness/call.h"
#include "harness/descriptor.h"
#include "harness/ring.h"

namespace ringspec {

class Process {
 public:
  // Runs the body, whose rings stay open, and returns once that is over.  A body that throws is
  // the case's own set-up error.
  explicit Process(const std::function<void()>& body);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Each makes the process end in its way, and returns 0 when it has: -ETIME after two seconds.
  Completion Exit();
  Completion Kill();
  // The process becomes another program, which goes on until the case is over.
  Completion Exec();

 private:
  void Tell(char word) const;
  int AwaitEnd(int wanted_status);

  Descriptor line_;
  pid_t pid_ = -1;
  bool collected_ = false;
};

// In the body of a process: runs `body` in a thread of its own, which stays until the process ends.
void InAThreadThatStays(const std::function<void()>& body);

// Closes the ring: 0, or -ETIME if that took more than two seconds.
Completion CloseOf(Ring& ring);

// Waits until nobody holds the other end of this pipe or socket any more; whether that was in time
// goes into the outcome as released=....
bool TheOtherEndIsReleased(int fd);

// The main program of the process that Exec() makes: `line` is the descriptor it got.
int BeExecuted(int line);
// The argument by which it is told so.
inline constexpr const char* kExecutedFlag = "--executed=";

}  // namespace ringspec
