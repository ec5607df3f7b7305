"""From what the user typed to a kernel that runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ringspec.arch import Arch, native
from ringspec.kernels.debian import PREFIX, DebianKernels, known_specs
from ringspec.kernels.errors import CacheUnusable, KernelError, NotAKernel, UnknownSpec
from ringspec.kernels.files import resolve_file, resolve_url
from ringspec.kernels.image import upstream_of
from ringspec.kernels.lock import Pin
from ringspec.kernels.names import upstream_version
from ringspec.kernels.pinning import resolve_pinned
from ringspec.kernels.urls import is_url
from ringspec.model import Kernel

HOST = "host"

# Told while a kernel is being obtained: (spec, what is happening).
Progress = Callable[[str, str], None]


def _silent(spec: str, message: str) -> None:
    pass


@dataclass(frozen=True)
class Resolution:
    """What came of several specs; every one of them is in exactly one of the two."""

    kernels: tuple[Kernel, ...]
    errors: dict[str, KernelError]


def resolve(
    spec: str,
    cache: Path,
    as_version: str | None = None,
    progress: Progress = _silent,
    *,
    arch: Arch | None = None,
    pin: Pin | None = None,
) -> Kernel:
    """The kernel that `spec` means, on this machine and ready to boot, or a KernelError.

    `arch`: for guests of this architecture, else of this machine's.  `pin`: what the spec has to
    be, byte for byte.
    """
    return _resolve(spec, DebianKernels(cache, arch or native()), as_version, progress, pin)


def resolve_all(specs: Iterable[str], cache: Path, progress: Progress = _silent) -> Resolution:
    """Several at once; each download and extraction uses about one core."""
    debian = DebianKernels(cache, native())

    def attempt(spec: str) -> Kernel | KernelError:
        try:
            return _resolve(spec, debian, None, progress, None)
        except KernelError as error:
            return error

    wanted = list(dict.fromkeys(specs))
    pool = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1))
    try:
        outcomes = dict(zip(wanted, pool.map(attempt, wanted), strict=True))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return Resolution(
        kernels=tuple(found for found in outcomes.values() if isinstance(found, Kernel)),
        errors={spec: e for spec, e in outcomes.items() if isinstance(e, KernelError)},
    )


def _resolve(
    spec: str,
    debian: DebianKernels,
    as_version: str | None,
    progress: Progress,
    pin: Pin | None,
) -> Kernel:
    if as_version is not None and not upstream_version(as_version):
        raise NotAKernel(f"{spec}: the version to take it for is {as_version!r}; expected x.y.z")
    say = partial(progress, spec)
    try:
        if pin:
            kernel = resolve_pinned(pin, debian, say)
        elif spec == HOST:
            kernel = _host()
        elif spec.startswith(PREFIX):
            kernel = debian.resolve(spec, say)
        elif is_url(spec):
            kernel = resolve_url(spec, debian.vault, say, debian.arch)
        elif "/" in spec or Path(spec).exists():
            kernel = resolve_file(spec, debian.vault, say, debian.arch)
        else:
            raise _unknown(spec, debian)
    except OSError as error:
        raise CacheUnusable(
            f"{spec}: {error}; the cache is {debian.vault.root.parent}, "
            "RINGSPEC_CACHE names another one"
        ) from error
    version = upstream_version(as_version) if as_version else kernel.version
    if not version:
        raise NotAKernel(f"{spec}: its release {kernel.release!r} tells no x.y.z; say --as-version")
    return replace(kernel, version=version)


def _unknown(spec: str, debian: DebianKernels) -> UnknownSpec:
    index = debian.index.remembered()
    known = known_specs(index) if index else [HOST]
    if PREFIX + spec in known:
        return UnknownSpec(spec, f"no kernel goes by this name; did you mean {PREFIX}{spec}?")
    return UnknownSpec(spec, "neither host, nor debian:..., nor an address, nor a file", known)


def _host() -> Kernel:
    uname = os.uname()
    return Kernel(
        spec=HOST,
        kernel=HOST,
        version=upstream_of(uname.release, uname.version),
        release=uname.release,
        provenance=f"running: {uname.version}",
    )
