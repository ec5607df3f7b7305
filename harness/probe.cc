#include "harness/probe.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <optional>

#include "harness/errno_name.h"
#include "harness/library.h"
#include "harness/ops.h"
#include "harness/setup.h"

namespace ringspec {
namespace {

// Rings of the probes are outside of any case: plain liburing.
class PlainRing {
 public:
  explicit PlainRing(unsigned flags = 0) {
    io_uring_params params{};
    params.flags = flags;
    error_ = io_uring_queue_init_params(8, &ring_, &params);
  }
  ~PlainRing() {
    if (error_ == 0) io_uring_queue_exit(&ring_);
  }
  PlainRing(const PlainRing&) = delete;
  PlainRing& operator=(const PlainRing&) = delete;

  int error() const { return error_; }
  unsigned features() const { return ring_.features; }
  io_uring* raw() { return &ring_; }

  // The result of a request that completes at once; none if it does not.
  std::optional<int> Try(const Request& request) {
    if (error_ != 0) return std::nullopt;
    std::memcpy(io_uring_get_sqe(&ring_), &request.sqe, sizeof(request.sqe));
    io_uring_submit(&ring_);
    io_uring_cqe* cqe = nullptr;
    if (io_uring_peek_cqe(&ring_, &cqe) != 0) return std::nullopt;
    const int res = cqe->res;
    io_uring_cqe_seen(&ring_, cqe);
    return res;
  }

  int Enter(unsigned min_complete, unsigned flags, const void* arg, std::size_t size) {
    const long result =
        syscall(__NR_io_uring_enter, ring_.ring_fd, 0, min_complete, flags, arg, size);
    return result < 0 ? -errno : static_cast<int>(result);
  }

  int Register(unsigned opcode, const void* arg, unsigned nr_args) {
    const long result = syscall(__NR_io_uring_register, ring_.ring_fd, opcode, arg, nr_args);
    return result < 0 ? -errno : static_cast<int>(result);
  }

