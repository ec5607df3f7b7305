// A target that a worker is executing for as long as the case likes.
#pragma once

#include <gmock/gmock.h>

#include <cerrno>

#include "harness/completion.h"
#include "harness/descriptor.h"
#include "harness/error.h"
#include "harness/ops.h"
#include "harness/pass_time.h"
#include "harness/ring.h"
#include "harness/stuck_page.h"

namespace ringspec {

// A write that a worker is executing and that nothing interrupts until its page is released.
class StuckWrite {
 public:
  explicit StuckWrite(Ring& ring) : ring_(ring) {
    ring.Submit(Write(pipe_.write_end())
                    .With([this](uapi::Sqe& sqe) { sqe.addr = page_.address(); })
                    .Async()
                    .Tag(kTarget));
    if (!page_.SomebodyIsStuck()) throw SetupError("a write from a stuck page", ETIME);
  }

  // What it writes to.
  int fd() const { return pipe_.write_end(); }

  // Returns when that was.
  TimePoint ReleaseAfter(Duration span) const {
    PassTime(span);
    const TimePoint now = Now();
    page_.Release();
    return now;
  }

  // Lets it go on; it was not canceled.
  void ExpectItToComplete() {
    page_.Release();
    EXPECT_THAT(ring_.Reap(1), testing::ElementsAre(Completes(kTarget, 1)));
  }

 private:
  Ring& ring_;
  const Pipe pipe_;
  const StuckPage page_;
};

}  // namespace ringspec
