"""Machines that run orders: virtual ones with any kernel, and this host."""

from ringspec.guest.errors import (
    BootFailed,
    GuestError,
    QemuMissing,
    QemuRefused,
    Stopped,
    UsageError,
)
from ringspec.guest.host import HostMachine
from ringspec.guest.machine import VirtualMachine
from ringspec.guest.options import MachineOptions

__all__ = [
    "BootFailed",
    "GuestError",
    "HostMachine",
    "MachineOptions",
    "QemuMissing",
    "QemuRefused",
    "Stopped",
    "UsageError",
    "VirtualMachine",
]
