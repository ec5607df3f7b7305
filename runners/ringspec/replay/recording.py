"""`ringspec replay --record FILE` and `--replay FILE`: QEMU takes down every step of a guest.

Beside FILE stands FILE.json: what was recorded, with which kernel and binary, and the trace, so
that a replay can be compared to the nanosecond and a FILE is never replayed with something else.
"""

from __future__ import annotations

import json
import tempfile
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ringspec.cache.directory import cache_dir, sha256_of, write_atomically
from ringspec.guest.debugger import attach_lines, free_address
from ringspec.guest.qemu import installed_qemu
from ringspec.guest.solo import LIMIT_S, Recording, run_solo, solo_command, solo_initramfs
from ringspec.model import Facts, Observation
from ringspec.replay.prepare import Replay
from ringspec.report.text import plural
from ringspec.run.options import UsageProblem

_NEVER_S = 30 * 86400.0
Teller = Callable[[Replay, Facts | None, Observation | None], int]


def command(replay: Replay, arguments: Namespace, tell: Teller) -> int:
    """Records, or replays and compares."""
    file: Path = (arguments.record or arguments.replay).absolute()
    about = _about(replay)
    if arguments.record:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageProblem(f"--record {file}: {error.strerror}") from error
        facts, observation = _run(replay, Recording("record", file), debug=False)
        _note(file).unlink(missing_ok=True)
        write_atomically(_note(file), json.dumps({**about, **_came(observation)}, indent=1) + "\n")
        code = tell(replay, facts, observation)
        print(f"in {file}, {file.stat().st_size / 1e6:.1f} MB: replay it with --replay {file}")
        return code
    recorded = _load(file, about)
    facts, observation = _run(replay, Recording("replay", file), debug=arguments.gdb)
    code = tell(replay, facts, observation)
    came = _came(observation)
    same = all(recorded.get(key) == value for key, value in came.items())
    events = plural(len(observation.trace), "event")
    print(f"{events}: " + ("the same to the nanosecond" if same else "NOT those of the recording"))
    return code if same else 1


def _run(replay: Replay, recording: Recording, *, debug: bool) -> tuple[Facts, Observation]:
    assert replay.kernel.image is not None
    options = replay.options
    if debug:
        options = replace(options, debugger=free_address())
        where = "before its first instruction"
        print("\n".join(attach_lines(options.debugger, replay.kernel, where)), flush=True)
    archive = solo_initramfs(replay.execution, options, cache_dir() / "replay")
    with tempfile.TemporaryDirectory(prefix="ringspec-replay-") as scratch:
        events, console = Path(scratch, "events"), Path(scratch, "console")
        line = solo_command(
            replay.kernel.image, archive, options, recording, f"file:{console}", f"file:{events}"
        )
        limit = _NEVER_S if debug else LIMIT_S
        return run_solo(line, replay.execution, events, console, limit)


def _about(replay: Replay) -> dict[str, Any]:
    """All that a recording depends on."""
    assert replay.kernel.image is not None
    return {
        "case": replay.recorded.case,
        "setup": replay.recorded.setup,
        "kernel": replay.kernel.kernel,
        "image": sha256_of(replay.kernel.image),
        "binary": sha256_of(replay.options.binary),
        "qemu": installed_qemu(replay.options.arch).version,
    }


def _came(observation: Observation) -> dict[str, Any]:
    return {
        "status": observation.status,
        "outcome": observation.outcome,
        "guest_ns": observation.guest_ns,
        "trace": [dict(event) for event in observation.trace],
    }


def _note(file: Path) -> Path:
    return file.with_name(file.name + ".json")


def _load(file: Path, about: dict[str, Any]) -> dict[str, Any]:
    try:
        recorded: dict[str, Any] = json.loads(_note(file).read_text("utf-8"))
        file.stat()
    except (OSError, ValueError) as error:
        raise UsageProblem(f"--replay {file}: no recording of ours: {error}") from error
    for key, value in about.items():
        if recorded.get(key) != value:
            raise UsageProblem(
                f"--replay {file}: recorded with {key} {recorded.get(key)}, this is {value}; "
                "record it again with --record"
            )
    return recorded
