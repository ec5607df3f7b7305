"""The configuration of APT's private root, read after the host's own."""

from __future__ import annotations

from pathlib import Path

from ringspec.cache.directory import write_atomically

# Hooks would act on the host, not on the private root.
_CLEARED = (
    "APT::Update::Pre-Invoke",
    "APT::Update::Post-Invoke",
    "APT::Update::Post-Invoke-Success",
    "DPkg",
)


def write_config(root: Path, arch: str) -> Path:
    """Returns the file for `apt-get -c`; written each time, since a cache may have moved."""
    settings = {
        "Dir::State": root / "state",
        "Dir::State::status": root / "status",
        "Dir::Cache": root / "cache",
        "Dir::Cache::pkgcache": "pkgcache.bin",
        "Dir::Cache::srcpkgcache": "",
        "Dir::Etc::sourcelist": root / "debian.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "APT::Architecture": arch,
        # The sandbox user could not enter a cache below a home directory.
        "APT::Sandbox::User": "",
        # What is not signed is left out, whatever the host allows itself.
        "Acquire::AllowInsecureRepositories": "false",
        "Acquire::AllowWeakRepositories": "false",
        "Acquire::AllowDowngradeToInsecureRepositories": "false",
        "APT::Get::AllowUnauthenticated": "false",
        "Acquire::Languages": "none",
        "Acquire::Retries": "1",
        "Acquire::http::Timeout": "20",
        "Acquire::https::Timeout": "20",
    }
    lines = [f"#clear {name};" for name in (*_CLEARED, "APT::Architectures")]
    lines += [f'{name} "{value}";' for name, value in settings.items()]
    config = root / "apt.conf"
    text = "\n".join(lines) + "\n"
    if not config.exists() or config.read_text() != text:
        write_atomically(config, text)
    return config
