// Descriptors that cases own.  They are closed after the rings, not where the case ends: a pipe
// whose writer is gone would complete the very polls whose fate is being observed.
#pragma once

#include <string>
#include <utility>

namespace ringspec {

// One owned descriptor.  Not being able to make one is a set-up error, never a failed case.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int get() const { return fd_; }
  // Closes it now.
  void Close();

 private:
  int fd_ = -1;
};

// A pipe, empty to begin with.
class Pipe {
 public:
  Pipe();

  int read_end() const { return read_.get(); }
  int write_end() const { return write_.get(); }

  // Makes the read end ready with one byte, or more.
  void Write(int bytes = 1) const;
  // Takes the bytes out again.
  void Drain() const;
  // Fills it until a write would block.
  void Fill() const;
  void CloseReadEnd() { read_.Close(); }
  void CloseWriteEnd() { write_.Close(); }

 private:
  Descriptor read_;
  Descriptor write_;
};

// A connected pair of UNIX stream sockets.
class SocketPair {
 public:
  SocketPair();

  int near() const { return near_.get(); }
  int far() const { return far_.get(); }
  // Sends bytes from the far end, so that the near one becomes readable.
  void SendToNear(int bytes = 1) const;
  // Fills the near end's send buffer until a send would block.
  void FillFromNear() const;

 private:
  Descriptor near_;
  Descriptor far_;
};

// A listening UNIX socket without a client.
class Listener {
 public:
  Listener();

  int fd() const { return fd_.get(); }
  // Connects a client, which is closed with the case.
  void Connect();

 private:
  Descriptor fd_;
  std::string name_;
};

// A duplicate of `fd`.
Descriptor Duplicate(int fd);

// A directory of this case's own, removed with everything in it; and what cases put there.
class TempDirectory {
 public:
  TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory();

  std::string Path(const std::string& name) const { return path_ + "/" + name; }
  // A FIFO without readers or writers.
  std::string Fifo(const std::string& name = "fifo") const;

 private:
  std::string path_;
};

}  // namespace ringspec
