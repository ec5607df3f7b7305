// Lets guest time pass while a ring under test lies untouched.
#pragma once

#include "harness/clock.h"

namespace ringspec {

// Waits for a timeout on a ring of its own, outside of the case's record.  Task work of the case's
// rings runs meanwhile, except where a ring defers it until it is entered.
void PassTime(Duration span);

}  // namespace ringspec
