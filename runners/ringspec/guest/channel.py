"""Lines from somebody who is not trusted: bounded in length, whatever bytes they hold."""

from __future__ import annotations

LONGEST_LINE = 256 * 1024


class LineTooLong(Exception):
    """More bytes without a line end than any honest guest would send."""


class LineSplitter:
    """Bytes in, complete lines out; memory never holds more than one line and one read."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._partial = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = bytes(self._partial) + lines[0]
            self._partial.clear()
        self._partial += rest
        if max((len(line) for line in (*lines, self._partial))) > self._longest:
            raise LineTooLong(f"a line longer than {self._longest} bytes")
        return lines

    @property
    def partial(self) -> bytes:
        """What came after the last line end."""
        return bytes(self._partial)
