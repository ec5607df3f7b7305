// The duties of PID 1 in a virtual machine that has nothing but this program.
#pragma once

namespace ringspec {

// True if this process is the init of its machine.
bool IsInit();
// True if init of this machine is this program: this process, or one that it descends from.
bool InGuest();

// Mounts the pseudo file systems, brings `lo` up, opens the channel to the host, settles, serves
// orders and powers off.
[[noreturn]] void RunAsInit();

}  // namespace ringspec
