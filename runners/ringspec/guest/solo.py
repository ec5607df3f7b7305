"""A guest that runs without a host: its order is in its initramfs, its events go to a file.

Nothing comes into such a guest from outside, so QEMU can record it and replay it to the
nanosecond, and the command that starts it can be typed by hand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ringspec.guest import qemu
from ringspec.guest.console import splat_in
from ringspec.guest.errors import BootFailed, QemuRefused
from ringspec.guest.initramfs import initramfs
from ringspec.guest.options import MachineOptions
from ringspec.guest.process import Process
from ringspec.guest.protocol import (
    Garbled,
    Message,
    facts_of,
    observation_of,
    order_text,
    parse_message,
    printable,
)
from ringspec.model import Execution, Facts, Observation

# A cold boot and one case, on a busy host, with the overhead of recording.
LIMIT_S = 300.0
# One case says far less than this.
LARGEST = 8 << 20
_WINDOW = "memory-backend-ram,id=window,size=2M"
_KEPT = 8


@dataclass(frozen=True)
class Recording:
    """QEMU's deterministic record and replay (docs/system/replay.rst): what is done with a file."""

    mode: str  # record | replay
    file: Path


def solo_initramfs(execution: Execution, options: MachineOptions, directory: Path) -> Path:
    """The initramfs with the binary and the order, in a file that goes by its hash."""
    data = initramfs(options.binary.read_bytes(), order_text([execution], options))
    target = directory / f"{hashlib.sha256(data).hexdigest()[:16]}.cpio"
    if not target.is_file() or target.stat().st_size != len(data):
        directory.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        part.write_bytes(data)
        part.rename(target)
    target.touch()
    for old in sorted(directory.glob("*.cpio"), key=lambda file: -file.stat().st_mtime)[_KEPT:]:
        old.unlink(missing_ok=True)
    return target


def solo_command(
    image: Path,
    archive: Path,
    options: MachineOptions,
    recording: Recording | None = None,
    console: str = "mon:stdio",
    events: str = "file:events.jsonl",
) -> list[str]:
    """The whole command line; `console` and `events` are where QEMU puts the two serial lines."""
    program = qemu.installed_qemu(options.arch)
    machine = qemu.machine_arguments(options, program, "kvm" if options.accel == "kvm" else "tcg")
    if recording is not None:
        # Record and replay know one vCPU only.
        machine[machine.index("-smp") + 1] = "1"
        machine[machine.index("-icount") + 1] += f",rr={recording.mode},rrfile={recording.file}"
    return [
        program.program,
        *machine,
        *("-object", _WINDOW),
        *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"),
        *("-serial", console, "-serial", events),
        *(("-gdb", options.debugger, "-S") if options.debugger else ()),
        *qemu.boot_arguments(image, archive, qemu.kernel_command_line(options)),
    ]


def run_solo(
    command: Sequence[str], execution: Execution, events: Path, console: Path, limit_s: float
) -> tuple[Facts, Observation]:
    """Runs the command to its end: what the guest said about itself and about its one case.

    Raises QemuRefused when QEMU complains or does not end within the limit, BootFailed when the
    guest did not get as far as its case.
    """
    for file in (events, console):
        file.unlink(missing_ok=True)
    process = Process(command)
    try:
        ended = process.wait(limit_s)
        words = process.complaint()
    finally:
        process.end()
    said = {message["event"]: message for message in _messages(events)}
    if not ended or not said:
        why = words or "no word from the guest"
        raise QemuRefused(why if ended else f"not at its end within {limit_s:.0f} s: {why}")
    log = console.read_text("utf-8", "replace") if console.is_file() else ""
    try:
        facts = facts_of(said, {})
    except Garbled as error:
        raise BootFailed(f"the guest did not get ready: {error}", printable(log)) from error
    return facts, _observation(said, execution, printable(log))


def _messages(events: Path) -> Iterator[Message]:
    """The lines that are whole; a guest that died may leave half of one."""
    try:
        with events.open("rb") as file:
            lines = [line for line in file.read(LARGEST).split(b"\n") if line]
    except OSError:
        return
    for line in lines:
        with suppress(Garbled):
            yield parse_message(line)


def _observation(said: Mapping[str, Message], execution: Execution, log: str) -> Observation:
    end = said.get("end")
    if end is None:
        complaint = splat_in(log)
        status = "splat" if complaint else "lost"
        return Observation(
            execution, status, evidence=complaint or "\n".join(log.split("\n")[-40:])
        )
    observation = observation_of(end, execution)
    complaint = splat_in(f"{end.get('kernel_log', '')}\n{said.get('done', {}).get('late', '')}")
    if not complaint:
        return observation
    return replace(observation, status="splat", holds=False, evidence=complaint)
