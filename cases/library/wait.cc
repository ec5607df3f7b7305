// The waiting helpers: what they return, and what they keep to themselves.
#include "cases/library/plain_ring.h"
#include "harness/cases.h"
#include "harness/errno_name.h"
#include "harness/library.h"

namespace ringspec {
namespace {

constexpr std::uint64_t kMine = 0x1234;

// Names what a helper returned and which completion it handed out, and takes that.
std::string Returned(PlainRing& ring, int result, io_uring_cqe* cqe) {
  std::string text = ResultName(result);
  if (cqe == nullptr) return text;
  text += cqe->user_data == kMine ? "+mine" : "+foreign";
  io_uring_cqe_seen(ring, cqe);
  return text;
}

// What is in the CQ, as a program finds it.
std::string Left(PlainRing& ring) {
  io_uring_cqe* cqe = nullptr;
  const int result = io_uring_peek_cqe(ring, &cqe);
  return Returned(ring, result, result == 0 ? cqe : nullptr);
}

struct Waited {
  std::string returned;
  std::string left;
};

// Records both, so that they are the outcome.
Waited Outcome(PlainRing& ring, int result, io_uring_cqe* cqe) {
  Waited waited{Returned(ring, result, cqe), ""};
  waited.left = Left(ring);
  Record("returned", waited.returned);
  Record("left", waited.left);
  return waited;
}

RING_CASE(LibraryWait, WithoutExtendedArgumentsItExpiresAndHidesItsTimeout,
          .clause = "LIB-WAIT-OLD-01", .axis = Axis::kLiburing) {
  PlainRing ring;
  ring.Forget(IORING_FEAT_EXT_ARG);
  __kernel_timespec limit{0, 50'000'000};
  io_uring_cqe* cqe = nullptr;

  const TimePoint begin = Now();
  const int result = io_uring_wait_cqe_timeout(ring, &cqe, &limit);

  EXPECT_GE(Now() - begin, 50ms);
  const Waited waited = Outcome(ring, result, cqe);
  EXPECT_EQ(waited.returned, "-ETIME");
  EXPECT_EQ(waited.left, "-EAGAIN");
}

RING_CASE(LibraryWait, WithoutExtendedArgumentsItSubmitsWhatIsPrepared, .clause = "LIB-WAIT-OLD-01",
          .axis = Axis::kLiburing) {
  PlainRing ring;
  ring.Forget(IORING_FEAT_EXT_ARG);
  ring.PrepareNop(kMine);
  __kernel_timespec limit{20, 0};
  io_uring_cqe* cqe = nullptr;

  const int result = io_uring_wait_cqe_timeout(ring, &cqe, &limit);

  const Waited waited = Outcome(ring, result, cqe);
  EXPECT_EQ(waited.returned, "0+mine");
  EXPECT_EQ(waited.left, "-EAGAIN");
}

RING_CASE(LibraryWait, OneCompletionOfTwoIsATimeoutAtTheTimeout, .clause = "LIB-WAIT-CQES-01",
          .axis = Axis::kLiburing) {
  PlainRing ring;
  ring.PrepareNop(kMine);
  io_uring_submit(ring);
  __kernel_timespec limit{0, 50'000'000};
  io_uring_cqe* cqe = nullptr;

  const TimePoint begin = Now();
  const int result = io_uring_wait_cqes(ring, &cqe, 2, &limit, nullptr);

  EXPECT_GE(Now() - begin, 50ms);
  Record("returned", Returned(ring, result, cqe));
  EXPECT_EQ(result, -ETIME);
}

RING_CASE(LibraryWait, TwoCompletionsOfTwoEndTheWait, .clause = "LIB-WAIT-CQES-01",
          .axis = Axis::kLiburing) {
  PlainRing ring;
  ring.PrepareNop(kMine);
  ring.PrepareNop(kMine);
  io_uring_submit(ring);
  __kernel_timespec limit{20, 0};
  io_uring_cqe* cqe = nullptr;

  const int result = io_uring_wait_cqes(ring, &cqe, 2, &limit, nullptr);

  const Waited waited = Outcome(ring, result, cqe);
  EXPECT_EQ(waited.returned, "0+mine");
  EXPECT_EQ(waited.left, "0+mine");
}

RING_CASE(LibraryWait, SubmitAndWaitReturnsTheNumberOfRequests, .clause = "LIB-SAWT-01",
          .axis = Axis::kLiburing) {
  PlainRing ring;
  ring.PrepareNop(kMine);
  __kernel_timespec limit{20, 0};
  io_uring_cqe* cqe = nullptr;

  const int result = io_uring_submit_and_wait_timeout(ring, &cqe, 1, &limit, nullptr);

  EXPECT_EQ(Outcome(ring, result, cqe).returned, "1+mine");
}

RING_CASE(LibraryWait, SubmitAndWaitWithNothingToSubmitExpires, .clause = "LIB-SAWT-01",
          .axis = Axis::kLiburing) {
  PlainRing ring;
  __kernel_timespec limit{0, 50'000'000};
  io_uring_cqe* cqe = nullptr;

  const int result = io_uring_submit_and_wait_timeout(ring, &cqe, 1, &limit, nullptr);

  EXPECT_EQ(Outcome(ring, result, cqe).returned, "-ETIME");
}

RING_CASE(LibraryWait, SubmitAndWaitForWhatDoesNotCompleteExpires, .clause = "LIB-SAWT-01",
          .axis = Axis::kLiburing) {
  PlainRing ring;
  const Pipe pipe;
  ring.PreparePoll(pipe.read_end(), kMine);
  __kernel_timespec limit{0, 50'000'000};
  io_uring_cqe* cqe = nullptr;

  const int result = io_uring_submit_and_wait_timeout(ring, &cqe, 1, &limit, nullptr);

  EXPECT_EQ(Outcome(ring, result, cqe).returned, "-ETIME");
}

RING_CASE(LibraryWait, AMinimumTimeThatTheKernelLacksIsRefused, .clause = "LIB-MINWAIT-01",
          .axis = Axis::kLiburing) {
  PlainRing ring;
  ring.Forget(IORING_FEAT_MIN_TIMEOUT);
  ring.PrepareNop(kMine);
  __kernel_timespec limit{0, 50'000'000};
  io_uring_cqe* cqe = nullptr;

  const int submitted = library::SubmitAndWaitMinTimeout(ring, &cqe, &limit);
  const int waited = library::WaitCqesMinTimeout(ring, &cqe, &limit);

  Record("submit_and_wait", ResultName(submitted));
  Record("wait", ResultName(waited));
  EXPECT_EQ(submitted, -EINVAL);
  EXPECT_EQ(waited, -EINVAL);
}

RING_CASE(LibraryWait, ARegisteredWaitThatTheKernelLacksIsRefusedAndNothingIsFlushed,
          .clause = "LIB-REGWAIT-01", .axis = Axis::kLiburing) {
  PlainRing ring;
  ring.Forget(IORING_FEAT_EXT_ARG);
  ring.PrepareNop(kMine);
  io_uring_cqe* cqe = nullptr;

  const int result = library::SubmitAndWaitReg(ring, &cqe);

  Record("returned", ResultName(result));
  Record("flushed", std::to_string(ring.Flushed()));
  EXPECT_EQ(result, -EINVAL);
  EXPECT_EQ(ring.Flushed(), 0U);
}

}  // namespace
}  // namespace ringspec
