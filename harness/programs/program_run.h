// Runs a program (harness/programs/program.h) as a case: the same rings, requests, recorder and
// invariants.
//
// The outcome is a case's, and for each `reap` which requests completed in it:
//   a=-ECANCELED; c=0; reap1=a,c; reap2=nothing
#pragma once

#include <string>

#include "harness/report.h"
#include "harness/setup.h"

namespace ringspec {

// What `reap` waits for, whatever comes: programs are in step with the clock, so that what a timer
// does is never a matter of microseconds.  In virtual time an idle guest waits for nothing.
constexpr int kReapMilliseconds = 40;

// Runs the program in this process, which should be a forked child, and fills the report.  A text
// that is no program is an `error`.  A seed other than 0 delays each step by up to half a
// millisecond.
void RunProgram(const std::string& text, Setup setup, unsigned seed, Report& report);

}  // namespace ringspec
