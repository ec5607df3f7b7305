"""The second oracle: every way that the reference model can go through a program."""

from __future__ import annotations

from ringspec.explore.model import Run
from ringspec.explore.program import Program
from ringspec.explore.requests import OutsideModel
from ringspec.explore.timeline import Timeline

_MOST_WAYS = 32


def permitted(program: Program) -> list[Timeline]:
    """Every timeline that the documentation permits; OutsideModel if it does not say."""
    if program.setup not in ("default", "defer", "coop"):
        raise OutsideModel(f"setup {program.setup}")
    found: dict[object, Timeline] = {}
    todo: list[tuple[int, ...]] = [()]
    while todo:
        way = todo.pop()
        run = Run(way)
        seen = run.timeline(program.steps)
        found[seen.key()] = seen
        # The other branches of every choice that this way was the first to meet.
        for depth in range(len(way), len(run.ways)):
            taken = tuple(choice for choice, _ in run.ways[:depth])
            todo += [(*taken, other) for other in range(1, run.ways[depth][1])]
        if len(found) + len(todo) > _MOST_WAYS:
            raise OutsideModel("too many ways")
    return list(found.values())
