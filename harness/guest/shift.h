// Who runs the cases of an order: one process after the other, each for as long as its memory is
// what it was when it began.
//
// The cases share that memory instead of copying it (harness/guest/shared_memory.h): a fork, the
// copies of the pages that are written to, and the end of it all were half of what a case cost.
// So a shift ends after a case that failed, crashed or hung, that has left something mapped, and
// after kLongestShift of them; the next one begins with a fork of a process that ran no case.
#pragma once

#include "harness/guest/order.h"
#include "harness/guest/serve.h"
#include "harness/guest/stream.h"
#include "harness/report.h"

namespace ringspec {

inline constexpr int kLongestShift = 100;

// Runs the cases and programs of the order and says what came of each.  False when nobody listens.
bool WorkInShifts(const Order& order, const Channels& channels, Report& report);

}  // namespace ringspec
