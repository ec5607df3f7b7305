"""Lines from somebody who is not trusted: bounded in length, whatever bytes they hold."""

from __future__ import annotations

from collections.abc import Iterator

LONGEST_LINE = 256 * 1024


class LineTooLong(Exception):
    """More bytes without a line end than any honest guest would send."""


class LineSplitter:
    """Bytes in, complete lines out; memory never holds more than one line and one read."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._partial = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The lines that are complete now; LineTooLong comes after those before it."""
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = bytes(self._partial) + lines[0]
            self._partial.clear()
        self._partial += rest
        for line in lines:
            self._check(line)
            yield line
        self._check(self._partial)

    def _check(self, line: bytes | bytearray) -> None:
        if len(line) > self._longest:
            raise LineTooLong(f"a line longer than {self._longest} bytes")

    @property
    def partial(self) -> bytes:
        """What came after the last line end."""
        return bytes(self._partial)
