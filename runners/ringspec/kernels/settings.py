"""ci/kernels.toml: the default set, and the names of Debian's suites."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tomllib

_FILE = Path(__file__).parents[3] / "ci" / "kernels.toml"


@dataclass(frozen=True)
class Settings:
    default: tuple[str, ...]
    main_suites: tuple[str, ...]
    security_suites: tuple[str, ...]


@cache
def settings() -> Settings:
    data = tomllib.loads(_FILE.read_text())
    debian = data["debian"]
    pockets = [release + pocket for release in debian["releases"] for pocket in debian["pockets"]]
    return Settings(
        default=tuple(data["default"]),
        main_suites=(*pockets, *debian["rolling"]),
        security_suites=tuple(release + debian["security"] for release in debian["releases"]),
    )


def default_specs() -> tuple[str, ...]:
    return settings().default
