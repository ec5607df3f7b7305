"""A shell in a guest: Debian's static busybox, the case binary, and the user's terminal.

Nothing is judged here, so time is real and the guest has the whole console to itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from ringspec.guest import qemu
from ringspec.guest.accel import choose_accelerator
from ringspec.guest.errors import QemuRefused, UsageError
from ringspec.guest.initramfs import archive
from ringspec.guest.options import MachineOptions
from ringspec.guest.stopping import StopFlag

_BUSYBOX = Path("/bin/busybox")
_ELF_INTERPRETER = b"/lib64/ld-linux"
MEMORY_MB = 512
# The kernel hands `name=value` of its command line to init as environment.
_INIT = """\
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /tmp /root /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
export PATH=/sbin:/bin:/usr/sbin:/usr/bin HOME=/root TERM="$ringspec_term"
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /tmp
ip link set lo up
stty rows "$ringspec_rows" cols "$ringspec_cols" 2>/dev/null
dmesg -n 4
cd /root
echo "Linux $(uname -r): ringspec-cases --gtest_list_tests; --gtest_filter=CASE --ringspec_setup=SETUP"
echo "exit, or Ctrl-A X, ends the guest"
PS1='# ' setsid cttyhack sh
reboot -f
"""


def shell_files(binary: Path) -> bytes:
    """The initramfs.  UsageError says what to install."""
    if not _BUSYBOX.is_file() or _ELF_INTERPRETER in _BUSYBOX.read_bytes():
        raise UsageError(
            f"{_BUSYBOX} is not there or needs libraries: install the package busybox-static"
        )
    return archive(
        {
            "init": (0o755, _INIT.encode()),
            "bin/busybox": (0o755, _BUSYBOX.read_bytes()),
            "bin/ringspec-cases": (0o755, binary.read_bytes()),
        }
    )


def run_shell(image: Path, options: MachineOptions) -> None:
    """Until the guest ends.  QEMU has the terminal meanwhile."""
    program = qemu.installed_qemu(options.arch)
    accel = "tcg"
    if options.clock == "real":
        accel = choose_accelerator(options, program, image, StopFlag())
    columns, rows = shutil.get_terminal_size()
    words = {"rows": rows, "cols": columns, "term": os.environ.get("TERM", "linux")}
    command_line = " ".join(
        (
            qemu.kernel_command_line(options),
            *(f"ringspec_{name}={value}" for name, value in words.items()),
        )
    )
    descriptor = os.memfd_create("initramfs")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(shell_files(options.binary))
        command = [
            program.program,
            *qemu.machine_arguments(options, program, accel),
            *("-object", "memory-backend-ram,id=window,size=2M"),
            *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"),
            *("-serial", "mon:stdio"),
            *qemu.boot_arguments(image, Path(f"/dev/fd/{descriptor}"), command_line),
        ]
        status = subprocess.run(command, pass_fds=[descriptor], check=False).returncode
    finally:
        os.close(descriptor)
    if status:
        raise QemuRefused(f"QEMU ended with status {status}")
