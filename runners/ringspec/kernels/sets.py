"""Specs that mean several kernels: the default set, a lock file, a directory of kernels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ringspec.arch import Arch
from ringspec.kernels import lock
from ringspec.kernels.errors import BadLock, NotAKernel
from ringspec.kernels.files import EXPECTED
from ringspec.kernels.formats import looks_like_kernel
from ringspec.kernels.settings import default_specs
from ringspec.kernels.unpack import is_deb, is_rpm, package_has_image
from ringspec.run.options import DEFAULT_SET

LOCK_MARK = "@"


@dataclass(frozen=True)
class Wanted:
    """Specs that mean one kernel each, in order; `pins` for those that are locked."""

    specs: tuple[str, ...]
    pins: Mapping[str, lock.Pin]


def expand(specs: Iterable[str], arch: Arch) -> Wanted:
    """Each spec replaced by what it stands for; KernelError where that is nothing."""
    wanted: dict[str, None] = {}
    pins: dict[str, lock.Pin] = {}
    for spec in specs:
        if spec == DEFAULT_SET:
            wanted |= dict.fromkeys(default_specs())
        elif spec.startswith(LOCK_MARK):
            found = _locked(Path(spec.removeprefix(LOCK_MARK)), arch)
            pins |= found
            wanted |= dict.fromkeys(found)
        elif Path(spec).is_dir() and not is_tree(Path(spec)):
            wanted |= dict.fromkeys(_kernels_in(spec))
        else:
            wanted[spec] = None
    return Wanted(tuple(wanted), pins)


def is_tree(directory: Path) -> bool:
    """Whether it is a kernel's source or build tree, built or not (O= leaves a Makefile there)."""
    return (directory / "Makefile").exists() or (directory / "vmlinux").is_file()


def _locked(path: Path, arch: Arch) -> dict[str, lock.Pin]:
    pins = lock.load(path)
    found = {pin.spec: pin for pin in pins if pin.arch == arch.name}
    if not found:
        held = ", ".join(sorted({pin.arch for pin in pins}))
        raise BadLock(f"{path}: no kernel for {arch.name}, only for {held}")
    return found


def _kernels_in(spec: str) -> list[str]:
    directory = Path(spec)
    found = [str(path) for path in sorted(directory.iterdir()) if _is_kernel(path)]
    if not found:
        raise NotAKernel(f"{spec}: no kernel in this directory; {EXPECTED}")
    return found


def _is_kernel(path: Path) -> bool:
    if not path.is_file():
        return False
    if is_deb(path) or is_rpm(path):
        return package_has_image(path)
    return looks_like_kernel(path)
