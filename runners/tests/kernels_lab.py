"""What the kernel tests need: tiny kernel images, packages of them, and a signed archive."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import threading
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from ringspec.arch import AMD64, ARM64, NEEDED

# With other suites left alone, every refresh asks for them and is told that they are not there.
SUITE = "bookworm"
NEWEST = "linux-image-6.12.117+deb13-cloud-amd64"
OLDER = "linux-image-6.12.9+deb13-cloud-amd64"


# A configuration that is good enough.
BOOTS = "".join(
    f"CONFIG_{name}=y\n" for name in (*NEEDED, *AMD64.needs, *ARM64.needs, "TIME_NS")
).encode()


def vmlinux(release: str, uname_version: str, *, pvh: bool = True) -> bytes:
    """An x86-64 ELF file with a banner and, for PVH, the note that QEMU looks for."""
    name = b"Xen\0" if pvh else b"GNU\0"
    notes = struct.pack("<III", len(name), 4, 18) + name + struct.pack("<I", 0x1000000)
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    program = struct.pack("<IIQQQQQQ", 4, 4, 120, 0, 0, len(notes), len(notes), 4)
    banner = f"Linux version {release} (me@here) (gcc 12) {uname_version}\n"
    return header + program + notes + banner.encode() + b"\0" * 64


def bzimage(release: str, uname_version: str, payload: bytes) -> bytes:
    """The real-mode header that matters, a version string, and the payload."""
    banner = f"{release} (me@here) {uname_version}".encode() + b"\0"
    image = bytearray(2 * 512)
    image[0x1F1] = 1
    image[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", image, 0x206, 0x020F)
    struct.pack_into("<H", image, 0x20E, 0x300 - 0x200)
    image[0x300 : 0x300 + len(banner)] = banner
    struct.pack_into("<II", image, 0x248, 0, len(payload))
    return bytes(image) + payload


def deb(path: Path, name: str, version: str, image: bytes | None, *, kilobytes: int = 9000) -> Path:
    """A binary package; without an image, one like Debian's meta packages."""
    tree = path.with_suffix(".tree")
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {name}\nVersion: {version}\nArchitecture: amd64\n"
        f"Maintainer: Nobody <nobody@example.org>\nInstalled-Size: {kilobytes}\n"
        "Description: a kernel for tests\n"
    )
    if image is not None:
        where = "boot/vmlinuz-x" if "linux-image" in name else "usr/lib/modules/x/vmlinuz"
        (tree / where).parent.mkdir(parents=True)
        (tree / where).write_bytes(image)
        if "linux-image" in name:
            (tree / "boot" / "config-x").write_bytes(BOOTS)
    command = ["dpkg-deb", "--build", "--root-owner-group", "-Znone", str(tree), str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


def arm64_image(release: str, uname_version: str) -> bytes:
    """The header's magic and a banner."""
    banner = f"Linux version {release} (me@here) (gcc 12) {uname_version}\n"
    return b"MZ".ljust(56, b"\0") + b"ARM\x64".ljust(200, b"\0") + banner.encode() + bytes(64)


def rpm(root: Path, release: str, image: bytes) -> Path:
    """A package like Fedora's kernel-core, made by the real rpmbuild."""
    tree = root / "payload" / "lib" / "modules" / release
    tree.mkdir(parents=True)
    (tree / "vmlinuz").write_bytes(image)
    (tree / "config").write_bytes(BOOTS)
    version, _, rest = release.partition("-")
    spec = root / "kernel-core.spec"
    spec.write_text(
        f"Name: kernel-core\nVersion: {version}\nRelease: {rest.removesuffix('.x86_64')}\n"
        "Summary: A kernel for tests\nLicense: none\n%description\nA kernel for tests.\n"
        f"%install\ncp -r {root}/payload/. %{{buildroot}}\n%files\n/lib/modules/{release}\n"
    )
    command = ["rpmbuild", "-bb", "--target", "x86_64", "--define", f"_topdir {root}/rpm"]
    subprocess.run([*command, str(spec)], check=True, capture_output=True)
    return next((root / "rpm").rglob("*.rpm"))


class SigningKey:
    """A throwaway key, its secret in a GnuPG home of its own."""

    def __init__(self, home: Path, user: str) -> None:
        home.mkdir(mode=0o700)
        self.user = user
        self.public = home / "public.gpg"
        self._home = home
        self._gpg("--passphrase", "", "--quick-generate-key", user, "ed25519", "sign", "never")
        self._gpg("--output", str(self.public), "--export", user)

    def clearsign(self, text: Path, signed: Path) -> None:
        self._gpg(
            "--yes", "--local-user", self.user, "--output", str(signed), "--clearsign", str(text)
        )

    def close(self) -> None:
        command = ["gpgconf", "--homedir", str(self._home), "--kill", "gpg-agent"]
        subprocess.run(command, check=True)

    def _gpg(self, *arguments: str) -> None:
        command = ["gpg", "--homedir", str(self._home), "--batch", "--quiet", *arguments]
        subprocess.run(command, check=True, capture_output=True)


class _Handler(SimpleHTTPRequestHandler):
    served: Counter[str]

    def do_GET(self) -> None:
        self.served[unquote(self.path).split("/")[-1]] += 1
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Archive:
    """A Debian archive of one suite, signed, served over HTTP, and APT configured to use it."""

    def __init__(self, root: Path, key: SigningKey) -> None:
        self.root = root
        self.key = key
        self.served: Counter[str] = Counter()
        self._published = 1_700_000_000
        self.pool = root / "pool"
        self.pool.mkdir(parents=True)
        handler = type("Handler", (_Handler,), {"served": self.served})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=root))
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def apt_config(self) -> Path:
        """For APT_CONFIG: this archive is all that the host's APT knows."""
        sources = self.root / "host.sources"
        sources.write_text(
            f"Types: deb\nURIs: {self.uri}\nSuites: {SUITE}\nComponents: main\n"
            f"Signed-By: {self.key.public}\n"
        )
        config = self.root / "apt.conf"
        config.write_text(
            f'Dir::Etc::sourcelist "{sources}"; Dir::Etc::sourceparts "/dev/null";\n'
            f'Dir::Etc::parts "/dev/null"; Dir::State "{self.root}/host-state";\n'
            'Acquire::http::Proxy "DIRECT";\n'
        )
        return config

    def add(self, name: str, version: str, *, kilobytes: int = 9000) -> Path:
        """A kernel package; a meta package is one that weighs little."""
        release = name.removeprefix("linux-image-").removeprefix("linux-binary-")
        uname = f"#1 SMP Debian {version}"
        image = bzimage(release, uname, vmlinux(release, uname)) if kilobytes > 1000 else None
        return deb(self.pool / f"{name}_{version}.deb", name, version, image, kilobytes=kilobytes)

    def publish(self) -> None:
        """Writes and signs the index of what is in the pool."""
        packages = self.root / "dists" / SUITE / "main" / "binary-amd64" / "Packages"
        packages.parent.mkdir(parents=True, exist_ok=True)
        packages.write_bytes(
            b"".join(self._stanza(path) for path in sorted(self.pool.glob("*.deb")))
        )
        data = packages.read_bytes()
        release = self.root / "Release"
        release.write_text(
            f"Origin: Debian\nSuite: oldstable\nCodename: {SUITE}\nArchitectures: amd64\n"
            "Components: main\nDate: Sun, 01 Nov 2026 00:00:00 UTC\n"
            f"SHA256:\n {hashlib.sha256(data).hexdigest()} {len(data)} main/binary-amd64/Packages\n"
        )
        signed = self.root / "dists" / SUITE / "InRelease"
        self.key.clearsign(release, signed)
        # HTTP tells times in seconds, and a test publishes twice in one.
        self._published += 60
        os.utime(signed, (self._published, self._published))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _stanza(self, path: Path) -> bytes:
        data = path.read_bytes()
        control = subprocess.run(["dpkg-deb", "-f", path], check=True, capture_output=True).stdout
        digest = hashlib.sha256(data).hexdigest()
        return (
            control
            + f"Filename: pool/{path.name}\nSize: {len(data)}\nSHA256: {digest}\n\n".encode()
        )
