"""`ringspec explore`: programs that nobody wrote, on several kernels or against the model."""

from __future__ import annotations

import json
import os
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ringspec.cache.directory import cache_dir
from ringspec.errors import ENVIRONMENT
from ringspec.explore.differ import Differ, Pair
from ringspec.explore.findings import as_json, findings_of
from ringspec.explore.generate import Generator
from ringspec.explore.lab import Lab
from ringspec.explore.program import Program, ProgramProblem, line_of, parse_program
from ringspec.explore.render import as_markdown, as_text
from ringspec.explore.replay import replay, what_came
from ringspec.explore.skeleton import skeleton
from ringspec.guest import GuestError, MachineOptions
from ringspec.kernels import resolve
from ringspec.model import SETUPS, Facts, Kernel
from ringspec.promises.clauses import load_clauses
from ringspec.run.options import ROOT, RunOptions, UsageProblem

# One order is about this long, so that the budget is kept.
_ORDER_S = 5.0
_FIRST_ORDER = 100
_LARGEST_ORDER = 2000


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the options of the command."""
    parser.add_argument(
        "--kernel", action="append", metavar="SPEC", help="as in `run`; one: against the model"
    )
    parser.add_argument(
        "--model", action="store_true", help="also compare each of several kernels with the model"
    )
    parser.add_argument("--program", type=Path, metavar="FILE", help="run this one and show it")
    parser.add_argument(
        "--skeleton",
        action="store_true",
        help="print --program as a C++ case; with --kernel, with what came there",
    )
    parser.add_argument("--setup", action="append", choices=SETUPS, help="only this ring setup")
    parser.add_argument("--seed", type=int, help="of the generator (default: a new one)")
    parser.add_argument(
        "--budget",
        type=_seconds,
        default=60.0,
        metavar="60s",
        help="how long new programs are tried (default: 60s); shrinking comes on top",
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="VMs at a time (default: one a core)")
    parser.add_argument("--clock", choices=("virtual", "real"), default="virtual")
    parser.add_argument("--out", type=Path, default=Path("explored"), metavar="DIR")
    parser.add_argument("--build", type=Path, metavar="DIR", help="where the cases were built")


def command(arguments: Namespace) -> int:
    """0 when nothing was found, 1 when something was."""
    program = _program_of(arguments)
    if arguments.skeleton and program is None:
        raise UsageProblem("--skeleton is about a program: give one with --program FILE")
    if arguments.skeleton and program is not None and not arguments.kernel:
        print(skeleton(program), end="")
        return 0
    if not arguments.kernel:
        raise UsageProblem("explore needs kernels: --kernel A --kernel B, or one for the model")
    lab = _lab(arguments)
    try:
        if program is not None:
            return _replay(lab, program, arguments)
        return _explore(lab, arguments)
    except GuestError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return ENVIRONMENT
    finally:
        lab.close()


def _replay(lab: Lab, program: Program, arguments: Namespace) -> int:
    try:
        if not arguments.skeleton:
            return replay(lab, program, arguments.setup or [program.setup])
        print(skeleton(program, what_came(lab, program)), end="")
    except ProgramProblem as problem:
        raise _wrong(arguments.program, str(problem)) from problem
    return 0


def _explore(lab: Lab, arguments: Namespace) -> int:
    seed = arguments.seed if arguments.seed is not None else int.from_bytes(os.urandom(3))
    facts = lab.introduce()
    probes = common_probes(facts)
    setups = _offered(arguments.setup or SETUPS[:2], probes)
    _say(f"seed {seed}, setups {', '.join(setups)}")
    pairs = pairs_of(lab.kernels, arguments.model)
    plain = all(pair.left is None for pair in pairs)
    generator = Generator(seed, setups, probes, plain)
    differ = Differ(lab, pairs, _say)
    began = time.monotonic()
    size = _FIRST_ORDER
    while (left := arguments.budget - (time.monotonic() - began)) > 0:
        started = time.monotonic()
        programs = [generator.next() for _ in range(size)]
        for program, places in zip(programs, differ.take(programs), strict=True):
            generator.corpus.take(program, places)
        took = time.monotonic() - started
        _say(f"{differ.found.programs} programs, {sum(differ.found.differing.values())} differ")
        size = max(50, min(_LARGEST_ORDER, int(size / took * min(_ORDER_S, max(left - took, 1)))))
    searched = time.monotonic() - began
    found = differ.finish()
    about = {
        "seed": seed,
        "setups": list(setups),
        "kernels": [kernel.kernel for kernel in lab.kernels],
        "search_s": round(searched, 1),
        "total_s": round(time.monotonic() - began, 1),
        "rate": found.programs / searched,
        "executions": lab.executed,
        "features": len(generator.coverage.counts),
        "places": len(generator.corpus.reached),
    }
    findings = findings_of(found, load_clauses(ROOT / "cases"))
    print(as_text(found, findings, about), end="")
    _write(arguments.out, as_markdown(found, findings, about), as_json(found, findings, about))
    return int(bool(findings))


def pairs_of(kernels: Sequence[Kernel], model: bool) -> list[Pair]:
    """The first kernel with each other one; with the model, all with it, as a single one always."""
    pairs = [Pair(kernels[0], other) for other in kernels[1:]]
    if model or not pairs:
        pairs += [Pair(None, kernel) for kernel in kernels]
    return pairs


def common_probes(facts: Sequence[Facts]) -> Mapping[str, bool]:
    """What every kernel has: a refusal of the unknown is no difference worth a look."""
    first, *others = facts
    return {
        name: there and all(other.probes.get(name, False) for other in others)
        for name, there in first.probes.items()
    }


def _offered(setups: Sequence[str], probes: Mapping[str, bool]) -> tuple[str, ...]:
    """Those that every kernel has: another one says nothing but that a ring cannot be made."""
    offered = tuple(setup for setup in setups if probes.get(f"setup:{setup}", False))
    if not offered:
        raise UsageProblem(
            f"not every kernel has setup {', '.join(setups)}: choose another --setup"
        )
    if left_out := [setup for setup in setups if setup not in offered]:
        _say(f"left out, as not every kernel has it: setup {', '.join(left_out)}")
    return offered


def _lab(arguments: Namespace) -> Lab:
    binary = (arguments.build or RunOptions.build).absolute() / "ringspec-cases"
    if not binary.is_file():
        raise UsageProblem(f"{binary} is not there: build the cases first, with ci/setup")
    cache = cache_dir()
    kernels: list[Kernel] = [
        resolve(spec, cache, progress=lambda spec, text: _say(f"{spec}: {text}"))
        for spec in dict.fromkeys(arguments.kernel)
    ]
    jobs = arguments.jobs or len(os.sched_getaffinity(0))
    return Lab(kernels, MachineOptions(binary=binary, cache=cache, clock=arguments.clock), jobs)


def _program_of(arguments: Namespace) -> Program | None:
    if arguments.program is None:
        return None
    try:
        return parse_program(_text(arguments.program))
    except ProgramProblem as problem:
        raise _wrong(arguments.program, str(problem)) from problem


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"--program {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageProblem(f"--program {file} is no text: {error}") from error


def _wrong(file: Path, message: str) -> UsageProblem:
    """With the line, where the message quotes a step."""
    quoted = message.split("`")[1] if message.startswith("`") else ""
    line = line_of(_text(file), quoted)
    return UsageProblem(f"{file}:{line}: {message}" if line else f"{file}: {message}")


def _write(out: Path, markdown: str, values: Mapping[str, Any]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "explored.md").write_text(markdown, encoding="utf-8")
        (out / "explored.json").write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"--out {out}: {error.strerror}") from error
    _say(f"report: {out}/explored.md, {out}/explored.json")


def _seconds(text: str) -> float:
    for suffix, factor in (("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)):
        digits = text.removesuffix(suffix)
        if digits != text and digits.replace(".", "", 1).isdigit():
            return float(digits) * factor
    if text.isdigit():
        return float(text)
    raise ArgumentTypeError(f"{text!r} is no time: 60s, 5m")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
