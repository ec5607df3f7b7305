#include "harness/ring_state.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "harness/deadline.h"
#include "harness/errno_name.h"
#include "harness/error.h"
#include "harness/faults/fault.h"
#include "harness/guard.h"

namespace ringspec {
namespace {

// After this the polling thread of an SQPOLL ring sleeps: a spinning one eats virtual time.
constexpr unsigned kSqThreadIdleMs = 1;

// Between looks at whether the polling thread has taken the requests: at once as a rule, but a
// request of them may keep it for seconds.
constexpr Duration kFirstPause = 20us;
constexpr Duration kLongestPause = 5ms;

// In virtual time 5.10 to 7.3 took up to 9 ms.
Duration TeardownBound() {
  const Timing& timing = CurrentTiming();
  return timing.shares_cpus ? kTeardownBound : 5 * timing.quiet;
}

// Whether the kernel makes a ring of the current setup when nothing else is asked for.
bool SetupIsKnown() {
  io_uring ring{};
  if (io_uring_queue_init(1, &ring, SetupFlags(CurrentSetup())) != 0) return false;
  io_uring_queue_exit(&ring);
  return true;
}

int MinusErrno(long result) { return result < 0 ? -errno : static_cast<int>(result); }

}  // namespace

RingState::RingState(const RingOptions& options) : number_(Recorder::Current().AddRing()) {
  io_uring_params params{};
  params.flags = options.flags | SetupFlags(CurrentSetup());
  params.sq_thread_idle = kSqThreadIdleMs;
  if (options.cq_entries != 0) {
    params.flags |= IORING_SETUP_CQSIZE;
    params.cq_entries = options.cq_entries;
  }
  const int error = io_uring_queue_init_params(options.entries, &ring_, &params);
  if (error == -EINVAL && options.flags != 0 && SetupIsKnown()) {
    Recorder::Current().Part("ring", "-EINVAL");
    throw std::runtime_error("io_uring_setup refuses the flags that the case adds: -EINVAL");
  }
  if (error == -EINVAL) throw SetupRefused(-error);
  if (error < 0) throw SetupError("io_uring_setup", -error);
  open_ = true;
}

RingState::~RingState() { Close(); }

void RingState::Close() {
  if (!open_) return;
  open_ = false;
  const TimePoint begin = Now();
  io_uring_queue_exit(&ring_);
  const Duration took = Now() - begin;
  if (took > TeardownBound()) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    Recorder::Current().Violation("slow_teardown",
                                  "closing the ring took " + std::to_string(ms) + " ms");
  }
}

void RingState::Queue(std::vector<Request>& batch) {
  if (CurrentFaults() != nullptr) CurrentFaults()->OnSubmit(batch);
  for (const Request& request : batch) {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    if (sqe == nullptr) throw std::length_error("more SQEs in one batch than the ring has");
    std::memcpy(sqe, &request.sqe, sizeof(request.sqe));
    memory_.insert(memory_.end(), request.memory.begin(), request.memory.end());
    Recorder::Current().Submitted(number_, request, Now());
  }
}

int RingState::Flush() { return io_uring_submit(&ring_); }

int RingState::TrySubmit(std::vector<Request> batch) {
  Queue(batch);
  const int result = Flush();
  Taken(batch);
  return result;
}

void RingState::Taken(const std::vector<Request>& batch) {
  if (CurrentFaults() != nullptr) CurrentFaults()->AfterSubmit(ring_.ring_fd, batch);
}

unsigned RingState::Publish(std::vector<Request> batch) {
  Queue(batch);
  // What io_uring_submit(3) does before it enters the kernel.
  io_uring_sq& sq = ring_.sq;
  const unsigned mask = *sq.kring_mask;
  unsigned tail = *sq.ktail;
  for (; sq.sqe_head != sq.sqe_tail; ++sq.sqe_head) sq.array[tail++ & mask] = sq.sqe_head & mask;
  io_uring_smp_store_release(sq.ktail, tail);
  return static_cast<unsigned>(batch.size());
}

