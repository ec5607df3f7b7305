"""Guests of another architecture: what is asked of QEMU, and one real guest where there is one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ringspec.arch import AMD64, ARCHES, ARM64, native
from ringspec.cache.directory import cache_dir
from ringspec.cli import main
from ringspec.guest import MachineOptions, QemuRefused, VirtualMachine
from ringspec.guest.qemu import Qemu, installed_qemu, kernel_command_line, machine_arguments
from ringspec.kernels import KernelError, resolve
from ringspec.kernels.names import parse_package_name
from ringspec.model import Event, Execution, Facts, Observation
from ringspec.run.options import build_directory

FOREIGN = ARM64 if native() == AMD64 else AMD64
BINARY = build_directory(ARM64) / "ringspec-cases"
CASES = ("PollRemove.EachUnknownFlagIsRefused", "Timeout.AnExpiryFailsTheSoftChainBehindIt")


@pytest.mark.parametrize("arch", ARCHES.values(), ids=list(ARCHES))
def test_guest_is_what_its_architecture_says(arch: object) -> None:
    assert arch in (AMD64, ARM64)
    options = MachineOptions(binary=Path("x"), arch=ARM64 if arch == ARM64 else AMD64)
    qemu = Qemu(options.arch.qemu, "10.0.2")

    words = kernel_command_line(options).split()
    arguments = machine_arguments(options, qemu, "tcg")

    assert {f"console={options.arch.console}", f"ringspec_events={options.arch.events}"} <= {*words}
    assert arguments[:2] == list(options.arch.board)
    assert "-icount" in arguments


def test_too_old_a_qemu_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / ARM64.qemu
    program.write_text("#!/bin/sh\necho QEMU emulator version 7.2.22\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    installed_qemu.cache_clear()

    with pytest.raises(QemuRefused, match="is 7.2.22; guests for arm64 need 9.2 or newer"):
        installed_qemu(ARM64)
    installed_qemu.cache_clear()


@pytest.mark.parametrize(
    ("name", "flavour", "signed"),
    [
        ("linux-image-6.12.118+deb13-cloud-arm64", "cloud", True),
        ("linux-image-6.12.118+deb13-arm64", "arm64", True),
        ("linux-image-6.12.118+deb13-arm64-16k", "16k", True),
        ("linux-image-6.12.118+deb13-rt-arm64-unsigned", "rt", False),
        ("linux-binary-unsigned-7.3.4+deb13-arm64-16k", "16k", False),
    ],
)
def test_package_names_of_arm64(name: str, flavour: str, signed: bool) -> None:
    found = parse_package_name(name)

    assert found and (found.flavour, found.signed) == (flavour, signed)


def test_cases_that_are_not_built_name_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ringspec.run.options.ROOT", tmp_path)

    assert main(["kselftest", str(tmp_path / "out"), "--arch", FOREIGN.name]) == 4
    assert f"build the cases first, with ci/setup --arch {FOREIGN.name}" in capsys.readouterr().err


def test_host_is_of_its_own_architecture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--kernel", "host", "--arch", FOREIGN.name, "--out", str(tmp_path / "out")]
    arguments += ["--build", str(build_directory(native()))]

    assert main(["run", *arguments]) == 4
    assert f"--kernel host is {native().name}, --arch says {FOREIGN.name}" in "".join(
        capsys.readouterr()
    )


@pytest.mark.skipif(
    not (BINARY.is_file() and shutil.which(ARM64.qemu)),
    reason="arm64 is not set up here: ci/setup --arch arm64",
)
def test_arm64_guest_runs_cases_in_virtual_time() -> None:
    try:
        kernel = resolve("debian:6.12", cache_dir(), arch=ARM64)
    except KernelError as error:
        pytest.skip(f"no arm64 kernel to boot: {error}")
    options = MachineOptions(binary=BINARY, arch=ARM64, cache=cache_dir())
    order = tuple(Execution(i, case, "default") for i, case in enumerate(CASES, 1))
    events: list[Event] = []

    VirtualMachine(options).run(kernel, order, events.append)

    facts = next(event for event in events if isinstance(event, Facts))
    assert (facts.machine, facts.cpus) == ("aarch64", 1)
    seen = [event for event in events if isinstance(event, Observation)]
    assert [(one.status, one.holds) for one in seen] == [("ran", True)] * 2
