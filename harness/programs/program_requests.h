// From a step of a program to the request that it stands for.
#pragma once

#include "harness/ops.h"
#include "harness/programs/program.h"
#include "harness/programs/program_objects.h"

namespace ringspec {

// Throws ProgramError for words that mean nothing.
Request RequestOf(const Step& step, ProgramObjects& objects);
// The keys of `cancel` and `sync`.
Cancel CancelOf(const Step& step, ProgramObjects& objects);

}  // namespace ringspec
