// A ring as the harness keeps it until after the body of its case.
#pragma once

#include <deque>
#include <vector>

#include "harness/completion.h"
#include "harness/ops.h"
#include "harness/recorder.h"
#include "harness/ring.h"
#include "harness/uapi.h"

namespace ringspec {

class RingState {
 public:
  explicit RingState(const RingOptions& options);
  ~RingState();
  RingState(const RingState&) = delete;
  RingState& operator=(const RingState&) = delete;

  void Submit(std::vector<Request> batch);
  int TrySubmit(std::vector<Request> batch);
  unsigned Publish(std::vector<Request> batch);
  std::vector<Completion> Reap(int count);
  std::vector<Completion> ReapUntilQuiet();
  std::vector<Completion> ReapFor(Duration window);
  std::vector<Completion> ArrivedAtReturn();
  void GetEvents();
  int Enter(unsigned submit, unsigned min_complete, unsigned flags, const void* arg,
            std::size_t size);
  int Register(unsigned opcode, const void* arg, unsigned nr_args);
  void MayBecome(const Tag& tag, const Tag& other) {
    Recorder::Current().MayBecome(number_, tag, other);
  }
  void Expect(const Tag& tag) { Recorder::Current().Submitted(number_, Nop().Tag(tag), Now()); }
  void Close();

  bool is_open() const { return open_; }
  io_uring* raw() { return &ring_; }

 private:
  // Hands SQEs to the kernel once; what io_uring_submit(3) returned.
  int Flush();
  void Queue(std::vector<Request>& batch);
  // For the fault layer: the kernel has taken them.
  void Taken(const std::vector<Request>& batch);
  // Moves what is in the CQ to the inbox, without entering the kernel.
  void Take();
  // Enters the kernel until a completion comes or the deadline has passed.
  void WaitForOne(TimePoint deadline);
  Completion PopInbox();

  io_uring ring_{};
  int number_;
  bool open_ = false;
  std::vector<std::shared_ptr<void>> memory_;
  std::deque<Completion> inbox_;
};

}  // namespace ringspec