void RingState::Submit(std::vector<Request> batch) {
  Queue(batch);
  // On a busy host the polling thread may wait long for a processor.
  Deadline deadline(3 * CurrentTiming().give_up);
  // A kernel stops at a request that it refuses, and takes the rest when it is entered again.
  for (Duration pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    const int result = Flush();
    if (result < 0 && result != -EINTR) {
      Recorder::Current().Part("submit", ResultName(result));
      throw std::runtime_error("io_uring_submit returned " + ResultName(result) +
                               ", expected the number of requests");
    }
    if (io_uring_sq_ready(&ring_) == 0) return Taken(batch);
    if (deadline.Passed()) throw std::runtime_error("the kernel does not consume the SQEs");
    std::this_thread::sleep_for(pause);
  }
}

void RingState::Take() {
  std::vector<RawCqe> taken;
  unsigned head;
  io_uring_cqe* cqe;
  io_uring_for_each_cqe(&ring_, head, cqe) {
    taken.push_back({cqe->user_data, cqe->res, cqe->flags, {}});
  }
  // After the look at the CQ: a completion must never seem to have come before it did.
  const TimePoint now = Now();
  for (RawCqe& raw : taken) raw.seen = now;
  io_uring_cq_advance(&ring_, taken.size());
  if (CurrentFaults() != nullptr) CurrentFaults()->OnArrival(taken);
  for (const RawCqe& raw : taken) inbox_.push_back(Recorder::Current().Arrived(number_, raw));
}

void RingState::WaitForOne(TimePoint deadline) {
  if (ring_.flags & IORING_SETUP_IOPOLL) {  // There a wait is a poll of the device.
    GetEvents();
    return;
  }
  const WakeUp wake_up(deadline);
  Enter(0, 1, IORING_ENTER_GETEVENTS, nullptr, 0);
}

Completion RingState::PopInbox() {
  Completion completion = std::move(inbox_.front());
  inbox_.pop_front();
  return completion;
}

std::vector<Completion> RingState::Reap(int count) {
  Deadline deadline(CurrentTiming().give_up);
  Take();
  while (std::ssize(inbox_) < count && !deadline.Passed()) {
    WaitForOne(deadline.at());
    Take();
  }
  std::vector<Completion> completions;
  while (!inbox_.empty() && std::ssize(completions) < count) completions.push_back(PopInbox());
  if (std::ssize(completions) < count) {
    for (Completion& absent : Recorder::Current().GaveUp(number_)) {
      completions.push_back(std::move(absent));
    }
  }
  return completions;
}

std::vector<Completion> RingState::ReapUntilQuiet() {
  Deadline deadline(CurrentTiming().give_up);
  std::vector<Completion> completions;
  Deadline quiet(CurrentTiming().quiet);
  GetEvents();
  Take();
  while (!inbox_.empty() || (!quiet.Passed() && !deadline.Passed())) {
    if (!inbox_.empty()) quiet = Deadline(CurrentTiming().quiet);
    while (!inbox_.empty()) completions.push_back(PopInbox());
    WaitForOne(std::min(quiet.at(), deadline.at()));
    Take();
  }
  return completions;
}

std::vector<Completion> RingState::ReapFor(Duration window) {
  const TimePoint deadline = Now() + window;
  std::vector<Completion> completions;
  GetEvents();
  Take();
  while (true) {
    while (!inbox_.empty()) completions.push_back(PopInbox());
    if (Now() >= deadline) return completions;
    WaitForOne(deadline);
    Take();
  }
}

std::vector<Completion> RingState::ArrivedAtReturn() {
  Take();
  std::string tags;
  for (const Completion& completion : inbox_) {
    tags += (tags.empty() ? "" : ",") + completion.tag;
  }
  Recorder::Current().Part("at_return", tags.empty() ? "nothing" : tags);
  return {inbox_.begin(), inbox_.end()};
}

void RingState::GetEvents() { Enter(0, 0, IORING_ENTER_GETEVENTS, nullptr, 0); }

int RingState::Enter(unsigned submit, unsigned min_complete, unsigned flags, const void* arg,
                     std::size_t size) {
  return MinusErrno(
      syscall(__NR_io_uring_enter, ring_.ring_fd, submit, min_complete, flags, arg, size));
}

int RingState::Register(unsigned opcode, const void* arg, unsigned nr_args) {
  return MinusErrno(syscall(__NR_io_uring_register, ring_.ring_fd, opcode, arg, nr_args));
}

}  // namespace ringspec
