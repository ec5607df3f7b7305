#include "harness/program_objects.h"

#include <poll.h>
#include <sys/socket.h>

#include <set>

#include "harness/uapi.h"

namespace ringspec {
namespace {

// "pipe2" for the kind "pipe".
bool IsOf(const std::string& name, const std::string& kind) {
  return name.size() == kind.size() + 1 && name.starts_with(kind) && name.back() >= '0' &&
         name.back() <= '3';
}

}  // namespace

int ProgramObjects::Fd(const Step& step, const std::string& name) {
  if (IsOf(name, "pipe")) return pipes_[name].read_end();
  if (IsOf(name, "sock")) return sockets_[name].near();
  step.Refuse("no such file: " + name + " (pipe0 to pipe3, sock0 to sock3)");
}

void ProgramObjects::Write(const Step& step, const std::string& name, int bytes) {
  Fd(step, name);
  if (IsOf(name, "pipe")) {
    pipes_[name].Write(bytes);
  } else {
    sockets_[name].SendToNear(bytes);
  }
}

void ProgramObjects::HangUp(const Step& step, const std::string& name) {
  Fd(step, name);
  if (IsOf(name, "pipe")) {
    pipes_[name].CloseWriteEnd();
  } else {
    shutdown(sockets_[name].far(), SHUT_RDWR);
  }
}

Futex& ProgramObjects::FutexNamed(const Step& step, const std::string& name) {
  if (!IsOf(name, "futex")) step.Refuse("no such futex: " + name + " (futex0 to futex3)");
  return futexes_[name];
}

Tag TagNamed(const std::string& name) {
  static std::set<std::string> names;  // A tag's name is a pointer.
  const std::uint64_t high = static_cast<std::uint64_t>(name[0] - 'a' + 1) << 32;
  const std::uint64_t low = name.size() > 1 ? 8 + static_cast<std::uint64_t>(name[1] - '0') : 7;
  return {names.insert(name).first->c_str(), high | low};
}

unsigned OpcodeOf(const Step& step, const std::string& verb) {
  static const std::map<std::string, unsigned> kOpcodes = {{"nop", IORING_OP_NOP},
                                                           {"poll", IORING_OP_POLL_ADD},
                                                           {"read", IORING_OP_READ},
                                                           {"recv", IORING_OP_RECV},
                                                           {"splice", IORING_OP_SPLICE},
                                                           {"timeout", IORING_OP_TIMEOUT},
                                                           {"futex", uapi::kOpFutexWait},
                                                           {"link_timeout", IORING_OP_LINK_TIMEOUT},
                                                           {"cancel", IORING_OP_ASYNC_CANCEL}};
  const auto found = kOpcodes.find(verb);
  if (found == kOpcodes.end()) step.Refuse("no such op: " + verb);
  return found->second;
}

unsigned PollEvents(const Step& step) {
  const std::string events = step.Value("events").value_or("in");
  if (events == "in") return POLLIN;
  if (events == "out") return POLLOUT;
  if (events == "pri") return POLLPRI;
  if (events == "rdnorm") return POLLRDNORM;
  step.Refuse("no such events: " + events + " (in, out, pri, rdnorm)");
}

}  // namespace ringspec
