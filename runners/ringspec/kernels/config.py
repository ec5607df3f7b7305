"""How a kernel was configured, where that can be known without running it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from ringspec.model import Kernel

_OPTION = re.compile(r"(?m)^(CONFIG_\w+)=(.*)$")


def config_of(kernel: Kernel) -> dict[str, str]:
    """CONFIG_* to its value as written; options that are not set, or not known, are missing."""
    if kernel.image:
        candidates = [kernel.image.with_name("config")]
    else:
        candidates = [Path("/proc/config.gz"), Path(f"/boot/config-{kernel.release}")]
    for path in candidates:
        try:
            data = path.read_bytes()
        except OSError:
            continue
        text = gzip.decompress(data) if path.suffix == ".gz" else data
        return dict(_OPTION.findall(text.decode(errors="replace")))
    return {}
