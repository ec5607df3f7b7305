"""The memory that a guest shares with us; harness/guest/window.h has the layout.

The guest is not trusted: whatever it writes there, no more than the ring's size is read at once,
and lines are bounded by whoever splits them.
"""

from __future__ import annotations

import mmap
import os
import struct

SIZE = 2 << 20
_MAGIC = b"RSW1"
_WRITTEN, _READ, _ORDER_SIZE = 4, 8, 12
_ORDER = 4096
_EVENTS = _EVENTS_SIZE = 1 << 20

# The same for every guest, so that a snapshot fits all; what differs is in `backend`.
DEVICE = ("-device", "ivshmem-plain,memdev=window,master=on")


class WindowBroken(Exception):
    """The guest wrote something into the header that makes no sense."""


class Window:
    """One guest's window: orders go in, events come out."""

    def __init__(self) -> None:
        self.descriptor = os.memfd_create("window")
        os.ftruncate(self.descriptor, SIZE)
        self._memory = mmap.mmap(self.descriptor, SIZE)
        self._memory[: len(_MAGIC)] = _MAGIC

    def backend(self) -> list[str]:
        """QEMU's arguments for the memory; `descriptor` has to be passed on."""
        where = f"/dev/fd/{self.descriptor}"
        return ["-object", f"memory-backend-file,id=window,size={SIZE},mem-path={where},share=on"]

    def put_order(self, order: bytes) -> None:
        """For a guest that waits for one; it takes it when the bell rings."""
        if len(order) > _EVENTS - _ORDER:
            raise ValueError(f"an order of {len(order)} bytes does not fit into the window")
        self._memory[_ORDER : _ORDER + len(order)] = order
        self._write(_ORDER_SIZE, len(order))

    def take_events(self) -> bytes:
        """What the guest wrote since the last time."""
        written, read = self._field(_WRITTEN), self._field(_READ)
        size = (written - read) % 2**32
        if size > _EVENTS_SIZE:
            raise WindowBroken(f"{size} bytes of events in a ring of {_EVENTS_SIZE}")
        start = read % _EVENTS_SIZE
        first = min(size, _EVENTS_SIZE - start)
        data = self._memory[_EVENTS + start : _EVENTS + start + first]
        data += self._memory[_EVENTS : _EVENTS + size - first]
        self._write(_READ, written)
        return data

    def close(self) -> None:
        """Gives the memory back."""
        self._memory.close()
        os.close(self.descriptor)

    def _field(self, offset: int) -> int:
        value: int = struct.unpack_from("<I", self._memory, offset)[0]
        return value

    def _write(self, offset: int, value: int) -> None:
        struct.pack_into("<I", self._memory, offset, value)
