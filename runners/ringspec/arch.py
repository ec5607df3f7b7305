"""The architectures of guests: everything that differs between them, in one place.

Who needs another one adds it here, its image format to kernels/formats.py, and a toolchain file to
ci/toolchains.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass

# Of any guest: an initramfs with our init, what it mounts, and the shared memory on PCI.
NEEDED = (
    *("IO_URING", "PCI", "BLK_DEV_INITRD", "BINFMT_ELF", "TTY", "PRINTK"),
    *("PROC_FS", "SYSFS", "TMPFS", "DEVTMPFS", "NET", "HIGH_RES_TIMERS"),
)


@dataclass(frozen=True)
class Arch:
    """`name` is Debian's name of the architecture and what --arch takes."""

    name: str
    # `uname -m`.
    machine: str
    qemu: str
    qemu_package: str
    first_qemu: tuple[int, int]
    board: tuple[str, ...]
    # The CPU of a guest in virtual time; in real time it is the best one that there is.
    cpu: tuple[str, ...]
    # The serial lines: the kernel's console, and the one that rings the bell.
    console: str
    events: str
    # Where a built kernel tree has its image, and what makes it.
    tree_images: tuple[str, ...]
    make_target: str
    # Options of its configuration without which no guest gets ready, beside NEEDED.
    needs: tuple[str, ...]

    def missing(self, config: Mapping[str, str]) -> tuple[str, ...]:
        """Options that a guest of this configuration lacks; none where it is not known."""
        needed = [f"CONFIG_{name}" for name in (*NEEDED, *self.needs)]
        return tuple(name for name in needed if config and config.get(name) != "y")


AMD64 = Arch(
    name="amd64",
    machine="x86_64",
    qemu="qemu-system-x86_64",
    qemu_package="qemu-system-x86",
    first_qemu=(7, 2),
    board=("-M", "q35,hpet=off"),
    # Linux fills and copies pages with string instructions from a later model of this family on
    # (arch/x86/kernel/cpu/amd.c), and -icount makes QEMU leave its code after each of their steps.
    cpu=("-cpu", "qemu64,model=4"),
    console="ttyS0",
    events="ttyS1",
    tree_images=("arch/x86/boot/bzImage", "vmlinux"),
    make_target="bzImage",
    needs=("SERIAL_8250_CONSOLE",),
)

ARM64 = Arch(
    name="arm64",
    machine="aarch64",
    qemu="qemu-system-aarch64",
    qemu_package="qemu-system-arm",
    # The virt board has a second PL011 since then.
    first_qemu=(9, 2),
    board=("-M", "virt,gic-version=max"),
    # It knows pages of 4, 16 and 64 KiB (Arm Neoverse N1 TRM, ID_AA64MMFR0_EL1); a Cortex-A72, not 16.
    cpu=("-cpu", "neoverse-n1"),
    console="ttyAMA0",
    events="ttyAMA1",
    tree_images=("arch/arm64/boot/Image", "arch/arm64/boot/Image.gz"),
    make_target="Image",
    needs=("SERIAL_AMBA_PL011_CONSOLE", "PCI_HOST_GENERIC"),
)

ARCHES = {arch.name: arch for arch in (AMD64, ARM64)}


def native() -> Arch:
    """That of this machine; the one that most kernels are for, where there is no code for it."""
    return next((arch for arch in ARCHES.values() if arch.machine == platform.machine()), AMD64)
