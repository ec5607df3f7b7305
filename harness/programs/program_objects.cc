#include "harness/programs/program_objects.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>
#include <tuple>

#include "harness/clock.h"
#include "harness/error.h"
#include "harness/uapi.h"

namespace ringspec {
namespace {

std::string Names(const std::map<std::string, unsigned>& values) {
  std::string names;
  for (const auto& [name, value] : values) names += (names.empty() ? "" : ", ") + name;
  return names;
}

// "pipe2" for the kind "pipe".
bool IsOf(const std::string& name, const std::string& kind) {
  return name.size() == kind.size() + 1 && name.starts_with(kind) && name.back() >= '0' &&
         name.back() <= '3';
}

}  // namespace

int ProgramObjects::Fd(const Step& step, const std::string& name) {
  if (IsOf(name, "pipe")) return pipes_[name].read_end();
  if (IsOf(name, "sock")) return sockets_[name].near();
  if (IsOf(name, "epoll")) return epolls_[name].instance.get();
  step.Refuse("no such file: " + name + " (pipe0 to pipe3, sock0 to sock3, epoll0 to epoll3)");
}

void ProgramObjects::Write(const Step& step, const std::string& name, int bytes) {
  Fd(step, name);
  if (IsOf(name, "pipe")) {
    pipes_[name].Write(bytes);
  } else if (IsOf(name, "epoll")) {
    epolls_[name].pipe.Write(bytes);
  } else {
    sockets_[name].SendToNear(bytes);
  }
}

void ProgramObjects::HangUp(const Step& step, const std::string& name) {
  Fd(step, name);
  if (IsOf(name, "pipe")) {
    pipes_[name].CloseWriteEnd();
  } else if (IsOf(name, "epoll")) {
    epolls_[name].pipe.CloseWriteEnd();
  } else {
    shutdown(sockets_[name].far(), SHUT_RDWR);
  }
}

Futex& ProgramObjects::FutexNamed(const Step& step, const std::string& name) {
  if (!IsOf(name, "futex")) step.Refuse("no such futex: " + name + " (futex0 to futex3)");
  return futexes_[name];
}

ProgramObjects::Epoll::Epoll() : instance(Must("epoll_create1", epoll_create1(EPOLL_CLOEXEC))) {
  epoll_event in{.events = EPOLLIN, .data = {}};
  Must("epoll_ctl", epoll_ctl(instance.get(), EPOLL_CTL_ADD, pipe.read_end(), &in));
}

void ProgramObjects::Epoll::Watch(std::uint32_t events) const {
  epoll_event watched{.events = events, .data = {}};
  Must("epoll_ctl", epoll_ctl(instance.get(), EPOLL_CTL_MOD, pipe.read_end(), &watched));
}

void ProgramObjects::Hold(const Step& step, const std::string& name) {
  if (held_.contains(name)) step.Refuse("it is held");
  const int fd = Fd(step, name);
  if (IsOf(name, "epoll")) {
    HoldEpoll(name);
  } else {
    HoldReader(name, fd);
  }
  held_.at(name).LetGoAfter(CurrentTiming().give_up);
}

// The byte that it reads is its own: nothing is left of it.
void ProgramObjects::HoldReader(const std::string& name, int fd) {
  if (IsOf(name, "sock")) {
    sockets_[name].SendToNear();
    held_.try_emplace(name, [fd](void* page) { recv(fd, page, 1, MSG_DONTWAIT); });
    return;
  }
  pipes_[name].Write();
  held_.try_emplace(name, [fd](void* page) {
    // Somebody else may have taken the byte: not to wait needs an open file of its own.
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    const Descriptor reader(Must("open", open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)));
    std::ignore = read(reader.get(), page, 1);
  });
}

// The thread that waits takes the only event that there is; Release() takes what made it.
void ProgramObjects::HoldEpoll(const std::string& name) {
  Epoll& epoll = epolls_[name];
  epoll.Watch(EPOLLIN | EPOLLONESHOT);
  epoll.pipe.Write();
  held_.try_emplace(name, [fd = epoll.instance.get()](void* page) {
    epoll_wait(fd, static_cast<epoll_event*>(page), 1, 0);
  });
}

void ProgramObjects::Release(const Step& step, const std::string& name) {
  if (held_.erase(name) == 0) step.Refuse("it is not held");
  if (!IsOf(name, "epoll")) return;
  Epoll& epoll = epolls_[name];
  char byte;
  std::ignore = read(epoll.pipe.read_end(), &byte, 1);
  epoll.Watch(EPOLLIN);
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
  if (found == kOpcodes.end()) step.Refuse("no such op: " + verb + " (" + Names(kOpcodes) + ")");
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
