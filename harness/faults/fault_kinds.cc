#include "harness/faults/fault_kinds.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "harness/deadline.h"
#include "harness/uapi.h"

namespace ringspec {
namespace {

using Cqes = std::vector<RawCqe>;

// "Never early" has no tolerance: the least that a clock of nanoseconds and a look at it can tell.
constexpr Duration kAHair = 10us;
// Early where it is not known when the timer was due.
constexpr Duration kFarTooEarly = 1h;
// Beyond the bound of lateness, which may still grow by what the process is starved of.
constexpr Duration kTooLate = 1s;
// No request of any case has this one.
constexpr std::uint64_t kNowhere = 0xdead'0bad'dead'0bad;

bool IsCancel(const Request& request) { return request.sqe.opcode == IORING_OP_ASYNC_CANCEL; }

bool AsksForAll(const Request& request) {
  return IsCancel(request) && (request.sqe.cancel_flags & IORING_ASYNC_CANCEL_ALL) != 0;
}

// Where these select, the user_data does so only if it is asked to.
constexpr unsigned kOtherKeys =
    IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_OP;

// Requests that name another one by its user_data in sqe->addr.
bool NamesATarget(const Request& request) {
  return TakesATarget(request) &&
         (!IsCancel(request) || (request.sqe.cancel_flags & kOtherKeys) == 0 ||
          (request.sqe.cancel_flags & IORING_ASYNC_CANCEL_USERDATA) != 0);
}

bool StripSqeFlag(Request& request, unsigned flag) {
  if ((request.sqe.flags & flag) == 0) return false;
  request.sqe.flags &= ~flag;
  return true;
}

bool ChangeCancelFlag(Request& request, unsigned flag, bool set) {
  if (!IsCancel(request) || ((request.sqe.cancel_flags & flag) != 0) == set) return false;
  request.sqe.cancel_flags ^= flag;
  return true;
}

// A request that finds nothing, or is refused, is no better off without its flags or with others.
bool TakesSomething(const Request& request, const Scene& scene) {
  const std::int32_t answer = scene.AnswerOf(request).value_or(0);
  return answer >= 0 || answer == -EALREADY;
}

// Only where a request fails does it matter how it is linked to the next one.
bool Fails(const Request& request, const Scene& scene) {
  return scene.AnswerOf(request).value_or(0) < 0;
}

constexpr unsigned kAnyLink = IOSQE_IO_LINK | IOSQE_IO_HARDLINK;

// Cancels the victim if it is pending, without a trace in the ring but the victim's own CQE.
bool TakeOff(int ring, const Tag& victim) {
  uapi::SyncCancelReg cancel{};
  cancel.addr = victim.value;
  cancel.fd = -1;
  cancel.timeout = ToTimespec(100ms);
  return syscall(__NR_io_uring_register, ring, uapi::kRegisterSyncCancel, &cancel, 1) == 0;
}

// The timespec that the request brings along; none if it is the case's own, or invalid on purpose.
std::optional<Duration> TimeOf(const Request& request, std::uint64_t address) {
  if ((request.sqe.timeout_flags & IORING_TIMEOUT_IMMEDIATE_ARG) != 0) return Duration(address);
  for (const auto& memory : request.memory) {
    if (AddressOf(memory.get()) != address) continue;
    const auto* time = static_cast<const __kernel_timespec*>(memory.get());
    return std::chrono::seconds(time->tv_sec) + Duration(time->tv_nsec);
  }
  return std::nullopt;
}

std::optional<Due> DueOf(const Request& request, std::uint64_t address, TimePoint now) {
  const std::optional<Duration> time = TimeOf(request, address);
  const unsigned flags = request.sqe.timeout_flags;
  if (!time || (flags & (IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME)) != 0) return {};
  if ((flags & IORING_TIMEOUT_ABS) != 0) return Due{*time, {}};
  const bool again = (flags & IORING_TIMEOUT_MULTISHOT) != 0;
  return Due{now + *time, again ? *time : Duration()};
}

const std::vector<FaultKind> kKinds = {
    {.name = "other_errno",
     .says = "completes with another errno",
     .to_cqe =
         [](Cqes& cqes, std::size_t i, Scene&) {
           cqes[i].res = cqes[i].res == -EIO ? -EPERM : -EIO;
           return true;
         }},
    {.name = "accepted",
     .says = "accepts what it refuses",
     .to_cqe =
         [](Cqes& cqes, std::size_t i, Scene&) {
           if (cqes[i].res >= 0) return false;
           cqes[i].res = 0;
           return true;
         }},
    {.name = "refused",
     .says = "refuses what it accepts",
     .to_cqe =
         [](Cqes& cqes, std::size_t i, Scene&) {
           if (cqes[i].res == -EINVAL) return false;
           cqes[i].res = -EINVAL;
           return true;
         }},
    {.name = "count_plus_one",
     .says = "counts one too many",
     .to_cqe =
         [](Cqes& cqes, std::size_t i, Scene&) {
           if (cqes[i].res < 0) return false;
           ++cqes[i].res;
           return true;
         }},
    {.name = "count_minus_one",
     .says = "counts one too few",
     .to_cqe =
         [](Cqes& cqes, std::size_t i, Scene&) {
           if (cqes[i].res <= 0) return false;
           --cqes[i].res;
           return true;
         }},
    {.name = "dropped",
     .says = "posts no CQE",
     .to_cqe =
         [](Cqes& cqes, std::size_t i, Scene&) {
           cqes.erase(cqes.begin() + static_cast<std::ptrdiff_t>(i));
           return true;
         }},
    {.name = "duplicated",
     .says = "posts the CQE twice",
     .to_cqe =
         [](Cqes& cqes, std::size_t i, Scene&) {
           cqes.push_back(cqes[i]);
           return true;
         }},
    {.name = "swapped",
     .says = "posts the CQE under another request's user_data",
     .to_cqe =
         [](Cqes& cqes, std::size_t i, Scene& scene) {
           const Tag* other = scene.AnotherTag(cqes[i].user_data);
           if (other == nullptr) return false;
           cqes[i].user_data = other->value;
           return true;
         }},
    {.name = "more_flipped",
     .says = "sets or clears F_MORE wrongly",
     .to_cqe =
         [](Cqes& cqes, std::size_t i, Scene&) {
           cqes[i].flags ^= IORING_CQE_F_MORE;
           return true;
         }},
    {.name = "early",
     .says = "fires a timer 10 us before it is due",
     .to_cqe =
         [](Cqes& cqes, std::size_t i, Scene& scene) {
           if (cqes[i].res != -ETIME) return false;
           const auto due = scene.dues.find(cqes[i].user_data);
           if (due == scene.dues.end()) {
             cqes[i].seen -= kFarTooEarly;
           } else {
             cqes[i].seen = std::min(cqes[i].seen, due->second.at) - kAHair;
             due->second.at += due->second.interval;
           }
           return true;
         }},
    {.name = "late",
     .says = "fires a timer later than the guest's calibration allows",
     .to_cqe =
         [](Cqes& cqes, std::size_t i, Scene&) {
           if (cqes[i].res != -ETIME) return false;
           cqes[i].seen += CurrentTiming().lateness + Starved() + kTooLate;
           return true;
         }},
    {.name = "wrong_target",
     .says = "hits another request than the one named",
     .to_request =
         [](Request& request, const Scene& scene) {
           const Tag* other = scene.AnotherTag(request.sqe.addr);
           if (!NamesATarget(request) || other == nullptr) return false;
           if (!TakesSomething(request, scene)) return false;
           request.sqe.addr = other->value;
           return true;
         }},
    {.name = "one_more",
     .says = "takes one request more than it should, and does not say so",
     .to_ring = TakeOff},
    {.name = "none_taken",
     .says = "claims to have taken what it did not touch",
     .to_request =
         [](Request& request, const Scene& scene) {
           const int claimed = scene.AnswerOf(request).value_or(-ENOENT);
           if (!TakesATarget(request) || claimed < (AsksForAll(request) ? 1 : 0)) return false;
           if (IsCancel(request)) request.sqe.cancel_flags = 0;
           request.sqe.addr = kNowhere;
           return true;
         },
     .lies = true},
    {.name = "one_taken",
     .says = "takes one of those it claims to have taken",
     .to_request =
         [](Request& request, const Scene& scene) {
           const int claimed = scene.AnswerOf(request).value_or(-ENOENT);
           // ANY takes all of them with ALL and without.
           if (claimed <= 1 || (request.sqe.cancel_flags & IORING_ASYNC_CANCEL_ANY) != 0)
             return false;
           return ChangeCancelFlag(request, IORING_ASYNC_CANCEL_ALL, false);
         },
     .lies = true},
    {.name = "too_few",
     .says = "ignores ALL",
     .to_request =
         [](Request& request, const Scene& scene) {
           return TakesSomething(request, scene) &&
                  ChangeCancelFlag(request, IORING_ASYNC_CANCEL_ALL, false);
         }},
    {.name = "too_many",
     .says = "takes all requests where one is asked for",
     .to_request =
         [](Request& request, const Scene& scene) {
           return TakesSomething(request, scene) &&
                  ChangeCancelFlag(request, IORING_ASYNC_CANCEL_ALL, true);
         }},
    {.name = "op_flags_ignored",
     .says = "ignores the operation's flags",
     .to_request =
         [](Request& request, const Scene& scene) {
           const auto opcode = request.sqe.opcode;
           if (request.sqe.op_flags == 0 || opcode == IORING_OP_POLL_ADD) return false;
           if (scene.AnswerOf(request) == -ENOENT) return false;
           request.sqe.op_flags = 0;
           return true;
         }},
    {.name = "drain_ignored",
     .says = "ignores IOSQE_IO_DRAIN",
     .to_request = [](Request& request,
                      const Scene&) { return StripSqeFlag(request, IOSQE_IO_DRAIN); }},
    {.name = "skip_ignored",
     .says = "ignores IOSQE_CQE_SKIP_SUCCESS",
     .to_request =
         [](Request& request, const Scene& scene) {
           return !scene.AnswerOf(request) && StripSqeFlag(request, IOSQE_CQE_SKIP_SUCCESS);
         }},
    {.name = "fixed_file_ignored",
     .says = "ignores IOSQE_FIXED_FILE",
     .to_request = [](Request& request,
                      const Scene&) { return StripSqeFlag(request, IOSQE_FIXED_FILE); }},
    {.name = "buffer_select_ignored",
     .says = "ignores IOSQE_BUFFER_SELECT",
     .to_request = [](Request& request,
                      const Scene&) { return StripSqeFlag(request, IOSQE_BUFFER_SELECT); }},
    {.name = "chain_ignored",
     .says = "ignores the link to the next request",
     .to_request = [](Request& request, const Scene&) { return StripSqeFlag(request, kAnyLink); }},
    {.name = "chain_kept",
     .says = "keeps a soft chain that should be severed",
     .to_request =
         [](Request& request, const Scene& scene) {
           if (!Fails(request, scene) || !StripSqeFlag(request, IOSQE_IO_LINK)) return false;
           request.sqe.flags |= IOSQE_IO_HARDLINK;
           return true;
         }},
    {.name = "chain_severed",
     .says = "severs a hard chain that should be kept",
     .to_request =
         [](Request& request, const Scene& scene) {
           if (!Fails(request, scene) || !StripSqeFlag(request, IOSQE_IO_HARDLINK)) return false;
           request.sqe.flags |= IOSQE_IO_LINK;
           return true;
         }},
};

}  // namespace

const std::vector<FaultKind>& FaultKinds() { return kKinds; }

bool TakesATarget(const Request& request) {
  switch (request.sqe.opcode) {
    case IORING_OP_ASYNC_CANCEL:
    case IORING_OP_TIMEOUT_REMOVE:
    case IORING_OP_POLL_REMOVE:
      return true;
    default:
      return false;
  }
}

void Unbroken::Add(std::uint64_t user_data, std::int32_t res) {
  if (count < answers.size() && !Of(user_data)) answers[count++] = {user_data, res};
}

std::optional<std::int32_t> Unbroken::Of(std::uint64_t user_data) const {
  const auto* end = answers.begin() + count;
  const auto* found = std::find_if(
      answers.begin(), end, [&](const Answer& answer) { return answer.user_data == user_data; });
  return found == end ? std::nullopt : std::optional(found->res);
}

void Scene::Enters(const Request& request, TimePoint now) {
  if (std::ranges::find(tags, request.tag) == tags.end()) tags.push_back(request.tag);
  const uapi::Sqe& sqe = request.sqe;
  const bool update = sqe.opcode == IORING_OP_TIMEOUT_REMOVE &&
                      (sqe.timeout_flags & IORING_TIMEOUT_UPDATE_MASK) != 0;
  if (sqe.opcode != IORING_OP_TIMEOUT && sqe.opcode != IORING_OP_LINK_TIMEOUT && !update) return;
  const std::uint64_t timer = update ? sqe.addr : sqe.user_data;
  // A point in time, after an update, is on the clock of the timer.
  const bool unknown = update && (sqe.timeout_flags & IORING_TIMEOUT_ABS) != 0;
  const std::optional<Due> due =
      unknown ? std::nullopt : DueOf(request, update ? sqe.addr2 : sqe.addr, now);
  const auto known = dues.find(timer);
  // Of two under one user_data, or of two expiries, the first one counts.
  if (!due && known != dues.end()) dues.erase(known);
  if (due && (known == dues.end() || due->at < known->second.at)) dues[timer] = *due;
}

const Tag* Scene::AnotherTag(std::uint64_t user_data) const {
  const auto other =
      std::ranges::find_if(tags, [&](const Tag& tag) { return tag.value != user_data; });
  return other == tags.end() ? nullptr : &*other;
}

}  // namespace ringspec
