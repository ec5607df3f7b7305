// TCP on the loopback interface.
#pragma once

#include <netinet/in.h>

#include "harness/descriptor.h"

namespace ringspec {

// A listener whose queue is full: one more connect(2) to it stays in progress.
class FullListener {
 public:
  FullListener();

  const sockaddr_in& address() const { return address_; }
  // A socket that could connect to it.
  Descriptor NewClient() const;
  // Takes the connection that fills the queue out of it; the next attempt of a client that waits
  // will succeed.
  void MakeRoom();

 private:
  Descriptor listener_;
  Descriptor first_;
  Descriptor accepted_;
  sockaddr_in address_{};
};

// A connected pair of sockets, the near one of which has no room for another byte.
class FullTcpPair {
 public:
  FullTcpPair();

  int near() const { return near_.get(); }

 private:
  Descriptor near_;
  Descriptor far_;
};

}  // namespace ringspec
