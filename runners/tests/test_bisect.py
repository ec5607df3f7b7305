"""A bisection finds the changes, boots little, and forgets nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringspec.arch import native
from ringspec.bisect import command as bisecting
from ringspec.bisect.memory import Memory
from ringspec.bisect.search import Behaviour, Change, Search, Untestable
from ringspec.cli import main
from ringspec.guest import BootFailed, MachineOptions
from ringspec.kernels import UnknownSpec, releases_between
from ringspec.model import Event, Execution, Kernel, Observation

CASE = "AsyncCancel.AllOverOnePollReportsOne"


def behaviour(letter: str) -> Behaviour:
    return {"default": (("ran", f"cancel={letter}", ()),)}


def search(row: str, *, every: bool = False, known: str = "") -> Search:
    """Searches a row of one letter for each release; `x` does not answer, `known` is by number."""

    def measure(number: int) -> Behaviour | Untestable:
        return Untestable("gone") if row[number] == "x" else behaviour(row[number])

    found = Search(len(row), measure, {int(n): behaviour(row[int(n)]) for n in known})
    found.run(every=every)
    return found


def edges(row: str) -> list[Change]:
    return [Change(n, n + 1) for n in range(len(row) - 1) if row[n] != row[n + 1]]


@pytest.mark.parametrize("after", range(1, 16))
def test_one_change_is_found_in_as_many_steps_as_bits(after: int) -> None:
    row = "a" * after + "b" * (16 - after)
    found = search(row)
    assert found.changes("default") == edges(row)
    assert found.measured <= 2 + 4


def test_ends_that_are_alike_are_all_that_is_tried_unless_all_are() -> None:
    assert search("abba").changes("default") == []
    assert search("abba").measured == 2
    assert search("abba", every=True).changes("default") == edges("abba")


def test_what_is_known_shows_that_it_came_and_went() -> None:
    found = search("aabba", known="3")
    assert found.changes("default") == edges("aabba")


def test_a_third_behaviour_is_a_change_of_its_own() -> None:
    assert search("aaaccbbb").changes("default") == edges("aaaccbbb")


def test_what_does_not_answer_is_passed_over_and_told() -> None:
    found = search("aaxxb")
    assert found.changes("default") == [Change(1, 4, (2, 3))]


def test_an_end_that_does_not_answer_ends_the_search() -> None:
    found = search("aaax")
    assert (found.measured, found.changes("default")) == (2, [])


@given(st.text("abcx", min_size=2, max_size=24), st.booleans())
def test_no_change_is_told_that_is_none_and_every_release_finds_all(row: str, every: bool) -> None:
    found = search(row, every=every)
    for change in found.changes("default"):
        assert row[change.before] != row[change.after]
        assert set(row[change.before + 1 : change.after]) <= {"x"}
    if "x" not in (row[0], row[-1]) and row[0] != row[-1]:
        assert found.changes("default")
    if every and "x" not in row:
        assert found.changes("default") == edges(row)


def test_the_memory_is_of_one_binary_and_survives_damage(tmp_path: Path) -> None:
    memory = Memory(tmp_path, ("binary", "qemu"))
    memory.keep("kernel 1", CASE, behaviour("1"))
    assert Memory(tmp_path, ("binary", "qemu")).recall("kernel 1", CASE, ["default"])
    assert memory.recall("kernel 1", CASE, ["default", "coop"]) is None
    assert memory.recall("kernel 2", CASE, ["default"]) is None
    assert Memory(tmp_path, ("another", "qemu")).recall("kernel 1", CASE, ["default"]) is None
    for file in (tmp_path / "bisect").glob("*.json"):
        for damage in ("{", "[]", '{"kernel 1 ' + CASE + '/default": 3}'):
            file.write_text(damage)
            assert memory.recall("kernel 1", CASE, ["default"]) is None


def package(version: str, flavour: str = "cloud") -> dict[str, object]:
    name = f"linux-image-{version.partition('-')[0]}+deb13-{flavour}-amd64"
    return {
        "name": name,
        "version": version,
        "sha256": version,
        "size": 1,
        "suites": ["trixie"],
        "flavour": flavour,
        "signed": True,
    }


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that has just asked an archive with these kernels."""
    monkeypatch.setenv("RINGSPEC_CACHE", str(tmp_path))
    versions = (
        "6.1.1-1 6.12.1-1 6.12.2-1~deb12u1 6.12.2-1 6.12.4-1 6.12.5-1 6.12.9-1 7.3~rc7-1 7.3.4-1"
    )
    packages = [package(version) for version in versions.split()] + [package("6.12.5-1", "rt")]
    index = {
        "format": 1,
        "made": time.time(),
        "packages": packages,
        "signers": {},
        "left_out": {},
    }
    apt = tmp_path / f"apt-{native().name}"
    apt.mkdir()
    (apt / "index.json").write_text(json.dumps(index))
    return tmp_path


