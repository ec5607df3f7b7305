"""The releases that the archive holds between two kernels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ringspec.arch import native
from ringspec.kernels.debian import PREFIX, DebianKernels, exact_spec, select
from ringspec.kernels.errors import UnknownSpec
from ringspec.kernels.index import KernelPackage, Say
from ringspec.kernels.names import version_key

_CANDIDATE = "~rc"


@dataclass(frozen=True)
class Release:
    """One upstream release as the archive has it; `identity` is that of the package's content."""

    spec: str
    version: str
    identity: str


def releases_between(first: str, last: str, cache: Path, say: Say) -> tuple[Release, ...]:
    """Both ends and every release between them, of one flavour, oldest first.

    Of several packages of a release the best is taken; release candidates only as ends.
    """
    index = DebianKernels(cache, native()).index.current(say)
    ends = []
    for spec in (first, last):
        if not spec.startswith(PREFIX):
            raise UnknownSpec(spec, f"no released kernel; expected {PREFIX}6.12, {PREFIX}6.12.107")
        ends.append(select(index, spec))
    if ends[0].flavour != ends[1].flavour:
        raise UnknownSpec(last, f"is of another flavour than {first}: {ends[1].flavour}")
    low, high = sorted(ends, key=lambda package: version_key(package.version))
    best: dict[str, KernelPackage] = {}
    for package in index.packages:
        inside = version_key(low.label) <= version_key(package.label) <= version_key(high.label)
        if inside and package.flavour == low.flavour and _CANDIDATE not in package.label:
            best[package.label] = package
    best.update({end.label: end for end in (low, high)})
    packages = sorted(best.values(), key=lambda package: version_key(package.label))
    return tuple(
        Release(exact_spec(index, package), package.label, f"{package.key} {package.sha256}")
        for package in packages
    )
