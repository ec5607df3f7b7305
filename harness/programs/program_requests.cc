#include "harness/programs/program_requests.h"

#include <algorithm>

#include "harness/ops_wait.h"

namespace ringspec {
namespace {

template <typename Kind>
void TakeClocks(const Step& step, Kind& timeout) {
  if (step.Has("boot")) timeout.Boottime();
  if (step.Has("real")) timeout.Realtime();
  if (step.Has("etime_success")) timeout.EtimeSuccess();
}

// When a timer is due; on the clock that it names if it is absolute.
Duration Due(const Step& step, std::size_t word) {
  if (!step.Has("abs")) return step.Time(word);
  const clockid_t clock = step.Has("real")   ? CLOCK_REALTIME
                          : step.Has("boot") ? CLOCK_BOOTTIME
                                             : CLOCK_MONOTONIC;
  return Now(clock) + step.Time(word);
}

Request TimeoutOf(const Step& step) {
  Timeout timeout(Due(step, 0));
  TakeClocks(step, timeout);
  if (step.Has("imm")) timeout.Immediate(static_cast<std::uint64_t>(Due(step, 0).count()));
  if (step.Has("abs")) timeout.Abs();
  if (step.Has("mshot")) timeout.Multishot();
  return timeout.Count(static_cast<std::uint64_t>(step.NumberOf("count", 0)));
}

Request LinkTimeoutOf(const Step& step) {
  LinkTimeout timeout(Due(step, 0));
  TakeClocks(step, timeout);
  return step.Has("abs") ? timeout.Abs() : timeout;
}

Request TimeoutUpdateOf(const Step& step) {
  TimeoutUpdate update(TagNamed(step.Word(0)), Due(step, 1));
  if (step.Has("boot")) update.Flags(IORING_TIMEOUT_BOOTTIME);
  if (step.Has("real")) update.Flags(IORING_TIMEOUT_REALTIME);
  if (step.Has("linked")) update.OfLinkTimeout();
  return step.Has("abs") ? update.Abs() : update;
}

Request PollUpdateOf(const Step& step) {
  PollRemove update(TagNamed(step.Word(0)));
  if (step.Value("events")) update.UpdateEvents(PollEvents(step));
  if (const auto user = step.Value("user")) update.UpdateUserData(TagNamed(*user));
  if (step.Has("mshot")) {
    update.With([](uapi::Sqe& sqe) { sqe.len |= IORING_POLL_ADD_MULTI; });
  }
  return update;
}

Request KindOf(const Step& step, ProgramObjects& objects) {
  const std::string& verb = step.verb();
  const std::string what = step.Word(0);
  const auto length = static_cast<unsigned>(step.NumberOf("len", 64));
  if (verb == "nop") return Nop();
  if (verb == "poll") {
    PollAdd poll(objects.Fd(step, what), PollEvents(step));
    return step.Has("mshot") ? poll.Multishot() : poll;
  }
  if (verb == "read") return Read(objects.Fd(step, what), length);
  if (verb == "recv") return Recv(objects.Fd(step, what), length);
  if (verb == "splice") return Splice(objects.Fd(step, what), objects.Sink());
  if (verb == "futex") return FutexWait(objects.FutexNamed(step, what));
  if (verb == "timeout") return TimeoutOf(step);
  if (verb == "link_timeout") return LinkTimeoutOf(step);
  if (verb == "cancel") return CancelOf(step, objects);
  if (verb == "timeout_remove") return TimeoutRemove(TagNamed(what));
  if (verb == "timeout_update") return TimeoutUpdateOf(step);
  if (verb == "poll_remove") return PollRemove(TagNamed(what));
  if (verb == "poll_update") return PollUpdateOf(step);
  step.Refuse("no request");
}

void Overwrite(const Step& step, uapi::Sqe& sqe) {
  for (const auto& [field, value] : step.Overwritten()) {
    if (field == "ioprio") {
      sqe.ioprio = static_cast<std::uint16_t>(value);
    } else if (field == "off") {
      sqe.off = value;
    } else if (field == "addr") {
      sqe.addr = value;
    } else if (field == "len") {
      sqe.len = static_cast<std::uint32_t>(value);
    } else if (field == "op_flags") {
      sqe.op_flags |= static_cast<std::uint32_t>(value);
    } else if (field == "buf_index") {
      sqe.buf_index = static_cast<std::uint16_t>(value);
    } else if (field == "splice_fd_in") {
      sqe.splice_fd_in = static_cast<std::int32_t>(value);
    } else if (field == "addr3") {
      sqe.addr3 = value;
    } else {
      step.Refuse("no such field: " + field +
                  " (ioprio, off, addr, len, op_flags, buf_index, splice_fd_in, addr3)");
    }
  }
}

}  // namespace

Cancel CancelOf(const Step& step, ProgramObjects& objects) {
  Cancel cancel;
  if (!step.Word(0).empty()) cancel = Cancel(TagNamed(step.Word(0)));
  if (const auto file = step.Value("fd")) cancel.Fd(objects.Fd(step, *file));
  if (const auto verb = step.Value("op")) cancel.Opcode(OpcodeOf(step, *verb));
  if (step.Has("userdata")) cancel.Flags(IORING_ASYNC_CANCEL_USERDATA);
  if (step.Has("all")) cancel.All();
  if (step.Has("any")) cancel.Any();
  return cancel;
}

Request RequestOf(const Step& step, ProgramObjects& objects) {
  constexpr std::pair<const char*, unsigned> kFlags[] = {{"link", IOSQE_IO_LINK},
                                                         {"hardlink", IOSQE_IO_HARDLINK},
                                                         {"drain", IOSQE_IO_DRAIN},
                                                         {"async", IOSQE_ASYNC},
                                                         {"skip", IOSQE_CQE_SKIP_SUCCESS}};
  Request request = KindOf(step, objects);
  request.tag = TagNamed(step.name());
  request.sqe.user_data = request.tag.value;
  for (const auto& [name, flag] : kFlags) {
    if (step.Has(name)) request.sqe.flags |= flag;
  }
  Overwrite(step, request.sqe);
  return request;
}

}  // namespace ringspec
