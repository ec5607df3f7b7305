"""Bootable images in the cache, each with a record of what it is and its hash.

An entry is a directory that appears whole or not at all; its record is checked on every use.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from ringspec.cache.digests import remembered_sha256
from ringspec.cache.directory import locked, sha256_of
from ringspec.cache.eviction import keep
from ringspec.kernels.formats import bootable

_RECORD = "record.json"
_FORMAT = 1


@dataclass(frozen=True)
class Entry:
    """One bootable image: `image` below the entry's directory, and where it came from."""

    image: str
    image_sha256: str
    release: str
    uname_version: str
    package: str
    package_version: str
    provenance: str
    format: int = _FORMAT

    @property
    def source_sha256(self) -> str:
        """Of the package or file that it was made from."""
        return self.provenance.rpartition("sha256 ")[2]


class Vault:
    def __init__(self, cache: Path) -> None:
        self.root = cache / "kernels"

    def holds(self, key: str) -> bool:
        return (self.root / key / _RECORD).exists()

    def keys(self) -> set[str]:
        return {path.parent.name for path in self.root.glob(f"*/{_RECORD}")}

    def image_path(self, key: str, entry: Entry) -> Path:
        return self.root / key / entry.image

    def lookup(self, key: str) -> Entry | None:
        """The entry, unless it is missing or no longer what its record says; it stays as long as
        this process lives."""
        keep(self.root / key)
        try:
            entry = Entry(**json.loads((self.root / key / _RECORD).read_text()))
            sound = remembered_sha256(self.image_path(key, entry)) == entry.image_sha256
        except (OSError, ValueError, TypeError):
            return None
        return entry if sound and entry.format == _FORMAT else None

    def obtain(self, key: str, fill: Callable[[Path], Entry], say: Callable[[str], None]) -> Entry:
        """The entry; `fill` makes it in an empty directory if no run has done so before."""
        if entry := self.lookup(key):
            return entry
        with locked(self.root / f".{key}.lock"):
            if entry := self.lookup(key):
                return entry
            if self.holds(key):
                say(f"the cached image {key} is damaged; making it anew")
            for stale in (self.root / key, *self.root.glob(f".{key}.*/")):
                shutil.rmtree(stale, ignore_errors=True)
            scratch = Path(tempfile.mkdtemp(dir=self.root, prefix=f".{key}."))
            try:
                entry = fill(scratch)
                (scratch / _RECORD).write_text(json.dumps(asdict(entry), indent=1))
                scratch.chmod(0o755)
                scratch.rename(self.root / key)
                keep(self.root / key)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
            return entry


def store_image(
    raw: Path, into: Path, *, package: str = "", package_version: str = "", provenance: str
) -> Entry:
    """Moves an image into `into`, in the form that boots best.

    `provenance` ends in the SHA-256 of what `raw` was taken from.
    """
    image = bootable(raw, into)
    return Entry(
        image=image.path.name,
        image_sha256=sha256_of(image.path),
        release=image.banner.release,
        uname_version=image.banner.version,
        package=package,
        package_version=package_version,
        provenance=provenance,
    )
