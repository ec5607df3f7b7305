"""This package as one file that a worker's Python can import from: the same bytes for the same code."""

from __future__ import annotations

import zipfile
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_WHEN = (1980, 1, 1, 0, 0, 0)  # the first that the format knows


def write_code(target: Path) -> None:
    """Writes the archive."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(_PACKAGE.rglob("*.py")):
            member = zipfile.ZipInfo(str(file.relative_to(_PACKAGE.parent)), _WHEN)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, file.read_bytes())
