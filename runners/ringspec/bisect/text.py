"""Says what a bisection found."""

from __future__ import annotations

from collections.abc import Sequence

from ringspec.bisect.search import Came, Search, stretches
from ringspec.kernels import Release
from ringspec.model import Case
from ringspec.report.text import one_line, plural, setups_in_words


def word(came: Came) -> str:
    """What a case came to, in one line."""
    return one_line(" | ".join(_one(*one) for one in came))


def _one(status: str, outcome: str, violations: Sequence[str]) -> str:
    words = [] if status == "ran" else [status]
    words += [outcome] if outcome else []
    words += [f"(broken: {', '.join(violations)})"] if violations else []
    return " ".join(words) or "nothing"


def render(
    case: Case, setups: Sequence[str], releases: Sequence[Release], search: Search, *, good: int
) -> str:
    """Per setup the stretches of alike releases, and the changes between them."""
    first, last = releases[0].version, releases[-1].version
    known = len(search.known) + len(search.untestable) - search.measured
    lines = [
        f"{case.clause}  {case.name}",
        f"{plural(len(releases), 'release')} from {first} to {last}: "
        f"{search.measured:,} tried, {known:,} known from before",
    ]
    alike: dict[tuple[str, ...], list[str]] = {}
    for setup in setups:
        if {0, len(releases) - 1} <= set(search.known):
            alike.setdefault(tuple(_of_setup(releases, search, setup, good)), []).append(setup)
    for told, names in alike.items():
        lines += ["", setups_in_words(names), *told]
    lines.append("")
    for number, reason in sorted(search.untestable.items()):
        lines.append(f"no answer from {releases[number].version}: {one_line(reason)}")
    left = [
        release.version
        for number, release in enumerate(releases)
        if number not in search.known and number not in search.untestable
    ]
    if left and {0, len(releases) - 1} <= set(search.known):
        lines.append(
            f"not tried, as they lie between releases that are alike: {', '.join(left)} "
            "(--all tries them)"
        )
    return "\n".join(lines).rstrip("\n") + "\n"


def _of_setup(releases: Sequence[Release], search: Search, setup: str, good: int) -> list[str]:
    row = stretches(search, setup)
    bad = len(releases) - 1 - good
    ends = {search.known[bad][setup]: "bad", search.known[good][setup]: "good"}
    places = [_place(releases, numbers) for numbers, _ in row]
    width = max(map(len, places))
    if len(row) == 1:
        return [f"  {places[0]}  {word(row[0][1])}", "  no change found"]
    lines = [
        f"  {place:<{width}}  {ends.get(came, 'other'):<5}  {word(came)}"
        for place, (_, came) in zip(places, row, strict=True)
    ]
    for change in search.changes(setup):
        before, after = releases[change.before].version, releases[change.after].version
        skipped = ", ".join(releases[number].version for number in change.skipped)
        no_answer = f" (no answer from {skipped})" if skipped else ""
        lines.append(f"  changed between {before} and {after}{no_answer}")
    return lines


def _place(releases: Sequence[Release], numbers: Sequence[int]) -> str:
    first, last = releases[numbers[0]].version, releases[numbers[-1]].version
    return first if first == last else f"{first} to {last}"
