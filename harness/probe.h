// What a kernel knows, found out by trying: the names that clauses `need`.
#pragma once

#include <map>
#include <string>

namespace ringspec {

// Every probe by name ("op:FUTEX_WAIT", "cancel_flag:ALL", "timeout_flag:MULTISHOT",
// "feat:EXT_ARG", "register:SYNC_CANCEL", "config:TIME_NS", ...) and whether the kernel has it.
// A flag probe tells "known" from "refused" with a control request that differs in the flag only.
std::map<std::string, bool> ProbeAll();

// "ok" or the errno with which the kernel refuses a ring of each setup.
std::map<std::string, std::string> ProbeSetups();

}  // namespace ringspec
