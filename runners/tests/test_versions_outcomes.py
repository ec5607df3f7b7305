"""Versions, ranges and outcome patterns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringspec.judge.outcomes import OutcomeError, check_pattern, matches, parse_outcome
from ringspec.judge.versions import Version, VersionError, in_range, parse_interval, parse_release


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("6.12.117", Version(6, 12, 117)),
        ("6.12.117+deb13-cloud-amd64", Version(6, 12, 117)),
        ("7.4.0-rc3+", Version(7, 4)),
        ("7.4-rc3", Version(7, 4)),
    ],
)
def test_what_a_kernel_calls_itself(text: str, version: Version) -> None:
    assert parse_release(text) == version


def test_a_name_without_a_version() -> None:
    with pytest.raises(VersionError, match="no kernel version at the start of 'next-2026'"):
        parse_release("next-2026")


@pytest.mark.parametrize(
    ("version", "since", "until", "backports", "inside"),
    [
        ("6.12.117", "6.6", "", (), True),
        ("6.6.0", "6.6", "", (), True),
        ("6.5.13", "6.6", "", (), False),
        ("6.1.170", "6.6", "", ("6.1.170",), True),
        ("6.1.169", "6.6", "", ("6.1.170",), False),
        ("6.2.1", "6.6", "", ("6.1.170",), False),
        ("6.5.13", "5.5", "6.5", (), True),
        ("6.6.1", "5.5", "6.5", (), False),
        ("5.10.262", "", "", (), True),
    ],
)
def test_ranges(
    version: str, since: str, until: str, backports: tuple[str, ...], inside: bool
) -> None:
    assert in_range(version, since, until, backports) is inside


@pytest.mark.parametrize(
    ("interval", "inside", "outside"),
    [
        ("6.12.107", ["6.12.107"], ["6.12.106", "6.12.108"]),
        ("6.12", ["6.12", "6.12.999"], ["6.11.9", "6.13"]),
        ("6.12..6.12.114", ["6.12", "6.12.114"], ["6.12.115", "6.11"]),
        ("6.1.170..", ["6.1.170", "6.1.500"], ["6.1.169", "6.2"]),
        ("6.12..", ["6.12", "7.3.4"], ["6.11.99"]),
        ("7.0..7.3.2", ["7.0", "7.2.13", "7.3.2"], ["7.3.3", "6.19"]),
        ("5.19..6.8", ["5.19", "6.8.12"], ["6.9", "5.18"]),
    ],
)
def test_intervals(interval: str, inside: list[str], outside: list[str]) -> None:
    parsed = parse_interval(interval)
    assert [text for text in inside + outside if parse_release(text) in parsed] == inside


@pytest.mark.parametrize(
    ("interval", "problem"),
    [
        ("6.1.170..7.3", "begins inside 6.1.y and ends on another branch"),
        ("7.3..7.0", "ends before it begins"),
        ("..6.8", "is no range of versions"),
        ("new", "is no range of versions"),
    ],
)
def test_intervals_that_mean_nothing(interval: str, problem: str) -> None:
    with pytest.raises(VersionError, match=problem):
        parse_interval(interval)


def test_the_parts_of_an_outcome() -> None:
    assert parse_outcome("cancel=3; target=-ECANCELED x2, -EINTR") == (
        ("cancel", "3"),
        ("target", "-ECANCELED x2, -EINTR"),
    )
    assert parse_outcome("-EINVAL") == (("", "-EINVAL"),)
    assert parse_outcome("") == ()


@pytest.mark.parametrize(
    ("outcome", "pattern", "same"),
    [
        ("cancel=-EINVAL", "cancel=-EINVAL", True),
        ("cancel=-EINVAL; target=pending x3", "cancel=-EINVAL", True),
        ("cancel=-EINVAL; target=none x2, pending", "cancel=-EINVAL", True),
        ("cancel=-EINVAL; target=-ECANCELED", "cancel=-EINVAL", False),
        ("cancel=-EINVAL; target=-ECANCELED, pending", "cancel=-EINVAL", False),
        ("cancel=-EINVAL; target=-ECANCELED", "cancel=-EINVAL; *", True),
        ("cancel=-EINVAL", "cancel=-EINVAL; target=-ECANCELED", False),
        ("cancel=3; target=-ECANCELED x3", "cancel=*; target=-ECANCELED x*", True),
        ("cancel=3; target=-ECANCELED", "cancel=*; target=-ECANCELED x*", False),
        ("cancel=31", "cancel=3", False),
        ("anything=at all", "*", True),
        ("", "*", True),
        ("-EINVAL", "-EINVAL", True),
        ("race=permitted", "race=permitted", True),
        ("a=1; b=2", "b=2; a=1", True),
    ],
)
def test_patterns(outcome: str, pattern: str, same: bool) -> None:
    assert matches(outcome, pattern) is same


@pytest.mark.parametrize("pattern", ["", "a=1;", "a=", "*; a=1", "a b=1"])
def test_patterns_that_mean_nothing(pattern: str) -> None:
    with pytest.raises(OutcomeError):
        check_pattern(pattern)


VALUES = st.text(st.characters(blacklist_characters=";*=", min_codepoint=33), min_size=1).map(
    str.strip
)


@given(st.dictionaries(st.from_regex(r"\A[a-z_]{1,8}\Z"), VALUES.filter(bool), min_size=1))
def test_an_outcome_matches_itself(parts: dict[str, str]) -> None:
    outcome = "; ".join(f"{tag}={value}" for tag, value in sorted(parts.items()))
    assert matches(outcome, outcome)
    assert matches(outcome + "; extra=pending", outcome)
    assert not matches(outcome + "; extra=1", outcome)


@given(st.text())
def test_no_outcome_breaks_the_matcher(outcome: str) -> None:
    assert matches(outcome, "*")
    assert matches(outcome, "no_such_tag=1") is False
