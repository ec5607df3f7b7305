#include "harness/tcp.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>

#include "harness/error.h"

namespace ringspec {

namespace {

Descriptor TcpSocket() {
  return Descriptor(Must("socket", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
}

// Listens with a queue of one, on a port that the kernel chooses.
sockaddr_in Listen(int socket) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  Must("bind", bind(socket, generic, size));
  Must("getsockname", getsockname(socket, generic, &size));
  Must("listen", listen(socket, 0));
  return address;
}

void ConnectTo(const sockaddr_in& address, int socket) {
  Must("connect", connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
}

}  // namespace

FullListener::FullListener()
    : listener_(TcpSocket()), first_(TcpSocket()), address_(Listen(listener_.get())) {
  ConnectTo(address_, first_.get());
}

Descriptor FullListener::NewClient() const { return TcpSocket(); }

void FullListener::MakeRoom() {
  accepted_ = Descriptor(Must("accept", accept(listener_.get(), nullptr, nullptr)));
}

FullTcpPair::FullTcpPair() : near_(TcpSocket()) {
  const Descriptor listener = TcpSocket();
  ConnectTo(Listen(listener.get()), near_.get());
  far_ = Descriptor(Must("accept", accept(listener.get(), nullptr, nullptr)));
  // A size that was set does not grow by itself: what is full stays full.
  const int small = 4096;
  Must("setsockopt", setsockopt(far_.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
  Must("setsockopt", setsockopt(near_.get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)));
  const std::array<char, 4096> bytes{};
  while (send(near_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) continue;
}

}  // namespace ringspec
