#include "harness/time_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <string>

#include "harness/error.h"
#include "harness/recorder.h"
#include "harness/request.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace ringspec {
namespace {

std::string OffsetLine(const char* clock, Duration offset) {
  const __kernel_timespec time = ToTimespec(offset);
  return std::string(clock) + " " + std::to_string(time.tv_sec) + " " +
         std::to_string(time.tv_nsec) + "\n";
}

void WriteOffsets(const std::string& lines) {
  const int file = Must("timens_offsets", open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC));
  const auto written = write(file, lines.data(), lines.size());
  close(file);
  Must("writing timens_offsets", static_cast<int>(written));
}

}  // namespace

void EnterTimeNamespace(Duration monotonic, Duration boottime) {
  // unshare(2) makes the namespace for future children; the offsets freeze when the first enters.
  Must("unshare(CLONE_NEWTIME)", unshare(CLONE_NEWTIME));
  WriteOffsets(OffsetLine("monotonic", monotonic) + OffsetLine("boottime", boottime));
  const int made =
      Must("time_for_children", open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC));
  const int entered = setns(made, CLONE_NEWTIME);
  close(made);
  Must("setns(CLONE_NEWTIME)", entered);
  Recorder::Current().Note("in a time namespace from here on: the clock has jumped");
}

}  // namespace ringspec
