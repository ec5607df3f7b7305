"""A kernel that the user has as a file: image, package, build tree, or something at an address."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from ringspec.arch import Arch
from ringspec.cache.directory import sha256_of
from ringspec.kernels import urls
from ringspec.kernels.config import config_of
from ringspec.kernels.errors import NotAKernel
from ringspec.kernels.formats import arch_of
from ringspec.kernels.image import upstream_of
from ringspec.kernels.unpack import deb_identity, is_deb, is_rpm, unpack_deb, unpack_rpm
from ringspec.kernels.vault import Entry, Vault, store_image
from ringspec.model import Kernel

EXPECTED = (
    "expected a bzImage, a vmlinux, an arm64 Image, a .deb or .rpm of a kernel, a built kernel "
    "tree, or a directory of kernels"
)

Say = Callable[[str], None]


def resolve_file(spec: str, vault: Vault, say: Say, arch: Arch) -> Kernel:
    """The kernel in the file or tree `spec`; its copy in the cache goes by the file's hash."""
    path = file_of(spec, arch)
    digest = sha256_of(path)
    config = Path(spec) / ".config" if Path(spec).is_dir() else _config_beside(path)
    return _kernel(spec, path.name, digest, vault, say, arch, lambda into: (path, config))


def resolve_url(spec: str, vault: Vault, say: Say, arch: Arch) -> Kernel:
    """The kernel at an address; what is in the cache by its hash is not asked for again."""
    source = urls.parse(spec)

    def fetch(into: Path) -> tuple[Path, None]:
        say(f"downloading {source.address}")
        return urls.download(source, into), None

    return _kernel(spec, source.name, source.sha256, vault, say, arch, fetch)


def file_of(spec: str, arch: Arch) -> Path:
    """The file that a path means: itself, or the image in a built tree."""
    path = Path(spec)
    if path.is_file():
        return path
    if not path.is_dir():
        raise NotAKernel(f"{spec}: no such file; {EXPECTED}")
    for name in arch.tree_images:
        if (image := path / name).is_file():
            return image
    raise NotAKernel(
        f"{spec}: a directory without {' or '.join(arch.tree_images)}; "
        f"run `make {arch.make_target}` there, or name a file in it"
    )


def _config_beside(path: Path) -> Path:
    """As /boot and /usr/lib/modules/RELEASE have it."""
    return path.with_name(path.name.replace("vmlinuz", "config"))


def _kernel(
    spec: str,
    name: str,
    digest: str,
    vault: Vault,
    say: Say,
    arch: Arch,
    obtain: Callable[[Path], tuple[Path, Path | None]],
) -> Kernel:
    key = f"file-{digest}"
    try:
        entry = vault.obtain(key, lambda into: _fill(*obtain(into), into, f"sha256 {digest}"), say)
        found = arch_of(vault.image_path(key, entry))
        if found is not arch:
            raise NotAKernel(
                f"a kernel for {found.name}, this run is for {arch.name}; say --arch {found.name}"
            )
    except NotAKernel as error:
        raise NotAKernel(f"{spec}: {error}; {EXPECTED}") from error
    kernel = Kernel(
        spec=spec,
        kernel=f"{name}@{digest[:12]}",
        version=upstream_of(entry.release, entry.uname_version),
        image=vault.image_path(key, entry),
        release=entry.release,
        package=f"{entry.package} {entry.package_version}".strip(),
        provenance=entry.provenance,
    )
    if missing := arch.missing(config_of(kernel)):
        raise NotAKernel(
            f"{spec}: its configuration lacks {', '.join(missing)}, without which no guest gets "
            "ready; set them to y and build it again"
        )
    return kernel


def _fill(path: Path, config: Path | None, into: Path, provenance: str) -> Entry:
    if is_deb(path):
        package, version = deb_identity(path)
        return store_image(
            unpack_deb(path, into),
            into,
            package=package,
            package_version=version,
            provenance=provenance,
        )
    if is_rpm(path):
        raw = unpack_rpm(path, into)
        return store_image(raw, into, package=path.stem, provenance=provenance)
    raw = into / "raw"
    shutil.copyfile(path, raw)
    if config and config.is_file() and config != path:
        shutil.copyfile(config, into / "config")
    return store_image(raw, into, provenance=provenance)
