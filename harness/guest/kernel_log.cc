#include "harness/guest/kernel_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <string_view>

namespace ringspec {
namespace {

// An oops has about 60 lines.
constexpr std::size_t kLongestComplaint = 12 * 1024;

// One record of /dev/kmsg, "4,1234,5678,-;text\n KEY=value\n" (Documentation/ABI/testing/dev-kmsg):
// its text if it is of this level or worse, with the line end; else nothing.
std::string_view Text(std::string_view record, int level) {
  int priority = 0;
  std::from_chars(record.data(), record.data() + record.size(), priority);
  const std::size_t begin = record.find(';');
  if ((priority & 7) > level || begin == std::string_view::npos) return {};
  const std::size_t end = record.find('\n', begin);
  return record.substr(begin + 1, end - begin);
}

}  // namespace

std::int64_t Tainted() {
  static const int file = open("/proc/sys/kernel/tainted", O_RDONLY | O_CLOEXEC);
  std::array<char, 24> text{};
  const ssize_t got = pread(file, text.data(), text.size(), 0);
  std::int64_t mask = 0;
  if (got > 0) std::from_chars(text.data(), text.data() + got, mask);
  return mask;
}

KernelLog KernelLog::Open() {
  KernelLog log;
  log.fd_ = open("/dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (log.fd_ >= 0) lseek(log.fd_, 0, SEEK_END);
  return log;
}

void KernelLog::Mark(const std::string& what) const {
  const std::string line = "<6>ringspec " + what + "\n";
  if (IsOpen() && write(fd_, line.data(), line.size()) < 0) return;
}

std::string KernelLog::BlockedTasks() const {
  if (!IsOpen()) return "";
  std::string text = Take(kWarning);
  std::ofstream("/proc/sysrq-trigger") << 'w' << std::flush;
  return text + Take(kDebug);
}

std::string KernelLog::Take(int level) const {
  std::string text;
  std::array<char, 8192> record;
  while (IsOpen()) {
    const ssize_t got = read(fd_, record.data(), record.size());
    // EPIPE: the record was overwritten before it was read; the next read goes on behind it.
    if (got < 0 && (errno == EPIPE || errno == EINTR)) continue;
    if (got <= 0) break;
    if (text.size() > kLongestComplaint) continue;
    text += Text({record.data(), static_cast<std::size_t>(got)}, level);
  }
  return text;
}

}  // namespace ringspec
