"""APT in a private root: everything that is known about an archive, APT itself says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ringspec.cache.directory import write_atomically
from ringspec.kernels.apt_config import write_config
from ringspec.kernels.errors import ArchiveUnreachable, TamperedPackage
from ringspec.kernels.sources import host_archive

_LIMIT_S = 900
STALL_S = 60.0
_STALLED = -1000

_ANSWER = re.compile(r"(?m)^(?:Hit|Get):\d+ ")
_BAD_CONTENT = re.compile(r"Hash Sum mismatch|unexpected size|Size mismatch|Writing more data")
_NOT_FOUND = re.compile(r"\b404\b|File not found|Unable to find|Can't find|was not found")


class PackageNotFound(Exception):
    """The index names a package that the archive does not have (any more)."""


@dataclass(frozen=True)
class SuiteIndex:
    """The verified list of one suite's packages."""

    suite: str
    packages: Path
    signer: str


@dataclass(frozen=True)
class Refresh:
    """What an update came to: suites left out, and why; `problem` if nothing answered."""

    left_out: dict[str, str]
    problem: str


class AptRoot:
    """State, cache and sources of its own; mirror, keys and transport settings of the host.

    `arch` is Debian's name of the architecture whose packages it is about.
    """

    def __init__(self, root: Path, arch: str) -> None:
        self.root = root
        self._arch = arch

    def refresh(self) -> Refresh:
        if problem := self._lay_out():
            return Refresh({}, problem)
        done = self._update()
        if done.returncode == _STALLED:
            return Refresh({}, f"the archive has not answered for {STALL_S:.0f} s")
        if _ANSWER.search(done.stdout):
            return Refresh(_left_out(done.stderr), "")
        return Refresh({}, _first_error(done.stderr) or "the archive does not answer")

    def indexes(self) -> list[SuiteIndex]:
        done = self._run(
            *("indextargets", "--format", "$(TRUSTED)|$(RELEASE)|$(FILENAME)"),
            "Created-By: Packages",
        )
        found = []
        for line in done.stdout.splitlines():
            trusted, suite, name = line.split("|", 2)
            if trusted == "yes" and Path(name).exists():
                found.append(SuiteIndex(suite, Path(name), self._signer(Path(name))))
        return found

    def read(self, index: SuiteIndex) -> bytes:
        return subprocess.run(
            ["/usr/lib/apt/apt-helper", "cat-file", str(index.packages)],
            capture_output=True,
            check=True,
        ).stdout

    def download(self, package: str, version: str, into: Path) -> Path:
        """The package file, its hash checked by APT against the signed index."""
        wanted = f"{package}={version}"
        if not shutil.which("apt-get"):
            raise ArchiveUnreachable(f"{wanted} cannot be downloaded: apt-get is not installed")
        done = self._run("download", wanted, cwd=into)
        files = list(into.glob("*.deb"))
        if done.returncode == 0 and files:
            return files[0]
        error = _first_error(done.stderr)
        if _BAD_CONTENT.search(done.stderr):
            raise TamperedPackage(
                f"{wanted}: refused, it is not the file that the signed index describes: {error}"
            )
        if _NOT_FOUND.search(done.stderr):
            raise PackageNotFound(f"{wanted}: {error}")
        raise ArchiveUnreachable(f"{wanted} cannot be downloaded: {error}")

    def _lay_out(self) -> str:
        """Makes the root; returns what keeps it from being used."""
        if not shutil.which("apt-get"):
            return "apt-get is not installed"
        for part in ("state/lists/partial", "cache/archives/partial"):
            (self.root / part).mkdir(parents=True, exist_ok=True)
        (self.root / "status").touch()
        try:
            archive = host_archive()
        except subprocess.TimeoutExpired as late:
            return f"APT does not say what it is configured for within {late.timeout:.0f} s"
        if not archive.main:
            return (
                "APT's configuration on this machine names no Debian archive; add one to its "
                "sources, or point APT_CONFIG to a configuration that has one"
            )
        write_atomically(self.root / "debian.sources", archive.stanzas(self._arch))
        return ""

    def _command(self, *arguments: str) -> list[str]:
        return ["apt-get", "-q", "-c", str(write_config(self.root, self._arch)), *arguments]

    def _run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                self._command(*arguments),
                cwd=cwd,
                env=_environment(),
                capture_output=True,
                text=True,
                timeout=_LIMIT_S,
            )
        except subprocess.TimeoutExpired:
            words = shlex.join(arguments)
            raise ArchiveUnreachable(f"apt-get {words} took more than {_LIMIT_S} s") from None

    def _update(self) -> subprocess.CompletedProcess[str]:
        """As long as it takes while something moves: APT would wait for each suite in turn."""
        command = self._command("update")
        with (
            tempfile.TemporaryFile("w+") as stdout,
            tempfile.TemporaryFile("w+") as stderr,
            subprocess.Popen(command, env=_environment(), stdout=stdout, stderr=stderr) as process,
        ):
            moved, signs = time.monotonic(), 0
            try:
                while process.poll() is None:
                    if (now := self._signs_of_life(stdout.fileno())) != signs:
                        moved, signs = time.monotonic(), now
                    if time.monotonic() - moved > STALL_S:
                        return subprocess.CompletedProcess(command, _STALLED, "", "")
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(0.5)
            finally:
                process.terminate()
            stdout.seek(0)
            stderr.seek(0)
            return subprocess.CompletedProcess(
                command, process.returncode, stdout.read(), stderr.read()
            )

    def _signs_of_life(self, output: int) -> int:
        """Changes with every answer and every byte of a list."""
        answers = len(_ANSWER.findall(os.pread(output, 1 << 20, 0).decode(errors="replace")))
        partial = (self.root / "state" / "lists" / "partial").iterdir()
        sizes = 0
        for path in partial:
            with suppress(FileNotFoundError):
                sizes += path.stat().st_size
        return answers + sizes

    def _signer(self, packages: Path) -> str:
        """Who signed the suite, for the record; whether to trust them APT has decided already."""
        stem = packages.name.split(f"_main_binary-{self._arch}_")[0]
        signed = [packages.with_name(f"{stem}_InRelease")]
        if not signed[0].exists():
            signed = [packages.with_name(f"{stem}_Release{end}") for end in (".gpg", "")]
        text = (self.root / "debian.sources").read_text()
        keyrings = re.findall(r"(?m)^Signed-By: (/\S+)$", text)
        try:
            return _signers(signed, keyrings)
        except FileNotFoundError:
            return ""


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}


