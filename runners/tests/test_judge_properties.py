"""What holds for any known issue, any kernel log and any outcome pattern."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ringspec.guest.console import SPLATS, ConsoleLog, ConsoleWatcher, splat_in
from ringspec.judge.known_issues import ISSUE_VERDICTS, KnownIssue, KnownIssues, findings
from ringspec.judge.outcomes import OutcomeError, check_pattern, matches
from ringspec.judge.rules import KINDS
from ringspec.judge.versions import parse_interval, parse_release
from ringspec.model import SETUPS, Result
from synthetic import CLAUSE, INVARIANT, RED, on
from test_guest_console import COMPLAINTS, HARMLESS

VERSIONS = ("5.10.262", "6.1.169", "6.1.170", "6.12.107", "6.12.117", "7.3.4")
INTERVALS = ("5.10", "6.1.170..", "6.12..6.12.110", "6.12..", "6.1..6.12.117")
OUTCOMES = ("cancel=0", "cancel=1; target=-ECANCELED", "cancel=-EINVAL; target=pending", "")
PATTERNS = ("*", "cancel=*", "cancel=1; *", "cancel=0", "cancel=-EINVAL")
INVARIANTS = {"restart_errno": INVARIANT.id}
CASES = ("AsyncCancel.All", "AsyncCancel.One", "Timeout.Expires")

ENTRIES = st.builds(
    KnownIssue,
    id=st.sampled_from("abcdef"),
    clause=st.sampled_from([CLAUSE.id, INVARIANT.id]),
    versions=st.lists(st.sampled_from(INTERVALS), min_size=1, max_size=2).map(
        lambda texts: tuple(map(parse_interval, texts))
    ),
    outcome=st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2).map(tuple),
    kind=st.just("kernel-bug"),
    reason=st.just("why"),
    source=st.just("where"),
    setups=st.sets(st.sampled_from(SETUPS), min_size=1).map(tuple),
    cases=st.sampled_from([("*",), ("AsyncCancel.*",), ("Timeout.Expires",)]),
    verdict=st.sampled_from(["", *ISSUE_VERDICTS]),
)
RESULTS = st.builds(
    lambda version, more: on(version, replace(RED, **more)),
    st.sampled_from(VERSIONS),
    st.fixed_dictionaries(
        {
            "verdict": st.sampled_from([name for name in KINDS if name != "unstable"]),
            "setup": st.sampled_from(SETUPS),
            "case": st.sampled_from(CASES),
            "outcome": st.sampled_from(OUTCOMES),
            "violations": st.sampled_from([(), ("restart_errno",), ("unnamed", "restart_errno")]),
        }
    ),
)


@given(st.lists(ENTRIES, max_size=6, unique_by=lambda entry: entry.id), RESULTS)
def test_a_known_issue_explains_everything_or_nothing(
    entries: list[KnownIssue], result: Result
) -> None:
    """Against the definition, spelled out without any of the shortcuts that the code takes."""

    def described(entry: KnownIssue, clause: str, verdict: str) -> bool:
        release = parse_release(result.version)
        named = entry.verdict or verdict in ("fail", "differs", "missing", "violation")
        return (
            (entry.clause, entry.verdict or verdict) == (clause, verdict)
            and bool(named)
            and result.setup in entry.setups
            and any(release in interval for interval in entry.versions)
            and any(result.case == c or c in ("*", "AsyncCancel.*") for c in entry.cases)
            and (entry.cases != ("AsyncCancel.*",) or result.case.startswith("AsyncCancel."))
            and any(matches(result.outcome, pattern) for pattern in entry.outcome)
        )

    red = findings(result, INVARIANTS)
    explained = [
        any(described(entry, finding.clause, finding.verdict) for entry in entries)
        for finding in red
    ]
    known = KnownIssues(entries).annotate(result, INVARIANTS).known_issue

    assert bool(known) == (bool(red) and all(explained))
    if KINDS[result.verdict].environment:
        assert known is None


@given(st.lists(ENTRIES, max_size=6, unique_by=lambda entry: entry.id), RESULTS, ENTRIES)
def test_one_entry_more_never_unexplains(
    entries: list[KnownIssue], result: Result, more: KnownIssue
) -> None:
    before = KnownIssues(entries).annotate(result, INVARIANTS).known_issue
    after = KnownIssues([*entries, replace(more, id="more")]).annotate(result, INVARIANTS)

    assert before is None or after.known_issue is not None


NOISE = st.lists(st.sampled_from(HARMLESS), max_size=60)
STAMPS = st.sampled_from(["", "[   12.345678] ", "[   12.345678][ T1234] "])


@given(NOISE, st.sampled_from(COMPLAINTS), STAMPS, NOISE)
def test_a_complaint_is_found_wherever_it_is(
    before: list[str], complaint: str, stamp: str, after: list[str]
) -> None:
    found = splat_in("\n".join([*before, stamp + complaint, *after])).splitlines()

    assert found[0] == stamp + complaint
    assert found[1:] == after[: len(found) - 1]


@given(st.lists(st.sampled_from(HARMLESS), max_size=200))
def test_no_amount_of_ordinary_log_is_a_complaint(lines: list[str]) -> None:
    assert splat_in("\n".join(lines)) == ""


@given(NOISE, st.sampled_from(COMPLAINTS), NOISE, st.lists(st.integers(1, 400), max_size=20))
def test_the_console_finds_what_the_log_finds_however_it_arrives(
    before: list[str], complaint: str, after: list[str], cuts: list[int]
) -> None:
    text = "\n".join([*before, complaint, *after])
    data = text.replace("\n", "\r\n").encode() + b"\r\n"
    watcher = ConsoleWatcher(ConsoleLog(None))
    for size in cuts:
        watcher.feed(data[:size])
        data = data[size:]
    watcher.feed(data)

    assert watcher.complaint == splat_in(text)


@given(st.text())
def test_any_text_is_a_log(text: str) -> None:
    excerpt = splat_in(text)
    assert excerpt == "" or excerpt.splitlines()[0] in text


def test_every_pattern_has_an_example() -> None:
    import re

    for pattern in SPLATS:
        for alternative in pattern.split("|") if "(" not in pattern else [pattern]:
            assert any(re.search(alternative, line) for line in COMPLAINTS + MORE), alternative


MORE = (
    "divide error: 0000 [#1] SMP",
    "invalid opcode: 0000 [#1] SMP",
    "stack segment: 0000 [#1] SMP",
    "watchdog: Watchdog detected hard LOCKUP on cpu 1",
    "INFO: possible recursive locking detected",
    "WARNING: suspicious RCU usage",
    "BUG: KMSAN: uninit-value in io_req_complete",
    "KMSAN: uninit-value in io_req_complete",
    "KCSAN: data-race in io_worker",
    "unreferenced object 0xffff888004f1a800 (size 256):",
    "BUG: scheduling while atomic: iou-wrk-254/255/0x00000002",
)
TAGS = st.from_regex(r"\A[a-z_]{1,6}\Z")
VALUES = st.lists(st.sampled_from(["0", "3", "-EINVAL", "-ECANCELED x2", "pending", "none"])).map(
    ", ".join
)
SAID = st.dictionaries(TAGS, VALUES.filter(bool), min_size=1, max_size=4)


def written(parts: dict[str, str]) -> str:
    return "; ".join(f"{tag}={value}" for tag, value in parts.items())


@given(SAID, st.randoms())
def test_the_order_of_parts_never_matters(parts: dict[str, str], dice: object) -> None:
    shuffled = list(parts.items())
    dice.shuffle(shuffled)  # type: ignore[attr-defined]

    assert matches(written(parts), written(dict(shuffled)))


@given(SAID, st.data())
def test_a_star_widens(parts: dict[str, str], data: st.DataObject) -> None:
    tag = data.draw(st.sampled_from(sorted(parts)))
    value = parts[tag]
    begin = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(begin, len(value)))

    assert matches(written(parts), written({**parts, tag: value[:begin] + "*" + value[end:]}))
    assert matches(written(parts), written({tag: value}) + "; *")


@given(SAID, SAID)
def test_a_pattern_of_whole_values_matches_nothing_else(
    parts: dict[str, str], other: dict[str, str]
) -> None:
    silent = {"pending", "none"}
    said = {tag: v for tag, v in other.items() if tag in parts or set(v.split(", ")) - silent}

    assert matches(written(other), written(parts)) == (said == parts)


@given(st.text())
def test_any_text_is_a_pattern_or_refused(text: str) -> None:
    try:
        check_pattern(text)
    except OutcomeError:
        return
    matches("cancel=0", text)
