"""docs/trust.md: what was injected, drilled, repeated and fuzzed, and what came of it.

`ci/trust` makes the inputs in one directory; `python -m ringspec.trust DIR` prints the page.  Every
number on it comes from one of these files; what is not there is not on the page.

    control-*.json   ringspec selftest --full --json
    drills.xml       pytest --junitxml of the tests with real faults
    repeats-*/       ringspec run --repeat
    properties.txt   pytest --hypothesis-show-statistics
    fuzz.txt         what the libFuzzer target said
    *.revision       of which revision a part is
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ringspec.promises.manifest import load_manifest
from ringspec.report.text import one_line
from ringspec.results.cells import fold
from ringspec.results.repeats import distributions
from ringspec.results.store import Run, load_run
from ringspec.run.options import RunOptions
from ringspec.selftest.command import families_of

_HEAD = """\
<!-- Generated: ci/trust.  Every number comes from a run. -->
# Why a cell can be trusted

Red must never be wrong, and green must have been able to be red. Here is what was tried to break
that, and what came of it. `ci/trust` does all of it again and writes this page.
"""


def page(directory: Path) -> str:
    """The whole document."""
    families = families_of(load_manifest(RunOptions.build / "cases.json"))
    parts = [_HEAD, _revisions(directory)]
    parts += [_control(_json(file), families) for file in sorted(directory.glob("control-*.json"))]
    parts.append(_drills(directory / "drills.xml"))
    parts.append(_repeats([load_run(path) for path in sorted(directory.glob("repeats-*"))]))
    parts.append(_fuzzed(directory))
    return "\n".join(part for part in parts if part)


def _revisions(directory: Path) -> str:
    """What was measured, and of which revision it is."""
    parts: dict[str, list[str]] = {}
    for file in sorted(directory.glob("*.revision")):
        parts.setdefault(file.read_text(encoding="utf-8").strip(), []).append(file.stem)
    if len(parts) == 1:
        return f"All of it is of revision {next(iter(parts))}.\n"
    return "".join(f"- Of revision {one}: {', '.join(names)}.\n" for one, names in parts.items())


def _control(said: Mapping[str, Any], families: Mapping[str, str]) -> str:
    """One negative control: per fault, then per family."""
    injections = said["injections"]
    says = {one["fault"]: one.get("says", "") for one in injections}
    faults = _tally(injections, lambda one: one["fault"])
    by_family = _tally(injections, lambda one: families.get(one["case"], "gone"))
    reasons = {(one["exempt"]) for one in injections if one["exempt"]}
    every = "every fault at every point, three of a kind at most"
    met = every if said["complete"] else "a seeded tenth of all faults"
    lines = [
        f"## Faults between kernel and case, on {said['kernel']}",
        "",
        f"{len(said['holding'])} cases hold there and met {met}; "
        f"{len(said['red_already'])} are red or absent there and show nothing. "
        f"Cases that no fault turned red: {len(said['toothless'])}. An exemption has its written "
        f"reason in `cases/exemptions.toml`: {len(reasons)} reasons were needed.",
        "",
        _counts("the kernel...", {f"{says[name] or name}": row for name, row in faults.items()}),
        _counts("family", by_family),
    ]
    return "\n".join(lines)


def _tally(injections: Iterable[Mapping[str, Any]], key: Any) -> dict[str, Counter[str]]:
    rows: dict[str, Counter[str]] = {}
    for one in injections:
        what = "noticed" if one["noticed"] else "exempt" if one["exempt"] else "unnoticed"
        rows.setdefault(key(one), Counter()).update(("injected", what))
    return rows


def _counts(title: str, rows: Mapping[str, Counter[str]]) -> str:
    columns = ("injected", "noticed", "exempt", "unnoticed")
    table = [[name, *(str(counts[column]) for column in columns)] for name, counts in rows.items()]
    total: Counter[str] = sum(rows.values(), Counter())
    table.append(["**all**", *(f"**{total[column]}**" for column in columns)])
    return _table([title, *columns], table)


def _drills(file: Path) -> str:
    """Every test with a real fault, in words, and whether it came out as it must."""
    if not file.is_file():
        return ""
    rows = []
    for case in ElementTree.parse(file).getroot().iter("testcase"):
        if "name" not in case.attrib:  # pytest writes one when it is interrupted
            continue
        outcome = next((child.tag for child in case if child.tag != "system-out"), "as it must")
        place = case.attrib["classname"].rpartition(".")[2].removeprefix("test_")
        words = case.attrib["name"].removeprefix("test_").replace("_", " ")
        rows.append([place.replace("_", " "), words, outcome])
    passed = sum(row[2] == "as it must" for row in rows)
    return "\n".join(
        [
            "## Drills: real faults in and around real guests",
            "",
            f"{passed} of {len(rows)} came out as they must: the right one is blamed, the rest "
            "runs in a fresh machine, the run directory is valid, nobody is left.",
            "",
            _table(["where", "what", "came out"], rows),
        ]
    )


def _repeats(runs: Sequence[Run]) -> str:
    """Runs with --repeat: how much differed."""
    if not runs:
        return ""
    rows = []
    notes = []
    for run in runs:
        found = distributions(fold(run.results))
        differing = [one for one in found if len({r.verdict for r in one.cell.results}) > 1]
        kernels = ", ".join(sorted({result.version for result in run.results}))
        rows.append(
            [
                f"{run.info.get('clock')} ({run.info.get('accel')})",
                kernels,
                str(len({result.setup for result in run.results})),
                str(run.info.get("repeat")),
                str(len(found)),
                str(len(run.results)),
                str(len(differing)),
                str(sum(one.differs for one in found) - len(differing)),
            ]
        )
        for one in differing:
            came = ", ".join(f"{count} x {text}" for text, count in one.outcomes.items())
            notes.append(f"- {one.cell.spec} {one.cell.setup} {one.cell.case}: `{one_line(came)}`")
    head = ["clock", "kernels", "setups", "repeats", "cells", "executions"]
    return "\n".join(
        [
            "## Repeats",
            "",
            _table([*head, "cells with differing verdicts", "with differing outcomes only"], rows),
            *notes,
        ]
    )


def _fuzzed(directory: Path) -> str:
    """Inputs that were made up, and how many of each."""
    rows = []
    properties = directory / "properties.txt"
    if properties.is_file():
        text = properties.read_text(encoding="utf-8")
        # A block for each test, with a count for each of hypothesis's phases.
        _, *blocks = re.split(r"(?m)^\S*::test_(\w+)\S*:$", text)
        for name, block in zip(blocks[::2], blocks[1::2], strict=True):
            counts = re.findall(r"(\d+) passing examples, (\d+) failing", block)
            passing, failing = (str(sum(int(one[i]) for one in counts)) for i in (0, 1))
            rows.append([name.replace("_", " "), "hypothesis", passing, failing])
    fuzz = directory / "fuzz.txt"
    if fuzz.is_file():
        text = fuzz.read_text(encoding="utf-8")
        done = re.search(r"number_of_executed_units:\s*(\d+)", text)
        failed = "0" if done and "SUMMARY: " not in text else "1"
        rows.append(["order and text parsers of the guest", "libFuzzer, ASan, UBSan"])
        rows[-1] += [done[1] if done else "0", failed]
    if not rows:
        return ""
    total = sum(int(row[2]) for row in rows)
    return "\n".join(
        [
            "## Made-up inputs",
            "",
            f"{total:,} inputs.",
            "",
            _table(["property", "by", "inputs", "counterexamples"], rows),
        ]
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    cells = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "".join("| " + " | ".join(line) + " |\n" for line in cells)


def _json(file: Path) -> Mapping[str, Any]:
    said: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return said


if __name__ == "__main__":
    print(page(Path(sys.argv[1])), end="")
