"""Where this machine's APT gets Debian from: mirror, security archive and their keys."""

from __future__ import annotations

import re
import shlex
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ringspec.kernels.settings import settings

# APT only reads its configuration here, but a busy machine can make that slow.
_LIMIT_S = 300

# Names that an administrator may use in place of a release's own.
_ALIASES = ("oldoldstable", "oldstable", "stable", "testing", "unstable")


@dataclass(frozen=True)
class Repository:
    """A base address, and the value of Signed-By ("" means APT's trusted keys)."""

    uri: str
    signed_by: str


@dataclass(frozen=True)
class HostArchive:
    main: Repository | None
    security: Repository | None

    def stanzas(self, arch: str) -> str:
        """The sources of the private root, in the deb822 style of sources.list(5)."""
        pairs = (
            (self.main, settings().main_suites),
            (self.security, settings().security_suites),
        )
        return "\n".join(_stanza(where, suites, arch) for where, suites in pairs if where)


def _stanza(where: Repository, suites: tuple[str, ...], arch: str) -> str:
    lines = [
        "Types: deb",
        f"URIs: {where.uri}",
        f"Suites: {' '.join(suites)}",
        "Components: main",
        f"Architectures: {arch}",
        "Targets: Packages",
    ]
    if where.signed_by:
        lines.append(f"Signed-By: {_indented(where.signed_by)}")
    return "\n".join(lines) + "\n"


def _indented(value: str) -> str:
    """A key given in place goes on over several lines, each of which starts with a blank."""
    return "\n ".join(line.strip() for line in value.splitlines())


def host_archive() -> HostArchive:
    """Asks APT; APT_CONFIG selects another configuration, as for APT itself."""
    configured = _verified() or _configured()
    main = _most_suites(configured, lambda suite: suite == _release_of(suite))
    security = _most_suites(configured, lambda suite: suite != _release_of(suite))
    return HostArchive(main, security)


def _verified() -> set[tuple[str, str]]:
    """(address, suite) of every list here that says it is Debian's."""
    listing = _apt_get(
        *("indextargets", "--format", "$(REPO_URI)|$(RELEASE)"), "Origin: Debian", "Component: main"
    )
    return {(uri, suite) for uri, _, suite in (line.partition("|") for line in listing)}


def _configured() -> set[tuple[str, str]]:
    """The same from the sources alone: a fresh machine has no lists yet, and APT no targets."""
    with tempfile.TemporaryDirectory() as empty:
        listing = _apt_get("update", "--print-uris", "-o", f"Dir::State={empty}")
    matches = (re.match(r"'(\S+/)dists/(\S+?)/main/binary-", line) for line in listing)
    return {(match[1], match[2]) for match in matches if match}


def _apt_get(*arguments: str) -> list[str]:
    done = subprocess.run(
        ["apt-get", *arguments], capture_output=True, text=True, check=False, timeout=_LIMIT_S
    )
    return done.stdout.splitlines()


def _release_of(suite: str) -> str:
    return suite.removesuffix("-security").removesuffix("/updates")


def _most_suites(
    configured: set[tuple[str, str]], wanted: Callable[[str], bool]
) -> Repository | None:
    """The address with most suites by Debian's names; a third party rarely has more than one."""
    count = Counter(
        uri
        for uri, suite in sorted(configured)
        if wanted(suite) and _release_of(suite) in (*settings().main_suites, *_ALIASES)
    )
    return next((Repository(uri, _signed_by(uri)) for uri, _ in count.most_common(1)), None)


def _signed_by(uri: str) -> str:
    """The Signed-By of this address in sources.list(5), which APT does not tell otherwise."""
    for path in _source_files():
        text = path.read_text(errors="replace")
        if path.suffix == ".sources":
            entries = [_deb822(stanza) for stanza in re.split(r"\n[ \t]*\n", text)]
        else:
            lines = re.findall(r"(?m)^\s*deb\s+(?:\[(.*?)\]\s+)?(\S+)", text)
            entries = [(where, _option(options)) for options, where in lines]
        for where, keys in entries:
            if keys and uri.rstrip("/") in [word.rstrip("/") for word in where.split()]:
                return keys
    return ""


def _source_files() -> list[Path]:
    shell = ("single", "Dir::Etc::sourcelist/f", "parts", "Dir::Etc::sourceparts/f")
    done = subprocess.run(["apt-config", "shell", *shell], capture_output=True, text=True)
    paths = dict(word.split("=", 1) for word in shlex.split(done.stdout))
    parts = Path(paths.get("parts", "/nonexistent"))
    files = [Path(paths.get("single", "/nonexistent")), *sorted(parts.glob("*.[ls]*"))]
    return [path for path in files if path.is_file()]


def _deb822(stanza: str) -> tuple[str, str]:
    return _field("URIs", stanza), _field("Signed-By", stanza)


def _field(name: str, stanza: str) -> str:
    match = re.search(rf"(?im)^{name}:[ \t]*(.*(?:\n[ \t].*)*)", stanza)
    return match[1].strip() if match else ""


def _option(options: str) -> str:
    match = re.search(r"\bsigned-by=(\S+)", options)
    return match[1] if match else ""
