"""Programs as values: steps that can be made, read, edited and written.

harness/programs/program.h says what a step may be and refuses the rest; here its words are only
told apart: `name: verb word flag key=value`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ringspec.model import SETUPS

FLAGS = frozenset(
    "link hardlink drain async skip mshot abs boot real etime_success imm all any userdata linked".split()
)
LINKS = frozenset(("link", "hardlink"))


@dataclass(frozen=True)
class Step:
    """One line.  A step with a name is a request, and its name is its user_data."""

    verb: str
    name: str = ""
    words: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        head = f"{self.name}: {self.verb}" if self.name else self.verb
        values = [f"{key}={value}" for key, value in sorted(self.values.items())]
        return " ".join((head, *self.words, *values, *sorted(self.flags)))

    def __hash__(self) -> int:
        return hash(str(self))

    def word(self, index: int, otherwise: str = "") -> str:
        """The n-th word that is neither flag nor key=value."""
        return self.words[index] if index < len(self.words) else otherwise

    def without(self, flag: str) -> Step:
        """The step without this flag or value."""
        values = {key: value for key, value in self.values.items() if key != flag}
        return replace(self, flags=self.flags - {flag}, values=values)

    @property
    def links(self) -> bool:
        """Whether the next request belongs to the same chain."""
        return bool(self.flags & LINKS)


class ProgramProblem(ValueError):
    """A text that is no program; says what is wrong with it."""


def parse_step(text: str) -> Step:
    """The step that a line is; what else is wrong with it the guest will say."""
    words = text.split()
    if words[0].endswith(":") and len(words) == 1:
        raise ProgramProblem(f"`{text}`: a name without a request, for example `a: nop`")
    name = words.pop(0)[:-1] if words[0].endswith(":") else ""
    verb, rest = (words[0], words[1:]) if words else ("", [])
    pairs = [word.split("=", 1) for word in rest if "=" in word]
    bare = [word for word in rest if "=" not in word]
    return Step(
        verb=verb,
        name=name,
        words=tuple(word for word in bare if word not in FLAGS),
        flags=frozenset(word for word in bare if word in FLAGS),
        values=dict(pairs),
    )


@dataclass(frozen=True)
class Program:
    """Steps, and the setup of the ring that they run on."""

    steps: tuple[Step, ...]
    setup: str = "default"

    def __str__(self) -> str:
        head = "" if self.setup == "default" else f"setup {self.setup}\n"
        return head + "".join(f"{step}\n" for step in self.steps)

    @property
    def line(self) -> str:
        """The text as an order carries it."""
        return "; ".join(str(step) for step in self.steps)

    @property
    def key(self) -> str:
        """The same for the same program in the same setup."""
        return f"{self.setup}: {self.line}"

    def with_steps(self, steps: Iterable[Step]) -> Program:
        """The same setup, other steps."""
        return replace(self, steps=tuple(steps))


def parse_program(text: str, setup: str = "default") -> Program:
    """Lines or semicolons between the steps; # begins a comment; `setup NAME` stands first.

    ProgramProblem for a setup that there is not, and where there is no step.
    """
    texts = [step for _, step in _numbered(text)]
    if texts and texts[0].split()[0] == "setup":
        setup = texts.pop(0).removeprefix("setup").strip()
        if setup not in SETUPS:
            raise ProgramProblem(f"`setup {setup}`: no such setup ({', '.join(SETUPS)})")
    if not texts:
        raise ProgramProblem("a program without steps: docs/explore.md has some")
    return Program(tuple(map(parse_step, texts)), setup)


def line_of(text: str, step: str) -> int | None:
    """The number of the line that a step is in, as messages quote it; None if it is in none."""
    for number, written in _numbered(text):
        if step == written or (not written.endswith(":") and step == str(parse_step(written))):
            return number
    return None


def _numbered(text: str) -> list[tuple[int, str]]:
    """The steps as they are written, with their lines."""
    return [
        (number, step.strip())
        for number, line in enumerate(text.splitlines(), 1)
        for step in line.split("#")[0].split(";")
        if step.strip()
    ]
