// One io_uring, in the setup of the case that is running.
//
//   Ring ring;
//   ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
//   ring.Submit(Cancel(kTarget).Tag(kCancel));
//   EXPECT_THAT(ring.Reap(2), ...);
//
// A ring outlives the body of its case: the harness then looks for late completions, closes it
// and times that.  A completion that the body did not take is a failure.
#pragma once

#include <memory>
#include <vector>

#include "harness/completion.h"
#include "harness/request.h"
#include "harness/setup.h"

namespace ringspec {

class RingState;

struct RingOptions {
  unsigned entries = 128;
  unsigned cq_entries = 0;  // 0: twice the entries
  unsigned flags = 0;       // IORING_SETUP_*, added to those of the setup
};

class Ring {
 public:
  // Throws SetupRefused or SetupError, which become the verdict.
  explicit Ring(const RingOptions& options = {});

  // Submits the requests as one batch and returns when the kernel has consumed them all; with
  // SQPOLL too.  A refused submission is a failed case.
  template <typename... Requests>
  void Submit(const Requests&... requests) {
    SubmitBatch({static_cast<Request>(requests)...});
  }
  void SubmitBatch(std::vector<Request> batch);
  // Submits once and returns what io_uring_enter(2) returned, whatever it is.
  int TrySubmit(std::vector<Request> batch);

  // Makes the requests visible to the kernel without entering it; returns how many there are to
  // submit.  Meant for a call of Enter() that submits and waits.
  unsigned Publish(std::vector<Request> batch);

  // Waits until `count` completions have arrived and returns them in order of arrival; when it
  // gives up, what came and an absent completion for each request that is still open.
  std::vector<Completion> Reap(int count);
  // Everything that arrives until nothing has for the quiet window.
  std::vector<Completion> ReapUntilQuiet();
  // Everything that arrives within `window`, however quiet it is.
  std::vector<Completion> ReapFor(Duration window);
  // What is in the CQ now, without entering the kernel and without taking it; goes into the
  // outcome as at_return=....
  std::vector<Completion> ArrivedAtReturn();
  // Runs pending task work and moves overflowed CQEs, as io_uring_get_events(3) does.
  void GetEvents();

  // io_uring_register(2) itself: the result or -errno.
  int Register(unsigned opcode, const void* arg, unsigned nr_args);
  // io_uring_enter(2) itself with an extended argument: the result or -errno.
  int Enter(unsigned submit, unsigned min_complete, unsigned flags, const void* arg,
            std::size_t size);
  // Registers these descriptors as fixed files 0, 1, ...; -1 leaves a slot empty.
  void RegisterFiles(const std::vector<int>& files);

  // A request that is being updated: what is open under `tag` may complete as `updated` instead.
  void MayBecome(const Tag& tag, const Tag& updated);

  // Announces a completion that no request of this ring will ask for: a message from another ring.
  void Expect(const Tag& message);

  // Closes the ring here instead of after the body.
  void Close();

  int fd() const;
  unsigned features() const;
  io_uring* raw() const;

 private:
  std::shared_ptr<RingState> state_;
};

}  // namespace ringspec
