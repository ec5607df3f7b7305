"""One error for each way in which a kernel cannot be had.

`exit_code` is the command's answer: 4 the user asked for something that is not there,
3 the surroundings failed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ringspec.errors import ENVIRONMENT, USAGE, Problem


class KernelError(Problem):
    exit_code = ENVIRONMENT


class UnknownSpec(KernelError):
    """Nothing goes by this name."""

    exit_code = USAGE

    def __init__(self, spec: str, reason: str, known: Iterable[str] = ()) -> None:
        self.spec = spec
        self.near = tuple(difflib.get_close_matches(spec, list(known), n=6, cutoff=0.6))
        hint = f"; did you mean {', '.join(self.near)}?" if self.near else ""
        super().__init__(f"{spec}: {reason}{hint}")


class NotHeld(KernelError):
    """The archive does not have it (any more); the default set does without."""


class SeriesGone(NotHeld):
    """A well-formed series that no suite of the archive holds (any more)."""

    exit_code = USAGE

    def __init__(self, spec: str, series: str, held: Iterable[str]) -> None:
        self.spec = spec
        self.series = series
        super().__init__(
            f"{spec}: no Debian suite holds a {series} kernel; held are: {', '.join(held)}"
        )


class PackageGone(NotHeld):
    """The archive's lists have a package that its pool has not."""

    def __init__(self, spec: str, what_failed: str) -> None:
        super().__init__(
            f"{spec}: the archive lists but lacks {what_failed}; "
            "name another release: `ringspec kernels`"
        )


class NotAKernel(KernelError):
    """The path is there (or not), but QEMU could not boot it."""

    exit_code = USAGE


class Unverifiable(KernelError):
    """An address without the hash of what is there."""

    exit_code = USAGE


class BadLock(KernelError):
    """A lock file that cannot be read, or that says nothing of use here."""

    exit_code = USAGE


class PinnedKernelGone(KernelError):
    """A lock file names a package that neither archive nor cache holds any more."""

    exit_code = USAGE


class ArchiveUnreachable(KernelError):
    """The archive does not answer and the cache is not enough."""


class TamperedPackage(KernelError):
    """A file is not the one that its signed index, its lock or its own record describes."""


class CacheUnusable(KernelError):
    """The cache directory cannot be read or written."""
