// What the names in a program stand for: pipes, sockets, futexes, user_data values, opcodes.
#pragma once

#include <map>
#include <string>

#include "harness/descriptor.h"
#include "harness/program.h"
#include "harness/tag.h"
#include "harness/waitable.h"

namespace ringspec {

// Makes each object where it is named first.
class ProgramObjects {
 public:
  // The end that a request waits on: pipe0 to pipe3, sock0 to sock3.
  int Fd(const Step& step, const std::string& name);
  // Lets that end become ready.
  void Write(const Step& step, const std::string& name, int bytes);
  // Closes the other end.
  void HangUp(const Step& step, const std::string& name);
  // futex0 to futex3.
  Futex& FutexNamed(const Step& step, const std::string& name);
  // A pipe that nobody reads: where splices go.
  int Sink() { return sink_.write_end(); }

 private:
  std::map<std::string, Pipe> pipes_;
  std::map<std::string, SocketPair> sockets_;
  std::map<std::string, Futex> futexes_;
  Pipe sink_;
};

// The user_data of a name: `a` and `b` differ in the high half only, `a` and `a1` in the low one.
Tag TagNamed(const std::string& name);

// The opcode of the requests that a verb makes.
unsigned OpcodeOf(const Step& step, const std::string& verb);
unsigned PollEvents(const Step& step);

}  // namespace ringspec
