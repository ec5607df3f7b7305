#include "harness/errno_name.h"

#include <cstring>

namespace ringspec {
namespace {

// include/linux/errno.h, "These should never be seen by user programs".
const char* RestartName(int error) {
  switch (error) {
    case 512:
      return "ERESTARTSYS";
    case 513:
      return "ERESTARTNOINTR";
    case 514:
      return "ERESTARTNOHAND";
    case 515:
      return "ENOIOCTLCMD";
    case 516:
      return "ERESTART_RESTARTBLOCK";
    case 517:
      return "EPROBE_DEFER";
    case 529:
      return "EIOCBQUEUED";
    default:
      return nullptr;
  }
}

}  // namespace

std::string ResultName(int res) {
  if (res >= 0) return std::to_string(res);
  const char* name = strerrorname_np(-res);
  if (name == nullptr) name = RestartName(-res);
  return name == nullptr ? std::to_string(res) : std::string("-") + name;
}

}  // namespace ringspec
