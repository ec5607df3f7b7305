"""The QEMU that is installed here, and the command line of a guest."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from ringspec.arch import Arch
from ringspec.guest import window
from ringspec.guest.errors import QemuMissing, QemuRefused
from ringspec.guest.options import MachineOptions

# QEMU 7.2 hangs bringing up the second CPU of a 5.10 or 6.1 kernel under icount; 10.0 does not.
FIRST_WITH_SMP_ICOUNT = (10, 0)
# `file:` migration came with 8.2, and exec: would need what the sandbox forbids.
FIRST_WITH_SNAPSHOTS = (8, 2)

# 8 ns for each guest instruction.  Measured on 6.1 and 6.12: shift 0 boots in 7.0 s and 7.5 s of
# real time, 3 in 3.6 s and 4.1 s, 5 in 3.9 s and 4.8 s with timeouts four times as late.
_ICOUNT = "shift=3,sleep=off"
_SANDBOX = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"
_CLOCK_START = "2026-01-01T00:00:00"


_asking = threading.Lock()


@dataclass(frozen=True)
class Qemu:
    program: str
    version: str

    @property
    def release(self) -> tuple[int, int]:
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)


def banner(arch: Arch) -> str | None:
    """What the QEMU for this architecture says about itself; None where there is none."""
    program = shutil.which(arch.qemu)
    return _answer(program) if program else None


def _answer(program: str) -> str:
    with _asking:  # Several threads want to know at the same time.
        return _ask(program)


@functools.cache
def _ask(program: str) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return (done.stdout.strip() or done.stderr.strip()).partition("\n")[0]


@functools.cache
def installed_qemu(arch: Arch) -> Qemu:
    """The one for guests of this architecture."""
    program = shutil.which(arch.qemu)
    if program is None:
        raise QemuMissing(arch.qemu, arch.qemu_package)
    found = re.search(r"version (\d+\.\d+\.\d+)", _answer(program))
    if found is None:
        raise QemuRefused(f"{program} --version says {_answer(program)!r}")
    qemu = Qemu(program, found[1])
    if qemu.release < arch.first_qemu:
        wanted = ".".join(map(str, arch.first_qemu))
        raise QemuRefused(
            f"{program} is {qemu.version}; guests for {arch.name} need {wanted} or newer "
            f"(Debian: {arch.qemu_package} of a newer suite, or of backports)"
        )
    return qemu


def cpus_of(options: MachineOptions, qemu: Qemu) -> int:
    """In virtual time one: with it a guest does the same thing twice, to the nanosecond (measured on
    6.19: 2,110 executions, none differs), with two it depends on when QEMU's own threads meet.  In
    real time two, so that io-wq workers and submitters do meet."""
    if options.clock == "virtual" and qemu.release < FIRST_WITH_SMP_ICOUNT:
        return 1
    return options.vcpus or (1 if options.clock == "virtual" else 2)


def kernel_command_line(options: MachineOptions) -> str:
    words = [
        f"console={options.arch.console}",
        "quiet",
        "printk.devkmsg=on",
        "panic=-1",
        # A guest that hangs is asked by NMI where it hangs.
        "unknown_nmi_panic",
        # Two runs should not differ by where the kernel was loaded.
        "nokaslr",
        # Measured in virtual time on 6.12 to 7.3: the crypto self-tests keep both CPUs busy for the
        # first 5 to 10 s after init began, timeouts are late by up to 5 ms as long as they run.
        "cryptomgr.notests",
        # From 6.17 on, samples memory for ever and makes single timeouts late by 2 ms.
        "damon_stat.enabled=N",
        # On a busy host the kernel takes a late interrupt of its timer for one that never comes, and
        # panics: "IO-APIC + timer doesn't work!".
        "no_timer_check" if options.clock == "real" else "",
        # The kernel hands these on to init: harness/guest/guest.cc, harness/guest/serve.cc.
        f"ringspec_events={options.arch.events}",
        f"ringspec_clock={options.clock}",
        options.append,
    ]
    return " ".join(word for word in words if word)


def machine_arguments(options: MachineOptions, qemu: Qemu, accel: str) -> list[str]:
    """What the guest can see of its machine: with kernel and initramfs, what a snapshot depends on."""
    arguments = [
        *options.arch.board,
        "-smp",
        str(cpus_of(options, qemu)),
        "-m",
        str(options.memory_mb),
    ]
    arguments += window.DEVICE
    if options.clock == "virtual":
        return [
            *arguments,
            *options.arch.cpu,
            "-accel",
            "tcg",
            "-icount",
            _ICOUNT,
            "-rtc",
            f"clock=vm,base={_CLOCK_START}",
        ]
    return [*arguments, "-accel", accel, "-cpu", "max" if accel == "tcg" else "host"]


def channel_arguments(console: int, events: int, control: int) -> list[str]:
    """No network, no disk, no display: a console, a line for events, and our own control.

    The numbers are QEMU's file descriptors of the three channels.
    """
    return [
        *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"),
        *("-name", "guest,debug-threads=on"),
        *("-sandbox", _SANDBOX),
        *("-chardev", f"socket,id=console,fd={console}", "-serial", "chardev:console"),
        *("-chardev", f"socket,id=events,fd={events}", "-serial", "chardev:events"),
        *("-chardev", f"socket,id=control,fd={control}"),
        *("-mon", "chardev=control,mode=control"),
    ]


def boot_arguments(image: Path, initramfs: Path, command_line: str) -> list[str]:
    return ["-kernel", str(image), "-initrd", str(initramfs), "-append", command_line]
