"""Kernels of Debian's archive: debian:SERIES, debian:VERSION, debian:SUITE, each with /FLAVOUR."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ringspec.arch import Arch
from ringspec.cache.directory import sha256_of
from ringspec.kernels.apt import PackageNotFound
from ringspec.kernels.errors import (
    ArchiveUnreachable,
    KernelError,
    NotAKernel,
    PackageGone,
    PinnedKernelGone,
    SeriesGone,
    TamperedPackage,
    UnknownSpec,
)
from ringspec.kernels.image import upstream_of
from ringspec.kernels.index import Index, KernelIndex, KernelPackage, Say
from ringspec.kernels.names import DEFAULT_FLAVOUR, series_of, upstream_version
from ringspec.kernels.unpack import unpack_config, unpack_deb
from ringspec.kernels.vault import Entry, Vault, store_image
from ringspec.model import Kernel

PREFIX = "debian:"

# Takes one package of the index, or raises why there is none.
Choose = Callable[[Index], KernelPackage]

_SERIES = re.compile(r"\d+\.\d+")


class DebianKernels:
    """The archive's kernels for one architecture, and those of them that a cache holds."""

    def __init__(self, cache: Path, arch: Arch) -> None:
        self.arch = arch
        self.index = KernelIndex(cache, arch)
        self.vault = Vault(cache)

    def resolve(self, spec: str, say: Say) -> Kernel:
        """The newest kernel that `spec` means."""
        return self.resolve_as(spec, lambda index: select(index, spec), say)

    def find(self, choose: Choose, say: Say) -> tuple[Index, KernelPackage]:
        """The package that `choose` takes, from a newer list if it finds none in the one here."""
        index = self.index.current(say)
        try:
            return index, choose(index)
        except (SeriesGone, UnknownSpec, PinnedKernelGone):
            newer = self.index.after_miss(index, say)
            if newer is index:
                raise
            return newer, choose(newer)

    def resolve_as(self, spec: str, choose: Choose, say: Say) -> Kernel:
        """The kernel in the package that `choose` takes; it goes by the name `spec`."""
        index, package = self.find(choose, say)
        try:
            return self._kernel(spec, index, package, say)
        except PackageNotFound:
            index = self.index.renewed(index, say)
            package = choose(index)
            try:
                return self._kernel(spec, index, package, say)
            except PackageNotFound as lost:
                raise PackageGone(spec, str(lost)) from lost

    def _kernel(self, spec: str, index: Index, package: KernelPackage, say: Say) -> Kernel:
        try:
            entry = self.vault.obtain(
                package.key, lambda into: self._fetch(package, index, into, say), say
            )
        except ArchiveUnreachable as error:
            raise ArchiveUnreachable(f"{spec}: {error}; {self._cached(index, spec)}") from error
        except TamperedPackage as error:
            raise TamperedPackage(f"{spec}: {error}") from error
        except NotAKernel as error:
            raise NotAKernel(f"{spec}: {package.name} {package.version}: {error}") from error
        return Kernel(
            spec=spec,
            kernel=exact_spec(index, package),
            version=upstream_of(entry.release, entry.uname_version)
            or upstream_version(package.version),
            image=self.vault.image_path(package.key, entry),
            release=entry.release,
            package=f"{package.name} {package.version}",
            provenance=entry.provenance,
        )

    def _fetch(self, package: KernelPackage, index: Index, into: Path, say: Say) -> Entry:
        say(f"downloading {package.name} {package.version}, {package.size / 1e6:.0f} MB")
        deb = self.index.download(package.name, package.version, into)
        if (found := sha256_of(deb)) != package.sha256:
            raise TamperedPackage(
                f"{package.name} {package.version}: refused, its SHA-256 is {found}, "
                f"the signed index says {package.sha256}"
            )
        say(f"extracting {package.name}")
        raw = unpack_deb(deb, into)
        deb.unlink()
        if package.config_name:
            self._fetch_config(package, into)
        return store_image(
            raw,
            into,
            package=package.name,
            package_version=package.version,
            provenance=_provenance(index, package),
        )

    def _fetch_config(self, package: KernelPackage, into: Path) -> None:
        """A kernel runs without it, so that it cannot be had is no failure."""
        with suppress(PackageNotFound, KernelError):
            deb = self.index.download(package.config_name, package.version, into)
            unpack_config(deb, into)
            deb.unlink()

    def _cached(self, index: Index, spec: str) -> str:
        """What the user could ask for instead, without the archive."""
        what, flavour = split_spec(spec)
        cached = [package for package in index.packages if self.vault.holds(package.key)]
        same = [p for p in cached if _means(what, p) and p.flavour == flavour]
        names = ", ".join(exact_spec(index, package) for package in same or cached)
        return f"the cache holds {names or 'no kernel'}"


def _provenance(index: Index, package: KernelPackage) -> str:
    suite = package.suites[0]
    signer = index.signers.get(suite)
    by = f"by {signer}" if signer else "with a key that APT trusts"
    return f"signature: {suite} Release signed {by}, package sha256 {package.sha256}"


def split_spec(spec: str) -> tuple[str, str]:
    """(what, flavour) of a debian: spec."""
    what, _, flavour = spec.removeprefix(PREFIX).partition("/")
    return what, flavour or DEFAULT_FLAVOUR


def select(index: Index, spec: str) -> KernelPackage:
    """The newest package that a spec means; a signed one where there is a choice."""
    what, flavour = split_spec(spec)
    matching = [package for package in index.packages if _means(what, package)]
    if not matching and _SERIES.fullmatch(what):
        held = dict.fromkeys(series_of(package.version) for package in index.packages)
        raise SeriesGone(spec, what, held)
    if not matching:
        raise UnknownSpec(spec, "no Debian suite and no version that one holds", known_specs(index))
    if of_flavour := [package for package in matching if package.flavour == flavour]:
        return of_flavour[-1]
    flavours = sorted({package.flavour for package in matching})
    raise UnknownSpec(spec, f"{PREFIX}{what} has no flavour {flavour}, only {', '.join(flavours)}")


def _means(what: str, package: KernelPackage) -> bool:
    if _SERIES.fullmatch(what):
        return series_of(package.version) == what
    return what in (package.label, package.version) or what in package.suites


def exact_spec(index: Index, package: KernelPackage) -> str:
    """The shortest spec that means this package and no other, now."""
    suffix = "" if package.flavour == DEFAULT_FLAVOUR else f"/{package.flavour}"
    short = f"{PREFIX}{package.label}{suffix}"
    if not _SERIES.fullmatch(package.label) and select(index, short) == package:
        return short
    return f"{PREFIX}{package.version}{suffix}"


def known_specs(index: Index) -> list[str]:
    names: dict[str, None] = {"host": None}
    for package in index.packages:
        for what in (series_of(package.version), package.label, *package.suites):
            names[PREFIX + what] = None
            if package.flavour != DEFAULT_FLAVOUR:
                names[f"{PREFIX}{what}/{package.flavour}"] = None
    return list(names)
