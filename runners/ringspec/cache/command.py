"""`ringspec cache`: what kernels and snapshots take, and how much they may."""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ringspec.cache.directory import cache_dir
from ringspec.cache.eviction import entries, limit_of, remove, set_limit, shrink, size_of
from ringspec.run.options import UsageProblem

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """[--limit SIZE] [--clear]."""
    parser.add_argument(
        "--limit", metavar="SIZE", help="from now on keep kernels and snapshots below SIZE (8G)"
    )
    parser.add_argument("--clear", action="store_true", help="remove all that can be made again")


def command(arguments: argparse.Namespace) -> int:
    """Shows the cache after doing what was asked."""
    cache = cache_dir()
    if arguments.limit:
        set_limit(cache, parse_size(arguments.limit))
    if arguments.clear:
        for entry in entries(cache):
            remove(entry)
    else:
        shrink(cache)
    _show(cache)
    return 0


def parse_size(text: str) -> int:
    """Bytes from 500M, 8G, 8GiB or 1.5T; a unit is 1024 of the next smaller."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", text, re.IGNORECASE)
    if found is None:
        raise UsageProblem(f"--limit {text}: expected a size such as 500M or 8G")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def _show(cache: Path) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("kind", "name", "size", "used"):
        table.add_column(title, justify="right" if title in ("size", "used") else "left")
    now, found = time.time(), entries(cache)
    for entry in found:
        age = f"{(now - entry.used) / 3600:.1f} h ago"
        table.add_row(entry.kind.rstrip("s"), entry.path.name, _megabytes(entry.size), age)
    console = Console()
    if found:
        console.print(table)
    total = sum(entry.size for entry in found)
    apt = size_of(cache / "apt") if (cache / "apt").is_dir() else 0
    console.print(
        f"{_megabytes(total)} of {_megabytes(limit_of(cache))} in {cache}, "
        f"beside {_megabytes(apt)} of package lists",
        highlight=False,
        soft_wrap=True,
    )


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.0f} MiB"
