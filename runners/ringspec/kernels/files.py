"""A kernel that the user has as a file: bzImage, vmlinux, package, or build tree."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from ringspec.cache import sha256_of
from ringspec.kernels.errors import NotAKernel
from ringspec.kernels.image import upstream_of
from ringspec.kernels.unpack import deb_identity, unpack_deb, unpack_rpm
from ringspec.kernels.vault import Entry, Vault, store_image
from ringspec.model import Kernel

_EXPECTED = "expected a bzImage, a vmlinux, a .deb or .rpm of a kernel, or a built kernel tree"
_IN_TREE = ("arch/x86/boot/bzImage", "vmlinux")


def resolve_file(spec: str, vault: Vault, say: Callable[[str], None]) -> Kernel:
    """The kernel in the file or tree `spec`; its copy in the cache goes by the file's hash."""
    path = _in_tree(spec) if Path(spec).is_dir() else Path(spec)
    config = Path(spec) / ".config"
    if not path.is_file():
        raise NotAKernel(f"{spec}: no such file; {_EXPECTED}")
    try:
        digest = sha256_of(path)
        key = f"file-{digest}"
        entry = vault.obtain(key, lambda into: _fill(path, config, into, f"sha256 {digest}"), say)
    except NotAKernel as error:
        raise NotAKernel(f"{spec}: {error}; {_EXPECTED}") from error
    return Kernel(
        spec=spec,
        kernel=f"{path.name}@{digest[:12]}",
        version=upstream_of(entry.release, entry.uname_version),
        image=vault.image_path(key, entry),
        release=entry.release,
        package=f"{entry.package} {entry.package_version}".strip(),
        provenance=entry.provenance,
    )


def _in_tree(spec: str) -> Path:
    for name in _IN_TREE:
        if (path := Path(spec) / name).is_file():
            return path
    raise NotAKernel(
        f"{spec}: a directory without {' or '.join(_IN_TREE)}; run `make bzImage` there"
    )


def _fill(path: Path, config: Path, into: Path, provenance: str) -> Entry:
    if path.suffix == ".deb":
        package, version = deb_identity(path)
        return store_image(
            unpack_deb(path, into),
            into,
            package=package,
            package_version=version,
            provenance=provenance,
        )
    if path.suffix == ".rpm":
        raw = unpack_rpm(path, into)
        return store_image(raw, into, package=path.stem, provenance=provenance)
    raw = into / "raw"
    shutil.copyfile(path, raw)
    if config.is_file():
        shutil.copyfile(config, into / "config")
    return store_image(raw, into, provenance=provenance)
