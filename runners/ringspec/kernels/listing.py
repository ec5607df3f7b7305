"""`ringspec kernels`: what can be had, and what is here already."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from ringspec.arch import Arch, native
from ringspec.kernels.debian import DebianKernels, exact_spec
from ringspec.kernels.names import DEFAULT_FLAVOUR, upstream_version


@dataclass(frozen=True)
class Available:
    """One kernel of the archive, under the spec that means exactly it."""

    spec: str
    version: str
    package: str
    suites: tuple[str, ...]
    flavour: str
    cached: bool


def available(
    pattern: str,
    cache: Path,
    say: Callable[[str], None] = lambda message: None,
    arch: Arch | None = None,
) -> list[Available]:
    """Kernels whose spec, version, package or suite matches; without a pattern, of the default
    flavour.  A pattern without wildcards matches anywhere."""
    debian = DebianKernels(cache, arch or native())
    index = debian.index.current(say)
    cached = debian.vault.keys()
    best = {(p.version, p.flavour): p for p in index.packages}
    rows = [
        Available(
            spec=exact_spec(index, package),
            version=upstream_version(package.version),
            package=f"{package.name} {package.version}",
            suites=package.suites,
            flavour=package.flavour,
            cached=package.key in cached,
        )
        for package in best.values()
        if pattern or package.flavour == DEFAULT_FLAVOUR
    ]
    return [row for row in rows if not pattern or _matches(pattern, row)]


def _matches(pattern: str, row: Available) -> bool:
    wild = pattern if any(c in pattern for c in "*?[") else f"*{pattern}*"
    return any(fnmatchcase(text, wild) for text in (row.spec, row.package, *row.suites))


def render(rows: Iterable[Available]) -> str:
    """A table in plain text, one kernel a line."""
    header = ("KERNEL", "CACHED", "SUITES", "PACKAGE")
    lines = [
        header,
        *((r.spec, "yes" if r.cached else "-", " ".join(r.suites), r.package) for r in rows),
    ]
    widths = [max(len(line[i]) for line in lines) for i in range(3)]
    return "\n".join(
        "  ".join([*(text.ljust(width) for text, width in zip(line, widths)), line[3]])
        for line in lines
    )
