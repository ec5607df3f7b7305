// ringspec-cases: lists the cases, runs them as an ordinary GoogleTest program, or serves a host.
//
//   ringspec-cases --manifest                                        all cases as JSON
//   ringspec-cases --gtest_filter=AsyncCancel.* --ringspec_setup=defer
//   ringspec-cases --serve                                           orders in, events out
//   ringspec-cases --kselftest=PLAN [--filter=GLOB] [--ringspec_setup=S]   KTAP, for kselftest
//
// As the init of a machine it serves on the machine's second serial line.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "harness/case.h"
#include "harness/guest/guest.h"
#include "harness/guest/kselftest.h"
#include "harness/guest/serve.h"
#include "harness/process.h"
#include "harness/setup.h"

namespace {

using namespace ringspec;

constexpr std::string_view kSetupFlag = "--ringspec_setup=";
constexpr std::string_view kKselftestFlag = "--kselftest=";

// The value of "--name=value", or null.
const char* ValueOf(const char* argument, std::string_view name) {
  return std::string_view(argument).starts_with(name) ? argument + name.size() : nullptr;
}

int RunKselftest(int argc, char** argv) {
  KselftestOptions options;
  for (int i = 1; i < argc; ++i) {
    if (const char* plan = ValueOf(argv[i], kKselftestFlag)) {
      options.plan = plan;
    } else if (const char* filter = ValueOf(argv[i], "--filter=")) {
      options.filter = filter;
    } else if (const char* setup = ValueOf(argv[i], kSetupFlag)) {
      options.setup = SetupNamed(setup);
    } else if (std::string_view(argv[i]) == "--allow-host-changes") {
      options.allow_host_changes = true;
    } else {
      std::printf("Bail out! unknown argument %s\n", argv[i]);
      return 1;
    }
  }
  return Kselftest(options);
}

}  // namespace

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (IsInit()) RunAsInit();
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--manifest") {
      std::fputs(ManifestJson().c_str(), stdout);
      return 0;
    }
    if (const char* line = ValueOf(argv[i], kExecutedFlag)) return BeExecuted(std::atoi(line));
    if (ValueOf(argv[i], kKselftestFlag)) return RunKselftest(argc, argv);
    if (argument == "--serve") {
      // A child's own output goes nowhere; the channel must not go there with it.
      Serve({.orders = dup(STDIN_FILENO), .events = dup(STDOUT_FILENO), .kernel_log = {}});
      return 0;
    }
    const auto setup = argument.starts_with(kSetupFlag)
                           ? SetupNamed(argument.substr(kSetupFlag.size()))
                           : std::nullopt;
    if (!setup) {
      std::fprintf(
          stderr,
          "ringspec-cases: unknown argument %s; known are --manifest, --serve, --kselftest=PLAN, "
          "--ringspec_setup=default|defer|coop|sqpoll and GoogleTest's own\n",
          argv[i]);
      return 4;
    }
    SetCurrentSetup(*setup);
  }
  return RUN_ALL_TESTS();
}
