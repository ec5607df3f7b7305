"""The architectures of guests: everything that differs between them, in one place.

Who needs another one adds it here, its image format to kernels/formats.py, and a toolchain file to
ci/toolchains.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass


@dataclass(frozen=True)
class Arch:
    """`name` is Debian's name of the architecture and what --arch takes."""

    name: str
    # `uname -m`.
    machine: str
    qemu: str
    qemu_package: str
    board: tuple[str, ...]
    # The CPU of a guest in virtual time; in real time it is the best one that there is.
    cpu: tuple[str, ...]
    # The serial lines: the kernel's console, and the one that rings the bell.
    console: str
    events: str
    # Where a built kernel tree has its image, and what makes it.
    tree_images: tuple[str, ...]
    make_target: str

    @property
    def article(self) -> str:
        """The name as it stands in a sentence."""
        return f"an {self.name}"


AMD64 = Arch(
    name="amd64",
    machine="x86_64",
    qemu="qemu-system-x86_64",
    qemu_package="qemu-system-x86",
    board=("-M", "q35"),
    cpu=(),
    console="ttyS0",
    events="ttyS1",
    tree_images=("arch/x86/boot/bzImage", "vmlinux"),
    make_target="bzImage",
)

ARM64 = Arch(
    name="arm64",
    machine="aarch64",
    qemu="qemu-system-aarch64",
    qemu_package="qemu-system-arm",
    board=("-M", "virt,gic-version=max"),
    cpu=("-cpu", "cortex-a72"),
    # PL011, of which QEMU's virt board has a second one since 9.2.
    console="ttyAMA0",
    events="ttyAMA1",
    tree_images=("arch/arm64/boot/Image", "arch/arm64/boot/Image.gz"),
    make_target="Image",
)

ARCHES = {arch.name: arch for arch in (AMD64, ARM64)}


def native() -> Arch:
    """That of this machine; the one that most kernels are for, where there is no code for it."""
    return next((arch for arch in ARCHES.values() if arch.machine == platform.machine()), AMD64)