def _signers(signed: list[Path], keyrings: list[str]) -> str:
    """User IDs of the signing keys where gpgv can read the keyring, else key IDs."""
    words = [word for keyring in keyrings or ["/dev/null"] for word in ("--keyring", keyring)]
    done = subprocess.run(
        ["gpgv", "--status-fd", "1", *words, *map(str, signed)],
        capture_output=True,
        text=True,
        check=False,
    )
    good = re.findall(r"GOODSIG \w+ (.*)", done.stdout)
    return ", ".join(good or re.findall(r"NO_PUBKEY (\w+)", done.stdout))


def _left_out(stderr: str) -> dict[str, str]:
    """Suites that APT refused, from its E: and W: lines; that one is not there is no news."""
    left_out: dict[str, str] = {}
    for line in stderr.splitlines():
        if "does not have a Release file" in line:
            continue
        # The second line about a suite only says that it is not signed, the first one why not.
        if match := re.match(r"[EW]: (?:GPG error:|The repository) '?\S+ (\S+) \S+ (.*)", line):
            left_out.setdefault(match[1], match[2].rstrip("."))
    return left_out


def _first_error(stderr: str) -> str:
    lines = [line[3:] for line in stderr.splitlines() if line.startswith(("E: ", "W: "))]
    return " ".join(lines[0].split()) if lines else ""
