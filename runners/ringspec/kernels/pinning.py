"""Locks kernels, and takes locked ones: exactly these bytes or none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ringspec.arch import Arch
from ringspec.cache.directory import sha256_of
from ringspec.kernels import urls
from ringspec.kernels.debian import PREFIX, DebianKernels, exact_spec, select
from ringspec.kernels.errors import NotHeld, PinnedKernelGone, TamperedPackage, UnknownSpec
from ringspec.kernels.files import file_of, resolve_file, resolve_url
from ringspec.kernels.image import upstream_of
from ringspec.kernels.index import Index, KernelPackage, Say
from ringspec.kernels.lock import Pin, render
from ringspec.kernels.sets import expand
from ringspec.model import Kernel
from ringspec.run.options import DEFAULT_SET

_MOVE_ON = "; `ringspec kernels lock` makes a new lock file"


def locked(specs: Iterable[str], cache: Path, arch: Arch, say: Say) -> str:
    """A lock file of these specs, or of the default set without those that are gone."""
    chosen = tuple(specs)
    debian = DebianKernels(cache, arch)
    pins = []
    for spec in expand(chosen or (DEFAULT_SET,), arch).specs:
        try:
            pins.append(pin(spec, debian, say))
        except NotHeld as gone:
            if chosen:
                raise
            say(f"left out: {gone}")
    return render(pins)


def pin(spec: str, debian: DebianKernels, say: Say) -> Pin:
    """What `spec` means now.  A Debian package is not downloaded: the signed index has its hash."""
    if spec.startswith(PREFIX):
        index, package = debian.find(lambda index: select(index, spec), say)
        name = exact_spec(index, package)
        return _pin(spec, debian, name, f"{package.name} {package.version}", package.sha256)
    if urls.is_url(spec):
        source = urls.parse(spec)
        return _pin(spec, debian, f"{source.name}@{source.sha256[:12]}", "", source.sha256)
    if "/" not in spec and not Path(spec).exists():
        raise UnknownSpec(spec, "cannot be locked: neither debian:..., nor an address, nor a file")
    path = file_of(spec, debian.arch)
    digest = sha256_of(path)
    return _pin(spec, debian, f"{path.name}@{digest[:12]}", "", digest)


def _pin(spec: str, debian: DebianKernels, kernel: str, package: str, sha256: str) -> Pin:
    return Pin(spec, debian.arch.name, kernel, package, sha256)


def resolve_pinned(pin: Pin, debian: DebianKernels, say: Say) -> Kernel:
    """The kernel that was locked; what is in the cache needs no archive."""
    if pin.spec.startswith(PREFIX):
        return _cached(pin, debian) or debian.resolve_as(pin.spec, lambda i: _choose(i, pin), say)
    if urls.is_url(pin.spec):
        _check(pin, urls.parse(pin.spec).sha256, "the SHA-256 in its address")
        return resolve_url(pin.spec, debian.vault, say, debian.arch)
    kernel = resolve_file(pin.spec, debian.vault, say, debian.arch)
    _check(pin, kernel.provenance.rpartition(" ")[2], "its SHA-256")
    return kernel


def _cached(pin: Pin, debian: DebianKernels) -> Kernel | None:
    name, _, version = pin.package.partition(" ")
    key = KernelPackage.key_of(name, version)
    entry = debian.vault.lookup(key)
    if not entry:
        return None
    _check(pin, entry.source_sha256, "the SHA-256 of the cached package")
    return Kernel(
        spec=pin.spec,
        kernel=pin.kernel,
        version=upstream_of(entry.release, entry.uname_version),
        image=debian.vault.image_path(key, entry),
        release=entry.release,
        package=pin.package,
        provenance=entry.provenance,
    )


def _choose(index: Index, pin: Pin) -> KernelPackage:
    for package in index.packages:
        if f"{package.name} {package.version}" == pin.package:
            _check(pin, package.sha256, "the SHA-256 in the archive's signed index")
            return package
    raise PinnedKernelGone(
        f"{pin.spec}: locked to {pin.package}, which neither archive nor cache holds any more"
        + _MOVE_ON
    )


def _check(pin: Pin, found: str, what: str) -> None:
    if found != pin.sha256:
        raise TamperedPackage(
            f"{pin.spec}: refused, {what} is {found}, the lock file says {pin.sha256}" + _MOVE_ON
        )
