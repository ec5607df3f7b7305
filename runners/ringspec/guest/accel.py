"""Which accelerator works here: found out by trying, remembered per host.

/dev/kvm is no proof of KVM: on some hosts the device opens, the VM is created and the guest never
runs.  So a real kernel is booted with it, with a short limit.
"""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

from ringspec.cache.directory import locked, write_atomically
from ringspec.guest import qemu
from ringspec.guest.console import ConsoleLog, ConsoleWatcher
from ringspec.guest.errors import BootFailed, QemuRefused, UsageError
from ringspec.guest.options import MachineOptions
from ringspec.guest.stopping import StopFlag
from ringspec.guest.vm import boot

# A stock kernel gets ready in 1 to 2 s under KVM.
_TRIAL_S = 10.0
_KVM = Path("/dev/kvm")


def choose_accelerator(
    options: MachineOptions, program: qemu.Qemu, image: Path, stop: StopFlag
) -> str:
    """ "kvm" or "tcg"; UsageError if the user insists on a KVM that does not work."""
    if options.accel == "tcg":
        return "tcg"
    works = _remembered_trial(options, program, image, stop)
    if not works and options.accel == "kvm":
        raise UsageError(
            "--accel kvm: no guest gets ready under KVM on this host (a real boot was tried). "
            "Use --accel tcg, or leave --accel out"
        )
    return "kvm" if works else "tcg"


def host_identity(program: qemu.Qemu) -> str:
    """What the answer depends on: this boot's kernel, this QEMU, this machine."""
    return f"{platform.node()} {platform.release()} qemu-{program.version}"


def _remembered_trial(
    options: MachineOptions, program: qemu.Qemu, image: Path, stop: StopFlag
) -> bool:
    if not os.access(_KVM, os.R_OK | os.W_OK):
        return False
    if options.cache is None:
        return _trial(options, program, image, stop)
    memory = options.cache / "accel.json"
    host = host_identity(program)
    with locked(memory.with_suffix(".lock")):
        answers = _read(memory)
        if host not in answers:
            answers[host] = _trial(options, program, image, stop)
            write_atomically(memory, json.dumps(answers, indent=1) + "\n")
    return answers[host]


def _read(memory: Path) -> dict[str, bool]:
    try:
        answers = json.loads(memory.read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(answers, dict):
        return {}
    return {host: works for host, works in answers.items() if isinstance(works, bool)}


def _trial(options: MachineOptions, program: qemu.Qemu, image: Path, stop: StopFlag) -> bool:
    arguments = qemu.machine_arguments(options, program, "kvm")
    command_line = qemu.kernel_command_line(options)
    watcher = ConsoleWatcher(ConsoleLog(None))
    try:
        vm, _ = boot(
            [program.program, *arguments],
            image,
            options.binary,
            command_line,
            watcher,
            stop,
            _TRIAL_S,
        )
    except (BootFailed, QemuRefused):
        return False
    vm.close()
    return True
