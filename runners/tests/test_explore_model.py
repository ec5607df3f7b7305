"""The reference model: what it permits, what it leaves open, where it has no opinion."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest

from ringspec.explore.matching import Key, selects
from ringspec.explore.oracle import permitted
from ringspec.explore.program import parse_program
from ringspec.explore.requests import OutsideModel

ROOT = Path(__file__).parents[2]


def windows_of(text: str) -> list[list[str]]:
    """Each permitted way as one text per window, without the last, which is empty."""
    ways = []
    for way in permitted(parse_program(text)):
        *windows, last = way.windows
        assert not last
        ways.append(
            [
                ", ".join(
                    f"{tag} {result}" + f" x{n}" * (n > 1)
                    for (tag, result), n in sorted(one.items())
                )
                for one in windows
            ]
        )
    return sorted(ways, key=str)


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("a: poll pipe0; x: cancel a; reap; write pipe0; reap", ["a -ECANCELED, x 0", ""]),
        ("a: poll pipe0; reap; write pipe0; reap", ["", "a 1"]),
        ("a: read pipe0; b: poll sock0; x: cancel b fd=pipe0; reap", ["a -ECANCELED, x 0"]),
        ("a: timeout 60ms; x: cancel b all; reap; reap", ["x -ENOENT", "a -ETIME"]),
        ("a: timeout 15ms mshot count=3; reap; reap", ["a -ETIME+MORE x2", "a -ETIME"]),
        (
            "a: timeout 15ms mshot count=3; reap; x: timeout_update a 20ms; reap",
            ["a -ETIME+MORE x2", "a -ETIME, x 0"],
        ),
        ("a: timeout 10s count=2; b: nop; reap; c: nop; reap", ["b 0", "a 0, c 0"]),
        ("a: timeout 10s count=2; b: timeout 10s; x: cancel b; reap", ["b -ECANCELED, x 0"]),
        ("a: futex futex0 link; l: link_timeout 20ms; reap", ["a -ECANCELED, l -ETIME"]),
        ("a: poll pipe0 link; l: link_timeout 60ms; reap; write pipe0; reap", ["", "a 1, l -ECANCELED"]),
        ("a: timeout 20ms link; b: nop; reap", ["a -ETIME, b -ECANCELED"]),
        ("a: timeout 20ms hardlink; b: nop; reap", ["a -ETIME, b 0"]),
        ("a: poll sock0 events=out mshot; reap; write sock0; reap", ["a 4+MORE", ""]),
        ("a: timeout 10s count=1 link; x: nop; b: timeout 10s count=2; reap; c: nop; reap",
         ["", "a 0, b 0, c 0, x 0"]),
        ("a: timeout 60ms hardlink; b: timeout 60ms abs; reap; reap", ["", "a -ETIME, b -ETIME"]),
        ("a: timeout 20ms hardlink; b: timeout 40ms; reap; reap", ["a -ETIME", "b -ETIME"]),
        ("a: timeout 20ms link etime_success; b: nop; reap", ["a -ETIME, b 0"]),
        ("a: read pipe0 link; b: nop; reap; write pipe0; reap", ["", "a 1, b -ECANCELED"]),
        ("a: timeout 10s; x: timeout_remove a; reap", ["a -ECANCELED, x 0"]),
        ("a: poll pipe0; x: timeout_remove a link; y: nop; reap; z: poll_remove a; reap",
         ["x -ENOENT, y -ECANCELED", "a -ECANCELED, z 0"]),
        ("a: poll pipe0; a: timeout 10s; sync a all; reap", ["a -ECANCELED x2, sync_cancel 2"]),
    ],
)  # fmt: skip
def test_one_way(text: str, windows: list[str]) -> None:
    assert windows_of(text) == [windows]


def test_which_of_several_is_canceled_is_left_open() -> None:
    text = "a: poll pipe0; a: timeout 20ms; x: cancel a; reap; write pipe0; reap"
    assert windows_of(text) == [
        ["a -ECANCELED, a -ETIME, x 0", ""],
        ["a -ECANCELED, x 0", "a 1"],
    ] or windows_of(text) == [
        ["a -ECANCELED, a -ETIME, x 0", "a 1"],
        ["a -ECANCELED, x 0", "a 1"],
    ]


def test_what_was_completed_in_the_same_submission_may_count_or_not() -> None:
    assert windows_of("b: nop; a: timeout 10s count=1; reap; c: nop; reap") == [
        ["a 0, b 0", "c 0"],
        ["b 0", "a 0, c 0"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: splice pipe0",
        "a: nop async",
        "a: read pipe0; b: read pipe0; write pipe0",
        "a: recv sock0; reap; write sock0; write sock0; reap",
        "a: timeout 40ms; reap",
        "a: link_timeout 20ms",
        "a: poll pipe0; reap; write pipe0; x: cancel a",
        "a: timeout 20ms link; l: link_timeout 20ms",
        "wait 1 8ms",
        "a: recv sock0; a: timeout 10s count=1; reap; x: cancel a all",
        "hold pipe0",
        "a: timeout 10s real; reap; x: timeout_update a 10s abs",
        "a: timeout 20ms hardlink; b: timeout 10s count=1; c: nop; reap",
        "a: poll sock0 events=out mshot; x: cancel a; reap",
        "a: timeout 20ms link; b: timeout 10s; c: timeout 10s count=1; reap",
    ],
)
def test_no_opinion(text: str) -> None:
    with pytest.raises(OutsideModel):
        permitted(parse_program(text))


def test_keys_select_what_the_model_of_the_cases_selects(tmp_path: Path) -> None:
    """cases/async_cancel/key_model.h and matching.py, on every key, value and target."""
    source = tmp_path / "table.cc"
    source.write_text(_TABLE)
    program = tmp_path / "table"
    compiler = ["c++", "-std=c++20", f"-I{ROOT}", str(source), "-o", str(program)]
    subprocess.run(compiler, check=True)
    answers = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()
    bits = (False, True)
    asked = itertools.product(
        bits, bits, bits, bits, range(2), range(2), range(2), range(2), range(2), range(2)
    )
    ours = [
        str(
            int(
                selects(
                    Key(*keys, str(file), str(kind), str(user)),
                    str(of_kind),
                    str(of_file),
                    str(of_user),
                )
            )
        )
        for *keys, kind, file, user, of_kind, of_file, of_user in asked
    ]
    assert ours == answers
    assert set(answers) == {"0", "1"}


_TABLE = """
#include <cstdio>
#include "cases/async_cancel/key_model.h"
using namespace ringspec::key_model;
int main() {
  for (int i = 0; i < 1024; ++i) {
    const auto bit = [i](int n) { return (i >> (9 - n)) & 1; };
    const Key key{.file_key = bit(0) != 0, .opcode_key = bit(1) != 0, .user_key = bit(2) != 0,
                  .any = bit(3) != 0, .all = false, .kind = static_cast<Kind>(bit(4)),
                  .file = bit(5), .user = bit(6)};
    const Target target{static_cast<Kind>(bit(7)), bit(8), bit(9)};
    std::printf("%d\\n", Selects(key, target));
  }
}
"""
