"""What a negative control came to, as tables and lines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from ringspec.selftest.control import Control, Injection

COLUMNS = ("injected", "noticed", "exempt", "unnoticed")


def tally(control: Control, key: Callable[[Injection], str]) -> dict[str, Counter[str]]:
    """Counts of injections by any property of theirs, with the row `all` at the end."""
    exempt = {id(one) for one, _ in control.exempt}
    rows: dict[str, Counter[str]] = {}
    for one in control.injections:
        what = "noticed" if one.noticed else "exempt" if id(one) in exempt else "unnoticed"
        rows.setdefault(key(one), Counter()).update(("injected", what))
    ordered = dict(sorted(rows.items()))
    ordered["all"] = sum(ordered.values(), Counter())
    return ordered


def render(control: Control, families: Mapping[str, str], *, by_case: bool) -> str:
    """Tables per kind of fault, per family and, if wanted, per case; then what is wrong.

    `families` says to which family a case belongs.
    """
    tables = [
        _table("fault", tally(control, lambda one: one.fault)),
        _table("family", tally(control, lambda one: families[one.case])),
    ]
    if by_case:
        tables.append(_table("case", tally(control, lambda one: one.case)))
    lines = [
        f"UNNOTICED: {one.case} stays green under {one.fault} at point {one.point}: {one.outcome}"
        for one in control.unnoticed
    ]
    lines += [f"TOOTHLESS: no fault turns {case} red" for case in control.toothless]
    lines += [
        f"UNUSED: the exemption of {one.case} from {one.fault} is not needed: delete it"
        for one in control.unused
    ]
    lines.append(
        f"{len(control.holding)} cases hold here; {len(control.red_already)} are red or absent "
        f"here and show nothing; {len(control.exempt)} injections are exempt, "
        f"{len({exemption.reason for _, exemption in control.exempt})} reasons"
    )
    if control.idle:
        lines.append(
            f"{len(control.idle)} exemptions that depend on the kernel or the schedule were not "
            "needed here"
        )
    return "\n\n".join((*tables, "\n".join(lines))) + "\n"


def _table(title: str, rows: Mapping[str, Counter[str]]) -> str:
    width = max(map(len, (title, *rows)))
    lines = [f"{title:{width}} " + " ".join(f"{name:>9}" for name in COLUMNS)]
    for name, counts in rows.items():
        lines.append(f"{name:{width}} " + " ".join(f"{counts[column]:9}" for column in COLUMNS))
    return "\n".join(lines)
