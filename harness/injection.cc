#include "harness/injection.h"

#include <algorithm>

namespace ringspec {
namespace {

using Cqes = std::vector<RawCqe>;
using Tags = std::vector<Tag>;

// Beyond any bound that a calibration allows, and before any timer of a case is due.
constexpr Duration kMuchLater = 1h;

bool IsCancel(const Request& request) { return request.sqe.opcode == IORING_OP_ASYNC_CANCEL; }

// Where these select, the user_data does so only if it is asked to.
constexpr unsigned kOtherKeys =
    IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_OP;

// Requests that name another one by its user_data in sqe->addr.
bool NamesATarget(const Request& request) {
  switch (request.sqe.opcode) {
    case IORING_OP_ASYNC_CANCEL:
      return (request.sqe.cancel_flags & kOtherKeys) == 0 ||
             (request.sqe.cancel_flags & IORING_ASYNC_CANCEL_USERDATA) != 0;
    case IORING_OP_TIMEOUT_REMOVE:
    case IORING_OP_POLL_REMOVE:
      return true;
    default:
      return false;
  }
}

const Tag* AnotherTag(const Tags& tags, std::uint64_t user_data) {
  const auto other =
      std::ranges::find_if(tags, [&](const Tag& tag) { return tag.value != user_data; });
  return other == tags.end() ? nullptr : &*other;
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

constexpr unsigned kAnyLink = IOSQE_IO_LINK | IOSQE_IO_HARDLINK;

const std::vector<FaultKind> kKinds = {
    {"other_errno", "completes with another errno", nullptr,
     [](Cqes& cqes, std::size_t i, const Tags&) {
       cqes[i].res = cqes[i].res == -EIO ? -EPERM : -EIO;
       return true;
     }},
    {"accepted", "accepts what it refuses", nullptr,
     [](Cqes& cqes, std::size_t i, const Tags&) {
       if (cqes[i].res >= 0) return false;
       cqes[i].res = 0;
       return true;
     }},
    {"refused", "refuses what it accepts", nullptr,
     [](Cqes& cqes, std::size_t i, const Tags&) {
       if (cqes[i].res == -EINVAL) return false;
       cqes[i].res = -EINVAL;
       return true;
     }},
    {"count_plus_one", "counts one too many", nullptr,
     [](Cqes& cqes, std::size_t i, const Tags&) {
       if (cqes[i].res < 0) return false;
       ++cqes[i].res;
       return true;
     }},
    {"count_minus_one", "counts one too few", nullptr,
     [](Cqes& cqes, std::size_t i, const Tags&) {
       if (cqes[i].res <= 0) return false;
       --cqes[i].res;
       return true;
     }},
    {"dropped", "posts no CQE", nullptr,
     [](Cqes& cqes, std::size_t i, const Tags&) {
       cqes.erase(cqes.begin() + static_cast<std::ptrdiff_t>(i));
       return true;
     }},
    {"duplicated", "posts the CQE twice", nullptr,
     [](Cqes& cqes, std::size_t i, const Tags&) {
       cqes.push_back(cqes[i]);
       return true;
     }},
    {"swapped", "posts the CQE under another request's user_data", nullptr,
     [](Cqes& cqes, std::size_t i, const Tags& tags) {
       const Tag* other = AnotherTag(tags, cqes[i].user_data);
       if (other == nullptr) return false;
       cqes[i].user_data = other->value;
       return true;
     }},
    {"more_flipped", "sets or clears F_MORE wrongly", nullptr,
     [](Cqes& cqes, std::size_t i, const Tags&) {
       cqes[i].flags ^= IORING_CQE_F_MORE;
       return true;
     }},
    {"early", "fires a timer early", nullptr,
     [](Cqes& cqes, std::size_t i, const Tags&) {
       if (cqes[i].res != -ETIME) return false;
       cqes[i].seen -= kMuchLater;
       return true;
     }},
    {"late", "fires a timer late", nullptr,
     [](Cqes& cqes, std::size_t i, const Tags&) {
       if (cqes[i].res != -ETIME) return false;
       cqes[i].seen += kMuchLater;
       return true;
     }},
    {"wrong_target", "hits another request than the one named",
     [](Request& request, const Tags& tags) {
       const Tag* other = AnotherTag(tags, request.sqe.addr);
       if (!NamesATarget(request) || other == nullptr) return false;
       request.sqe.addr = other->value;
       return true;
     },
     nullptr},
    {"too_few", "ignores ALL",
     [](Request& request, const Tags&) {
       return ChangeCancelFlag(request, IORING_ASYNC_CANCEL_ALL, false);
     },
     nullptr},
    {"too_many", "takes all requests where one is asked for",
     [](Request& request, const Tags&) {
       return ChangeCancelFlag(request, IORING_ASYNC_CANCEL_ALL, true);
     },
     nullptr},
    {"op_flags_ignored", "ignores the operation's flags",
     [](Request& request, const Tags&) {
       const auto opcode = request.sqe.opcode;
       if (request.sqe.op_flags == 0 || opcode == IORING_OP_POLL_ADD) return false;
       request.sqe.op_flags = 0;
       return true;
     },
     nullptr},
    {"drain_ignored", "ignores IOSQE_IO_DRAIN",
     [](Request& request, const Tags&) { return StripSqeFlag(request, IOSQE_IO_DRAIN); }, nullptr},
    {"skip_ignored", "ignores IOSQE_CQE_SKIP_SUCCESS",
     [](Request& request, const Tags&) { return StripSqeFlag(request, IOSQE_CQE_SKIP_SUCCESS); },
     nullptr},
    {"chain_ignored", "ignores the link to the next request",
     [](Request& request, const Tags&) { return StripSqeFlag(request, kAnyLink); }, nullptr},
    {"chain_kept", "keeps a soft chain that should be severed",
     [](Request& request, const Tags&) {
       if (!StripSqeFlag(request, IOSQE_IO_LINK)) return false;
       request.sqe.flags |= IOSQE_IO_HARDLINK;
       return true;
     },
     nullptr},
    {"chain_severed", "severs a hard chain that should be kept",
     [](Request& request, const Tags&) {
       if (!StripSqeFlag(request, IOSQE_IO_HARDLINK)) return false;
       request.sqe.flags |= IOSQE_IO_LINK;
       return true;
     },
     nullptr},
};

}  // namespace

const std::vector<FaultKind>& FaultKinds() { return kKinds; }

void Injection::OnSubmit(std::vector<Request>& batch) {
  for (const Request& request : batch) tags_.push_back(request.tag);
  if (kind_.to_request == nullptr) return;
  for (Request& request : batch) {
    Request changed = request;
    if (!kind_.to_request(changed, tags_) || !IsThePoint()) continue;
    request = changed;
    *injected_ = true;
  }
}

void Injection::OnArrival(std::vector<RawCqe>& cqes) {
  if (kind_.to_cqe == nullptr) return;
  const std::size_t arrived = cqes.size();
  for (std::size_t i = 0; i < arrived; ++i) {
    std::vector<RawCqe> changed = cqes;
    if (!kind_.to_cqe(changed, i, tags_) || !IsThePoint()) continue;
    cqes = changed;
    *injected_ = true;
    return;
  }
}

// A call answers once and to its caller: the faults that remain are those of results and times.
void Injection::OnReturn(Completion& returned) {
  if (kind_.to_cqe == nullptr) return;
  std::vector<RawCqe> changed{{returned.user_data, returned.res, returned.flags, returned.seen}};
  if (!kind_.to_cqe(changed, 0, {}) || changed.size() != 1) return;
  if (changed[0].flags != returned.flags || !IsThePoint()) return;
  returned.res = changed[0].res;
  returned.seen = changed[0].seen;
  *injected_ = true;
}

}  // namespace ringspec
