// A target that a worker is executing for as long as the case likes.
#pragma once

#include <gmock/gmock.h>
#include <unistd.h>

#include <cerrno>
#include <tuple>

#include "harness/completion.h"
#include "harness/descriptor.h"
#include "harness/error.h"
#include "harness/held_thread.h"
#include "harness/ops.h"
#include "harness/pass_time.h"
#include "harness/ring.h"
#include "harness/workers.h"

namespace ringspec {

// A write that a worker is executing and that nothing interrupts: it waits for the lock of the
// pipe, which another writer has.  (A worker that is itself stuck in a page runs in circles once it
// is told to stop.)
class StuckWrite {
 public:
  explicit StuckWrite(Ring& ring)
      : ring_(ring),
        writer_([this](void* page) { std::ignore = write(pipe_.write_end(), page, 1); }) {
    ring.Submit(Write(pipe_.write_end()).Async().Tag(kTarget));
    if (!WorkersAreBlocked(1)) throw SetupError("a write to a pipe that is locked", ETIME);
  }

  // What it writes to.
  int fd() const { return pipe_.write_end(); }

  // Returns when that was.
  TimePoint ReleaseAfter(Duration span) {
    PassTime(span);
    const TimePoint now = Now();
    writer_.LetGo();
    return now;
  }

  // Lets it go on; it was not canceled.
  void ExpectItToComplete() {
    writer_.LetGo();
    EXPECT_THAT(ring_.Reap(1), testing::ElementsAre(Completes(kTarget, 1)));
  }

 private:
  Ring& ring_;
  const Pipe pipe_;
  HeldThread writer_;
};

}  // namespace ringspec
