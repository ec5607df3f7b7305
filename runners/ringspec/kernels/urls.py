"""A file at an address, with the hash that it must have: ADDRESS#sha256=HEX."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from ringspec.kernels.errors import ArchiveUnreachable, TamperedPackage, Unverifiable

SCHEMES = ("https://", "http://", "file://")

_TIMEOUT_S = 60.0
_CHUNK = 1 << 20
# Debug packages of a kernel reach 1 GB; an image never does.
LARGEST = 2 << 30


@dataclass(frozen=True)
class Source:
    address: str
    sha256: str

    @property
    def name(self) -> str:
        """The last part of its path."""
        return PurePosixPath(unquote(urlsplit(self.address).path)).name or "kernel"


def is_url(spec: str) -> bool:
    return spec.startswith(SCHEMES)


def parse(spec: str) -> Source:
    """Unverifiable if the address says not which bytes are meant."""
    address, _, fragment = spec.partition("#")
    match = re.fullmatch(r"sha256=([0-9a-fA-F]{64})", fragment)
    if not match:
        raise Unverifiable(
            f"{spec}: expected #sha256= and 64 hexadecimal digits at the end of an address, found "
            f"{'#' + fragment if fragment else 'none'}; `sha256sum FILE` prints them"
        )
    return Source(address, match[1].lower())


def download(source: Source, into: Path) -> Path:
    """The file below `into`, its hash checked; nothing of a refused one is left."""
    import urllib.error  # with all of HTTP and TLS: not for who asks for no address
    import urllib.request

    target = into / f"download-{source.name}"
    digest = hashlib.sha256()
    try:
        with (
            urllib.request.urlopen(source.address, timeout=_TIMEOUT_S) as answer,
            target.open("wb") as file,
        ):
            while data := answer.read(_CHUNK):
                digest.update(data)
                file.write(data)
                if file.tell() > LARGEST:
                    raise TamperedPackage(
                        f"{source.address}: refused, it is larger than {LARGEST >> 30} GiB"
                    )
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise ArchiveUnreachable(
            f"{source.address}: cannot be downloaded ({error}), and the cache holds no file of "
            "this hash; check the address and the network"
        ) from error
    if digest.hexdigest() != source.sha256:
        target.unlink()
        raise TamperedPackage(
            f"{source.address}: refused, its SHA-256 is {digest.hexdigest()}, the spec says "
            f"{source.sha256}; find out why it changed before you change the spec"
        )
    return target
