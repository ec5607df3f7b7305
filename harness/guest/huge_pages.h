// The program on huge pages.
//
// A forked child shares them by three entries of a page table.  Of a file's pages it would map
// every one again by itself: a fifth of all that a guest did for a case.
#pragma once

namespace ringspec {

// Moves the code and constants of this program to huge pages, where the kernel has them and the
// program is linked for it (aligned to 2 MiB); else does nothing.
void MoveProgramToHugePages();

}  // namespace ringspec
