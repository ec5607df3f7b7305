// A child process in the memory of its parent.
#pragma once

#include <sys/types.h>

#include <functional>

namespace ringspec {

// Makes what such a child needs: before MappedPages() is asked for the first time.
void PrepareToShareMemory();

// Runs `body` in a child that has a task, descriptors and signal handlers of its own, and the
// memory of this process: no page has to be copied for it, and what it leaves there stays.  `body`
// does not return, and is there until the child has ended.  One such child at a time.  The child's
// PID, or -1 with errno.
pid_t CloneIntoThisMemory(const std::function<void()>& body);

// How much of its address space this process uses, in pages: what a child has mapped and left
// shows here.
long MappedPages();

}  // namespace ringspec
