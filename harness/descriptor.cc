#include "harness/descriptor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "harness/case_run.h"
#include "harness/error.h"

namespace ringspec {
namespace {

// Does `once` until it would block.
template <typename Once>
void UntilItBlocks(int fd, Once once) {
  const int flags = Must("fcntl", fcntl(fd, F_GETFL));
  Must("fcntl", fcntl(fd, F_SETFL, flags | O_NONBLOCK));
  while (once() > 0) {
  }
  Must("fcntl", fcntl(fd, F_SETFL, flags));
}

void WriteBytes(int fd, int bytes) {
  const std::vector<char> data(bytes);
  Must("write", static_cast<int>(write(fd, data.data(), data.size())));
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ < 0) return;
  if (CaseRun::CurrentOrNull() != nullptr) {
    CaseRun::Current().CloseLater(fd_);
  } else {
    close(fd_);
  }
}

void Descriptor::Close() {
  Must("close", close(fd_));
  fd_ = -1;
}

Pipe::Pipe() {
  std::array<int, 2> ends{};
  Must("pipe", pipe2(ends.data(), O_CLOEXEC));
  read_ = Descriptor(ends[0]);
  write_ = Descriptor(ends[1]);
}

void Pipe::Write(int bytes) const { WriteBytes(write_end(), bytes); }

void Pipe::Drain() const {
  std::array<char, 4096> bytes{};
  UntilItBlocks(read_end(), [&] { return read(read_end(), bytes.data(), bytes.size()); });
}

void Pipe::Fill() const {
  const std::array<char, 4096> bytes{};
  UntilItBlocks(write_end(), [&] { return write(write_end(), bytes.data(), bytes.size()); });
}

SocketPair::SocketPair() {
  std::array<int, 2> ends{};
  Must("socketpair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()));
  near_ = Descriptor(ends[0]);
  far_ = Descriptor(ends[1]);
}

void SocketPair::SendToNear(int bytes) const { WriteBytes(far(), bytes); }

void SocketPair::FillFromNear() const {
  const std::array<char, 4096> bytes{};
  UntilItBlocks(near(), [&] { return write(near(), bytes.data(), bytes.size()); });
}

Listener::Listener() : fd_(Must("socket", socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))) {
  // An abstract address, chosen by the kernel: nothing to clean up.
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  Must("bind", bind(fd(), reinterpret_cast<sockaddr*>(&address), sizeof(address.sun_family)));
  Must("listen", listen(fd(), 8));
  socklen_t size = sizeof(address);
  Must("getsockname", getsockname(fd(), reinterpret_cast<sockaddr*>(&address), &size));
  name_.assign(address.sun_path, size - offsetof(sockaddr_un, sun_path));
}

void Listener::Connect() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name_.copy(address.sun_path, name_.size());
  const Descriptor client(Must("socket", socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  Must("connect", connect(client.get(), reinterpret_cast<sockaddr*>(&address),
                          static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size())));
}

Descriptor Duplicate(int fd) { return Descriptor(Must("dup", fcntl(fd, F_DUPFD_CLOEXEC, 0))); }

TempDirectory::TempDirectory() : path_("/tmp/ringspec-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) throw SetupError("mkdtemp in /tmp", errno);
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDirectory::Fifo(const std::string& name) const {
  Must("mkfifo", mkfifo(Path(name).c_str(), 0600));
  return Path(name);
}

}  // namespace ringspec
