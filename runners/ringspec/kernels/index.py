"""Which kernels Debian's suites hold: taken from APT's verified lists, remembered in the cache."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ringspec.arch import Arch
from ringspec.cache.directory import locked, write_atomically
from ringspec.kernels.apt import AptRoot, SuiteIndex
from ringspec.kernels.errors import ArchiveUnreachable
from ringspec.kernels.names import parse_package_name, upstream_label, version_key

# Told what is happening while the user waits.
Say = Callable[[str], None]

_FORMAT = 1
_FRESH_S = 12 * 3600
# After a failed or fruitless refresh, do not ask again with every kernel of a run.
_ASK_AGAIN_S = 10 * 60
# Meta packages weigh a few kB; Installed-Size counts kB.
_SMALLEST_IMAGE_KB = 1000


@dataclass(frozen=True)
class KernelPackage:
    name: str
    version: str
    sha256: str
    size: int
    suites: tuple[str, ...]
    flavour: str
    signed: bool

    @property
    def label(self) -> str:
        return upstream_label(self.version)

    @property
    def config_name(self) -> str:
        """The package with its configuration, where that is not this one (from 6.19 on)."""
        stem = self.name.removeprefix("linux-binary-").removeprefix("unsigned-")
        return f"linux-base-{stem}" if self.name.startswith("linux-binary-") else ""

    @property
    def key(self) -> str:
        """Its name in the cache."""
        return self.key_of(self.name, self.version)

    @staticmethod
    def key_of(name: str, version: str) -> str:
        """The cache's name of a package."""
        return f"{name}_{version.replace(':', '%3a')}"


@dataclass(frozen=True)
class Index:
    """Kernel packages, oldest version first; `signers` and `left_out` are by suite."""

    made: float
    packages: tuple[KernelPackage, ...]
    signers: Mapping[str, str]
    left_out: Mapping[str, str]


class KernelIndex:
    """The index of one cache and architecture.  Safe between threads and processes."""

    def __init__(self, cache: Path, arch: Arch) -> None:
        root = cache / f"apt-{arch.name}"
        self.apt = AptRoot(root, arch.name)
        self._file = root / "index.json"
        self._attempt = root / "attempt.json"
        self._lock = root / ".lock"
        self._gave_up: ArchiveUnreachable | None = None

    def current(self, say: Say) -> Index:
        """The index, asked for anew if it is old and the archive answers."""
        index = self._load()
        if index and time.time() - index.made < _FRESH_S:
            return index
        return self._refreshed(index, say)

    def after_miss(self, index: Index, say: Say) -> Index:
        """Something was not found in `index`: look again, unless it is only minutes old."""
        return index if time.time() - index.made < _ASK_AGAIN_S else self._refreshed(index, say)

    def renewed(self, index: Index, say: Say) -> Index:
        """The archive contradicts `index`: ask it now, whatever its age."""
        return self._refreshed(index, say, ask_again_s=0)

    def download(self, package: str, version: str, into: Path) -> Path:
        """The package's file; no refresh changes APT's lists meanwhile."""
        with locked(self._lock, shared=True):
            return self.apt.download(package, version, into)

    def remembered(self) -> Index | None:
        """What the cache knows, without asking anybody."""
        return self._load()

    def _refreshed(self, seen: Index | None, say: Say, ask_again_s: float = _ASK_AGAIN_S) -> Index:
        with locked(self._lock):
            index = self._load()
            if index and (seen is None or index.made > seen.made):
                return index
            if self._gave_up:
                raise self._gave_up
            when, problem = self._last_attempt()
            if not (problem and index and time.time() - when < ask_again_s):
                fresh, problem = self._ask(say)
                write_atomically(self._attempt, json.dumps([time.time(), problem]))
                if fresh:
                    write_atomically(self._file, json.dumps({"format": _FORMAT, **asdict(fresh)}))
                    return fresh
            if not index:
                self._gave_up = ArchiveUnreachable(
                    f"the cache holds no list of Debian's kernels yet, and none is to be had: "
                    f"{problem}; check APT's access to its archive, or give a kernel as a file"
                )
                raise self._gave_up
        age = (time.time() - index.made) / 3600
        say(f"using the list of kernels from {age:.0f} h ago: {problem}")
        return index

    def _ask(self, say: Say) -> tuple[Index | None, str]:
        """A new index, or why there is none."""
        say("asking the Debian archive which kernels it holds")
        refresh = self.apt.refresh()
        if refresh.problem:
            return None, refresh.problem
        for suite, reason in refresh.left_out.items():
            say(f"left out {suite}: {reason}")
        lists = self.apt.indexes()
        index = Index(
            made=time.time(),
            packages=_merged((suite, self.apt.read(suite)) for suite in lists),
            signers={suite.suite: suite.signer for suite in lists},
            left_out=refresh.left_out,
        )
        if index.packages:
            return index, ""
        reasons = [f"{suite}: {reason}" for suite, reason in refresh.left_out.items()]
        return None, "; ".join(reasons) or "the archive holds no kernels"

    def _load(self) -> Index | None:
        try:
            data: dict[str, Any] = json.loads(self._file.read_text())
            if data["format"] != _FORMAT:
                return None
            return Index(
                made=data["made"],
                packages=tuple(_package(package) for package in data["packages"]),
                signers=data["signers"],
                left_out=data["left_out"],
            )
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _last_attempt(self) -> tuple[float, str]:
        try:
            when, problem = json.loads(self._attempt.read_text())
            return float(when), str(problem)
        except (OSError, ValueError, TypeError):
            return 0.0, ""


def _package(data: dict[str, Any]) -> KernelPackage:
    fields: dict[str, Any] = {**data, "suites": tuple(data["suites"])}
    return KernelPackage(**fields)


def _merged(lists: Iterable[tuple[SuiteIndex, bytes]]) -> tuple[KernelPackage, ...]:
    """One package in several suites is one package."""
    found: dict[str, KernelPackage] = {}
    for index, text in lists:
        for package in _kernels_of(index.suite, text):
            known = found.get(package.key)
            suites = (*known.suites, index.suite) if known else package.suites
            found[package.key] = replace(known or package, suites=suites)
    return tuple(sorted(found.values(), key=lambda p: (version_key(p.version), p.signed, p.name)))


def _kernels_of(suite: str, text: bytes) -> Iterable[KernelPackage]:
    for stanza in text.split(b"\n\n"):
        if not stanza.lstrip(b"\n").startswith(
            (b"Package: linux-image-", b"Package: linux-binary-")
        ):
            continue
        lines = (line.partition(": ") for line in stanza.decode().splitlines())
        fields = {name: value for name, _, value in lines if name and name[0] != " "}
        name = parse_package_name(fields["Package"])
        if name and int(fields.get("Installed-Size", 0)) >= _SMALLEST_IMAGE_KB:
            yield KernelPackage(
                name=fields["Package"],
                version=fields["Version"],
                sha256=fields["SHA256"],
                size=int(fields["Size"]),
                suites=(suite,),
                flavour=name.flavour,
                signed=name.signed,
            )
