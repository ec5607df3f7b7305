"""`ringspec explore --program FILE`: one program on every kernel, and what each made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ringspec.explore.differ import timeline_of
from ringspec.explore.lab import Answer, Lab
from ringspec.explore.program import Program, ProgramProblem
from ringspec.explore.timeline import Timeline


def replay(lab: Lab, program: Program, setups: Sequence[str]) -> int:
    """0 when all kernels agree, 1 when not; ProgramProblem when the guest refuses it."""
    programs = [replace(program, setup=setup) for setup in setups]
    differs = False
    for one, answers in zip(programs, lab.run(programs, traced=True), strict=True):
        _accepted(answers)
        print(f"setup {one.setup}")
        for kernel, answer in zip(lab.kernels, answers, strict=True):
            print(f"  {kernel.kernel}: {_verdict(answer)}")
            for number, line in enumerate(_windows(answer), 1):
                print(f"    {number}  {line}")
        differs = differs or len({timeline_of(answer).key() for answer in answers}) > 1
    return int(differs)


def what_came(lab: Lab, program: Program) -> Timeline:
    """On the first kernel; ProgramProblem when it did not run there."""
    ((answer, *_),) = lab.run([program], traced=True)
    _accepted([answer])
    if answer.status != "ran":
        where = lab.kernels[0].kernel
        raise ProgramProblem(f"did not run on {where}: {_verdict(answer)}")
    return timeline_of(answer)


def _accepted(answers: Sequence[Answer]) -> None:
    for answer in answers:
        if answer.status == "error" and answer.outcome.startswith("`"):
            raise ProgramProblem(answer.outcome)


def _verdict(answer: Answer) -> str:
    text = answer.outcome
    if answer.status != "ran":
        text = f"{answer.status} {answer.message or answer.outcome}"
    violated = f"  [violated: {', '.join(answer.violations)}]" if answer.violations else ""
    return text.strip() + violated


def _windows(answer: Answer) -> list[str]:
    seen = timeline_of(answer)
    return [
        ", ".join(
            f"{tag} {seen.results(number, tag)}" for tag in sorted({tag for tag, _ in window})
        )
        or "nothing"
        for number, window in enumerate(seen.windows)
    ]
