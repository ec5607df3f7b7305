"""A page of Markdown for each clause: what is promised, by whom, and on which kernels it holds."""

from __future__ import annotations

from pathlib import Path

from ringspec.model import SETUPS, Clause
from ringspec.report.markdown import code, plain, table
from ringspec.report.matrix import build
from ringspec.report.support import STATUSES, Story, Support, stories
from ringspec.report.text import setups_in_words, span
from ringspec.results.store import Run, slug

# How a status looks in a table of text: a shape, so that it can be told without colour.
MARKS = {
    "kept": "✔ kept",
    "observed": "○ observed",
    "broken": "✘ broken",
    "mixed": "◐ mixed",
    "absent": "– absent",
    "unknown": "? unknown",
}


def write(run: Run, directory: Path) -> int:
    """Writes <clause>.md for every clause and index.md; returns how many.  OSError passes through."""
    directory.mkdir(parents=True, exist_ok=True)
    told = stories(build(run))
    for story in told:
        (directory / page_name(story.row.clause)).write_text(page(run, story), encoding="utf-8")
    (directory / "index.md").write_text(index(told), encoding="utf-8")
    return len(told)


def page_name(clause: Clause) -> str:
    """The file of a clause."""
    return f"{slug(clause.id)}.md"


def index(told: tuple[Story, ...]) -> str:
    """All clauses by family, each with what it is on the kernels of the run."""
    lines = ["# Clauses", "", "What is promised, and on which kernels it holds."]
    families = dict.fromkeys(story.row.clause.family for story in told)
    for family in families:
        rows = [
            (
                f"[{story.row.clause.id}]({page_name(story.row.clause)})",
                plain(story.row.clause.says),
                *(MARKS[support.status].split()[0] for support in story.supports),
            )
            for story in told
            if story.row.clause.family == family
        ]
        titles = [support.column.title for support in told[0].supports]
        lines += ["", f"## {family}", "", table(("clause", "says", *titles), rows).rstrip()]
    legend = ", ".join(f"{MARKS[name]}: {meaning}" for name, meaning in STATUSES.items())
    return "\n".join([*lines, "", legend, ""])


def page(run: Run, story: Story) -> str:
    """One clause."""
    clause = story.row.clause
    lines = [f"# {clause.id}", "", f"> {plain(clause.says)}", "", *_facts(clause), ""]
    lines += ["## Where it holds", "", _support_table(story.supports), ""]
    lines += [f"- {plain(line)}" for line in story.summary]
    came = _outcomes(story)
    if came:
        lines += ["", "## What came", "", table(("case", "outcome", "on"), came).rstrip()]
    lines += _issues(run, clause)
    tested = ", ".join(plain(support.column.kernel) for support in story.supports)
    lines += ["", f"Tested: {tested}. Each column is one release, not its whole branch.", ""]
    return "\n".join(lines)


def _facts(clause: Clause) -> list[str]:
    range_of = [f"since {clause.since}"] if clause.since else []
    range_of += [f"until {clause.until}"] if clause.until else []
    range_of += [f"backported to {', '.join(clause.backports)}"] if clause.backports else []
    facts = [
        ("Promised by", clause.source + (f" (as of {clause.pinned})" if clause.pinned else "")),
        ("Level", clause.level),
        ("Range", ", ".join(range_of)),
        ("Needs", ", ".join((*clause.needs, clause.config)).rstrip(", ")),
        ("Promised for setups", ", ".join(clause.setups)),
        ("Other pages say", clause.conflicts),
    ]
    return [f"- **{name}:** {plain(value)}" for name, value in facts if value]


def _support_table(supports: tuple[Support, ...]) -> str:
    setups = [name for name in SETUPS if any(name in support.setups for support in supports)]
    head = ("setup", *(support.column.title for support in supports))
    rows = [
        (
            setup,
            *(MARKS[one.setups[setup]] if setup in one.setups else "" for one in supports),
        )
        for setup in setups
    ]
    if not rows:
        rows = [("all cases", *(MARKS[support.status] for support in supports))]
    return table(head, rows).rstrip()


def _outcomes(story: Story) -> list[tuple[str, str, str]]:
    """Case, outcome, and the kernels and setups that it came on."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for support in story.supports:
        for cell in support.cells:
            key = (cell.case, " | ".join(outcome for outcome in cell.outcomes if outcome))
            kernels = found.setdefault(key, {})
            kernels.setdefault(support.column.title, []).append(cell.setup)
    order = [support.column.title for support in story.supports]
    rows = []
    for (case, outcome), kernels in found.items():
        words: dict[str, list[str]] = {}
        for kernel, setups in kernels.items():
            words.setdefault(setups_in_words(setups), []).append(kernel)
        where = "; ".join(f"{span(there, order)} ({setups})" for setups, there in words.items())
        rows.append((code(case), code(outcome) or "nothing", plain(where)))
    return rows


def _issues(run: Run, clause: Clause) -> list[str]:
    lines: list[str] = []
    for name, issue in run.info.get("known_issues", {}).items():
        if issue["clause"] != clause.id:
            continue
        lines += [
            "",
            f"### Known issue: {plain(name)} ({issue['kind']})",
            "",
            plain(issue["reason"]),
        ]
        lines += ["", f"- **Source:** {plain(issue['source'])}"]
        lines.append(f"- **On:** {', '.join(issue.get('versions', ()))}")
    return ["", "## Known issues", *lines] if lines else []
