#include "harness/tcp.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "harness/error.h"

namespace ringspec {

FullListener::FullListener()
    : listener_(Must("socket", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))),
      first_(NewClient()) {
  address_.sin_family = AF_INET;
  address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address_);
  socklen_t size = sizeof(address_);
  Must("bind", bind(listener_.get(), generic, size));
  Must("getsockname", getsockname(listener_.get(), generic, &size));
  Must("listen", listen(listener_.get(), 0));  // A queue of one.
  Must("connect", connect(first_.get(), generic, size));
}

Descriptor FullListener::NewClient() const {
  return Descriptor(Must("socket", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
}

void FullListener::MakeRoom() {
  accepted_ = Descriptor(Must("accept", accept(listener_.get(), nullptr, nullptr)));
}

}  // namespace ringspec
