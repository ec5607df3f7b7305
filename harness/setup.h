// The four ways in which a case's ring is created: the matrix's third axis.
#pragma once

#include <optional>
#include <string_view>

namespace ringspec {

enum class Setup { kDefault, kDefer, kCoop, kSqpoll };

inline constexpr Setup kSetups[] = {Setup::kDefault, Setup::kDefer, Setup::kCoop, Setup::kSqpoll};

// "default", "defer", "coop", "sqpoll".
std::string_view Name(Setup setup);
std::optional<Setup> SetupNamed(std::string_view name);

// The IORING_SETUP_* bits that make it.
unsigned SetupFlags(Setup setup);

// The setup of the case that is running.
Setup CurrentSetup();
void SetCurrentSetup(Setup setup);

}  // namespace ringspec