 private:
  io_uring ring_{};
  int error_;
};

using Probes = std::map<std::string, bool>;

struct NamedBit {
  const char* name;
  unsigned bit;
};

struct NamedOp {
  const char* name;
  unsigned opcode;
};

constexpr NamedOp kOps[] = {
    {"POLL_ADD", IORING_OP_POLL_ADD},
    {"POLL_REMOVE", IORING_OP_POLL_REMOVE},
    {"TIMEOUT", IORING_OP_TIMEOUT},
    {"TIMEOUT_REMOVE", IORING_OP_TIMEOUT_REMOVE},
    {"ACCEPT", IORING_OP_ACCEPT},
    {"ASYNC_CANCEL", IORING_OP_ASYNC_CANCEL},
    {"LINK_TIMEOUT", IORING_OP_LINK_TIMEOUT},
    {"CONNECT", IORING_OP_CONNECT},
    {"OPENAT", IORING_OP_OPENAT},
    {"READ", IORING_OP_READ},
    {"SEND", IORING_OP_SEND},
    {"RECV", IORING_OP_RECV},
    {"SPLICE", IORING_OP_SPLICE},
    {"MSG_RING", IORING_OP_MSG_RING},
    {"SEND_ZC", uapi::kOpSendZc},
    {"SENDMSG_ZC", uapi::kOpSendmsgZc},
    {"READ_MULTISHOT", uapi::kOpReadMultishot},
    {"WAITID", uapi::kOpWaitid},
    {"FUTEX_WAIT", uapi::kOpFutexWait},
    {"FUTEX_WAITV", uapi::kOpFutexWaitv},
    {"EPOLL_WAIT", uapi::kOpEpollWait},
    {"READV_FIXED", uapi::kOpReadvFixed},
};

void ProbeOps(Probes& probes) {
  PlainRing ring;
  io_uring_probe* probe = ring.error() == 0 ? io_uring_get_probe_ring(ring.raw()) : nullptr;
  for (const NamedOp& op : kOps) {
    probes[std::string("op:") + op.name] =
        probe != nullptr && io_uring_opcode_supported(probe, static_cast<int>(op.opcode)) != 0;
  }
  io_uring_free_probe(probe);
}

void ProbeFeatures(Probes& probes) {
  constexpr NamedBit kFeatures[] = {
      {"SUBMIT_STABLE", IORING_FEAT_SUBMIT_STABLE}, {"NODROP", IORING_FEAT_NODROP},
      {"FAST_POLL", IORING_FEAT_FAST_POLL},         {"EXT_ARG", IORING_FEAT_EXT_ARG},
      {"CQE_SKIP", IORING_FEAT_CQE_SKIP},           {"LINKED_FILE", IORING_FEAT_LINKED_FILE},
      {"MIN_TIMEOUT", IORING_FEAT_MIN_TIMEOUT},     {"NO_IOWAIT", IORING_FEAT_NO_IOWAIT},
      {"REG_REG_RING", IORING_FEAT_REG_REG_RING}};
  const PlainRing ring;
  for (const NamedBit& feature : kFeatures) {
    probes[std::string("feat:") + feature.name] =
        ring.error() == 0 && (ring.features() & feature.bit) != 0;
  }
}

// The control request: valid on every kernel, so that a refusal can be blamed on the flag.
bool Valid(std::optional<int> res) { return res.has_value() && *res != -EINVAL; }

// Known: neither the request with the flag is refused nor the one without.
void ProbeCancelFlags(Probes& probes) {
  constexpr NamedBit kFlags[] = {{"ALL", IORING_ASYNC_CANCEL_ALL},
                                 {"FD", IORING_ASYNC_CANCEL_FD},
                                 {"ANY", IORING_ASYNC_CANCEL_ANY},
                                 {"USERDATA", IORING_ASYNC_CANCEL_USERDATA},
                                 {"OP", IORING_ASYNC_CANCEL_OP}};
  PlainRing ring;
  const bool control = Valid(ring.Try(Cancel(kNobody)));
  for (const NamedBit& flag : kFlags) {
    Request request = Cancel(kNobody).Flags(flag.bit);
    if (flag.bit == IORING_ASYNC_CANCEL_OP) request.sqe.len = IORING_OP_POLL_ADD;
    if (flag.bit == IORING_ASYNC_CANCEL_FD) request.sqe.fd = ring.raw()->ring_fd;
    probes[std::string("cancel_flag:") + flag.name] = control && Valid(ring.Try(request));
  }
  // FD_FIXED without a table is a bad descriptor, not a bad request.
  probes["cancel_flag:FD_FIXED"] = control && Valid(ring.Try(Cancel().FixedFd(0)));
}

// Known: the timeout is armed, or expires, but is not refused.
void ProbeTimeoutFlags(Probes& probes) {
  constexpr NamedBit kFlags[] = {{"ABS", IORING_TIMEOUT_ABS},
                                 {"BOOTTIME", IORING_TIMEOUT_BOOTTIME},
                                 {"REALTIME", IORING_TIMEOUT_REALTIME},
                                 {"ETIME_SUCCESS", IORING_TIMEOUT_ETIME_SUCCESS},
                                 {"MULTISHOT", IORING_TIMEOUT_MULTISHOT}};
  const auto accepted = [](const Request& request) {
    PlainRing own;  // An armed timeout does not complete, and must not in the next probe.
    return own.error() == 0 && own.Try(request) != -EINVAL;
  };
  const bool control = accepted(Timeout(1h));
  for (const NamedBit& flag : kFlags) {
    probes[std::string("timeout_flag:") + flag.name] =
        control && accepted(Timeout(1h).Flags(flag.bit));
  }
  probes["timeout_flag:IMMEDIATE_ARG"] =
      control && accepted(Timeout(1h).Immediate(3'600'000'000'000));
}

// Known: an update of nobody is not refused.
void ProbeUpdates(Probes& probes) {
  PlainRing ring;
  probes["timeout_flag:UPDATE"] = Valid(ring.Try(TimeoutUpdate(kNobody, 1h)));
  probes["timeout_flag:LINK_TIMEOUT_UPDATE"] =
      Valid(ring.Try(TimeoutUpdate(kNobody, 1h).OfLinkTimeout()));
  probes["poll_flag:UPDATE"] = Valid(ring.Try(PollRemove(kNobody).UpdateEvents(POLLIN)));
  probes["poll_flag:MULTISHOT"] = probes["poll_flag:UPDATE"];  // One release brought both: 5.13.
}

// Not a socket: refused for that, unless the flag itself is refused first.
void ProbeMultishotAccept(Probes& probes) {
  PlainRing ring;
  if (ring.error() != 0) return;
  const int no_socket = ring.raw()->ring_fd;
  probes["accept_flag:MULTISHOT"] = ring.Try(Accept(no_socket)) == -ENOTSOCK &&
                                    ring.Try(Accept(no_socket).Multishot()) == -ENOTSOCK;
}

void ProbeSqeFlags(Probes& probes) {
  PlainRing ring;
  const bool control = Valid(ring.Try(Cancel(kNobody)));
  probes["sqe_flag:CQE_SKIP_SUCCESS"] = control && Valid(ring.Try(Cancel(kNobody).SkipSuccess()));
}

// Probed on idle rings: up to 5.15 an unknown register opcode waits for all requests to end.
void ProbeRegister(Probes& probes) {
  PlainRing ring;
  uapi::SyncCancelReg cancel{};
  cancel.addr = kNobody.value;
  cancel.timeout = {-1, -1};
  probes["register:SYNC_CANCEL"] =
      ring.error() == 0 && ring.Register(uapi::kRegisterSyncCancel, &cancel, 1) != -EINVAL;
  const uapi::ClockRegister clock{CLOCK_MONOTONIC, {}};
  probes["register:CLOCK"] =
      ring.error() == 0 && ring.Register(uapi::kRegisterClock, &clock, 0) == 0;
  unsigned workers[2] = {0, 0};
  probes["register:IOWQ_MAX_WORKERS"] =
      ring.error() == 0 && ring.Register(IORING_REGISTER_IOWQ_MAX_WORKERS, workers, 2) == 0;
}

// Known: a wait until a point in the past is over, or refused for another reason than the flag.
void ProbeEnterFlags(Probes& probes) {
  PlainRing ring;
  const __kernel_timespec past{0, 1};
  const uapi::GeteventsArg argument{0, 0, 0, AddressOf(&past)};
  const auto wait = [&](unsigned flags) {
    return ring.Enter(1, flags | IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument,
                      sizeof(argument));
  };
  const bool control = ring.error() == 0 && wait(0) != -EINVAL;
  probes["enter_flag:ABS_TIMER"] = control && wait(IORING_ENTER_ABS_TIMER) != -EINVAL;
  probes["enter_flag:NO_IOWAIT"] = control && wait(IORING_ENTER_NO_IOWAIT) != -EINVAL;
  // A known opcode looks at its argument first.
  const void* nowhere = reinterpret_cast<const void*>(1);
  probes["register:MEM_REGION"] =
      ring.error() == 0 && ring.Register(uapi::kRegisterMemRegion, nowhere, 1) == -EFAULT;
}

void ProbeConfig(Probes& probes) {
  probes.merge(library::Probes());
  probes["config:TIME_NS"] = access("/proc/self/ns/time", F_OK) == 0;
}

}  // namespace

std::map<std::string, bool> ProbeAll() {
  Probes probes;
  ProbeOps(probes);
  ProbeFeatures(probes);
  ProbeCancelFlags(probes);
  ProbeTimeoutFlags(probes);
  ProbeUpdates(probes);
  ProbeMultishotAccept(probes);
  ProbeSqeFlags(probes);
  ProbeRegister(probes);
  ProbeEnterFlags(probes);
  ProbeConfig(probes);
  for (const auto& [name, answer] : ProbeSetups()) probes["setup:" + name] = answer == "ok";
  return probes;
}

std::map<std::string, std::string> ProbeSetups() {
  std::map<std::string, std::string> answers;
  for (const Setup setup : kSetups) {
    const PlainRing ring(SetupFlags(setup));
    answers[std::string(Name(setup))] = ring.error() == 0 ? "ok" : ResultName(ring.error());
  }
  return answers;
}

}  // namespace ringspec
