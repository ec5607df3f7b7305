"""Writes docs/verdicts.md from the rules: python -m ringspec.judge.verdict_table > docs/verdicts.md"""

from __future__ import annotations

from ringspec.judge.rules import COLUMN_MEANING, COLUMNS, KINDS, RULES, Rule
from ringspec.judge.verdicts import SETUP_SINCE

_HEAD = """\
<!-- Generated: python -m ringspec.judge.verdict_table > docs/verdicts.md -->
# Verdicts

A case observes, the judge decides. Its input is the clause, what the case saw, what the running
kernel offers, and the kernel's upstream version; its output is exactly one of these words.

"""
_RULES = """
## Rules

For every combination of the columns exactly one rule applies; a test tries all of them. An empty
field means that the column does not matter. `unstable` is no rule: it is what a cell becomes when
its repeats came to different verdicts.

"""
_COLUMNS = """
## Columns

"""
_REST = """
## Beside the verdict

- **Violations.** The harness watches every case for things no clause needs to mention: exactly
  one final completion for each request, none after it, none unknown, no kernel-internal result
  from -512 to -530, a ring closed within 2 s (0.1 s of virtual time) and gone 2 s later. A
  violation does not change the verdict of the case; it stands in `violations` and is gated
  under the clause of that invariant.
- **Known issues** never change a verdict either. They let the gate pass, and are strict both
  ways.
- **Repeats.** A cell is the worst of its repeats in the order of the first table; different
  verdicts make it `unstable`, which is red. A retry after an environment failure replaces it;
  nothing else is retried.
"""


def render() -> str:
    """The whole document."""
    setups = ", ".join(f"`{name}` {since}" for name, since in SETUP_SINCE.items())
    return "".join(
        (
            _HEAD,
            _table(("verdict", "in a matrix", "", "means"), _kind_rows()),
            _RULES,
            _table(("#", "verdict", *COLUMNS, "because"), _rule_rows()),
            _COLUMNS,
            *(f"- **{name}**: {COLUMN_MEANING[name]}.\n" for name in COLUMNS),
            f"\nRing setups are offered since: {setups}.\n",
            _REST,
        )
    )


def _kind_rows() -> list[tuple[str, ...]]:
    return [
        (
            f"`{kind.name}`",
            f"`{kind.symbol}`",
            "ok" if kind.ok else "red, environment" if kind.environment else "red",
            kind.meaning,
        )
        for kind in KINDS.values()
    ]


def _rule_rows() -> list[tuple[str, ...]]:
    return [
        (str(number), f"`{rule.verdict}`", *_cells(rule), rule.why)
        for number, rule in enumerate(RULES, 1)
    ]


def _cells(rule: Rule) -> list[str]:
    return [" or ".join(rule.when.get(column, ())) for column in COLUMNS]


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


if __name__ == "__main__":
    print(render(), end="")
