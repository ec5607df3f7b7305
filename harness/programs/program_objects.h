// What the names in a program stand for: files, futexes, user_data values, opcodes.
#pragma once

#include <map>
#include <string>

#include "harness/descriptor.h"
#include "harness/held_thread.h"
#include "harness/programs/program.h"
#include "harness/tag.h"
#include "harness/waitable.h"

namespace ringspec {

// Makes each object where it is named first.
class ProgramObjects {
 public:
  // What a request waits on: the end of pipe0 to pipe3 or sock0 to sock3, or epoll0 to epoll3.
  int Fd(const Step& step, const std::string& name);
  // Lets that end become ready.
  void Write(const Step& step, const std::string& name, int bytes);
  // Closes the other end.
  void HangUp(const Step& step, const std::string& name);
  // futex0 to futex3.
  Futex& FutexNamed(const Step& step, const std::string& name);
  // Lets a thread read from a file, and holds it there with the lock that readers of the file need.
  // Whoever runs a request that needs it, a worker or we, stays where it is.  Ends by itself when
  // nobody would wait any longer.
  void Hold(const Step& step, const std::string& name);
  void Release(const Step& step, const std::string& name);
  void ReleaseAll() { held_.clear(); }
  // A pipe that nobody reads: where splices go.
  int Sink() { return sink_.write_end(); }

 private:
  // Ready while its pipe is.
  struct Epoll {
    Epoll();
    void Watch(std::uint32_t events) const;
    Pipe pipe;
    Descriptor instance;
  };

  void HoldReader(const std::string& name, int fd);
  void HoldEpoll(const std::string& name);

  std::map<std::string, Pipe> pipes_;
  std::map<std::string, SocketPair> sockets_;
  std::map<std::string, Epoll> epolls_;
  std::map<std::string, Futex> futexes_;
  Pipe sink_;
  std::map<std::string, HeldThread> held_;  // Goes first: its threads use the others.
};

// The user_data of a name: `a` and `b` differ in the high half only, `a` and `a1` in the low one.
Tag TagNamed(const std::string& name);

// The opcode of the requests that a verb makes.
unsigned OpcodeOf(const Step& step, const std::string& verb);
unsigned PollEvents(const Step& step);

}  // namespace ringspec