def test_releases_between(archive: Path) -> None:
    def between(first: str, last: str) -> list[str]:
        return [release.spec for release in releases_between(first, last, archive, print)]

    assert between("debian:6.12.9", "debian:6.12.2-1~deb12u1") == [
        "debian:6.12.2-1~deb12u1",
        "debian:6.12.4",
        "debian:6.12.5",
        "debian:6.12.9",
    ]
    assert between("debian:6.12", "debian:7.3") == ["debian:6.12.9", "debian:7.3.4"]
    with pytest.raises(UnknownSpec, match="another flavour"):
        between("debian:6.12.4", "debian:6.12.5/rt")
    with pytest.raises(UnknownSpec, match="no released kernel"):
        between("./bzImage", "debian:6.12.5")


class Machine:
    """Answers as a kernel of this version would: in coop from 6.12.4 on in another way."""

    booted: list[str] = []

    def __init__(self, options: MachineOptions) -> None:
        pass

    def run(
        self, kernel: Kernel, order: Sequence[Execution], sink: Callable[[Event], None]
    ) -> None:
        self.booted.append(kernel.version)
        if kernel.version == "6.12.5":
            raise BootFailed("the kernel did not get ready", "")
        new = kernel.version in ("6.12.4", "6.12.9")
        for one in order:
            outcome = "cancel=2" if new and one.setup == "coop" else "cancel=1"
            sink(Observation(one, "ran", outcome=outcome))


@pytest.fixture
def machine(archive: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was booted, in sequence."""

    def resolve(spec: str, cache: Path, progress: object) -> Kernel:
        return Kernel(spec, spec, spec.removeprefix("debian:"), image=Path("image"))

    monkeypatch.setattr(bisecting, "VirtualMachine", Machine)
    monkeypatch.setattr(bisecting, "resolve", resolve)
    monkeypatch.setattr(Machine, "booted", [])
    return Machine.booted


def test_the_command_says_between_which_releases_and_remembers(
    machine: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["bisect", CASE, "--good=debian:6.12.1", "--bad=debian:6.12.9"]
    assert main(arguments) == 0
    assert machine == ["6.12.1", "6.12.9", "6.12.4", "6.12.2"]
    told = capsys.readouterr()
    assert told.out == (
        "CANCEL-ALL-COUNT-01  AsyncCancel.AllOverOnePollReportsOne\n"
        "5 releases from 6.12.1 to 6.12.9: 4 tried, 0 known from before\n"
        "\n"
        "default, defer, sqpoll\n"
        "  6.12.1 to 6.12.9  cancel=1\n"
        "  no change found\n"
        "\n"
        "coop\n"
        "  6.12.1 to 6.12.2  good   cancel=1\n"
        "  6.12.4 to 6.12.9  bad    cancel=2\n"
        "  changed between 6.12.2 and 6.12.4\n"
        "\n"
        "not tried, as they lie between releases that are alike: 6.12.5 (--all tries them)\n"
    )
    assert "6.12.4: coop: cancel=2\n" in told.err
    machine.clear()
    assert main([*arguments, "--all"]) == 0
    assert machine == ["6.12.5"]
    told = capsys.readouterr()
    assert "4 of 5 releases are known from before" in told.err
    assert "no answer from 6.12.5: the kernel did not get ready" in told.out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([f"{CASE}/default", "--good=debian:6.12.1", "--bad=debian:6.12.9"], 1, "no change found"),
        ([CASE, "--good=debian:6.12.5", "--bad=debian:6.12.9"], 3, "no answer from 6.12.5"),
        ([CASE, "--good=debian:6.12.1", "--bad=debian:6.12.1"], 4, "the same release"),
        ([CASE, "--good=debian:6.13", "--bad=debian:6.12.1"], 4, "no Debian suite holds a 6.13"),
        ([CASE + "/x", "--good=debian:6.12.1", "--bad=debian:6.12.9"], 4, "no ring setup 'x'"),
        (
            ["AsyncCancel.AllOver", "--good=a", "--bad=b"],
            4,
            "no case 'AsyncCancel.AllOver'; did you mean AsyncCancel",
        ),
    ],
)
def test_exit_codes(
    machine: list[str],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    assert main(["bisect", *arguments]) == code
    told = capsys.readouterr()
    assert message in told.out + told.err
