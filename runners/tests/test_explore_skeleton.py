"""Skeletons: of every word a case that compiles, and that does on a kernel what the program did."""

from __future__ import annotations

import subprocess
from pathlib import Path

from guest_lab import BUILD, a_kernel
from ringspec.cache.directory import cache_dir
from ringspec.explore.differ import timeline_of
from ringspec.explore.lab import Lab
from ringspec.explore.program import parse_program
from ringspec.explore.skeleton import skeleton
from ringspec.guest import VirtualMachine
from ringspec.guest.options import MachineOptions
from ringspec.model import Event, Execution, Observation

ROOT = Path(__file__).parents[2]
PROGRAMS = (
    "a: poll pipe0; b: timeout 15ms mshot count=3; reap; x: cancel a; sync b timeout=8ms; reap",
    "a: timeout 20ms abs real hardlink; b: nop skip; c: timeout 10s abs boot; reap;"
    " x: timeout_update c 20ms abs; y: timeout_remove d; reap",
    "a: read pipe0 len=8 link; l: link_timeout 10s; reap; x: timeout_update l 20ms linked; reap",
    "hold pipe0; a: splice pipe0 async; reap; x: cancel a all op=splice fd=pipe0; reap;"
    " release pipe0; reap",
    "hold epoll0; a: poll epoll0 async; reap; x: cancel a; reap; release epoll0; write epoll0;"
    " b: poll epoll0; reap; hangup epoll0; reap",
    "hold sock0; a: recv sock0 async; reap; release sock0; write sock0 3; reap;"
    " hold sock0; release sock0; hangup sock0",
    "a: poll pipe0 events=rdnorm mshot; x: poll_update a user=b events=in mshot; reap;"
    " y: poll_remove b set.addr3=1 drain; reap; hangup pipe0",
    "a: futex futex0; b: timeout 10s count=2 etime_success; reap; wake futex0; wait 1 8ms; reap",
    "a: splice pipe0; reap; x: cancel any; y: cancel a userdata fd=pipe0; reap; close",
)


def build(directory: Path, sources: list[str]) -> Path:
    """Cases of these files alone, as one binary."""
    together = directory / "cases.cc"
    together.write_text(
        "".join(
            text.replace("Suite, Claim", f"Suite, Claim{number}").replace(
                "namespace {", f"namespace part{number} {{"
            )
            for number, text in enumerate(sources)
        )
    )
    program = directory / "skeleton-cases"
    flags = [
        "-std=c++20",
        "-D_GNU_SOURCE",
        "-Wall",
        "-Wextra",
        "-Wpedantic",
        "-Werror",
        f"-I{ROOT}",
    ]
    libraries = ["-luring", "-lgmock", "-lgtest"]
    objects = [BUILD / "CMakeFiles/ringspec-cases.dir/cases/main.cc.o", BUILD / "libharness.a"]
    command = ["c++", *flags, str(together), *map(str, objects), "-static", *libraries]
    subprocess.run([*command, "-o", str(program)], check=True)
    return program


def test_a_skeleton_compiles_and_does_what_the_program_did(tmp_path: Path) -> None:
    programs = [parse_program(text) for text in PROGRAMS]
    kernel = a_kernel()
    lab = Lab([kernel], MachineOptions(binary=BUILD / "ringspec-cases", cache=cache_dir()))
    try:
        answers = [answer for (answer,) in lab.run(programs, traced=True)]
    finally:
        lab.close()
    assert [answer.status for answer in answers] == ["ran"] * len(programs)
    texts = [
        skeleton(program, timeline_of(answer))
        for program, answer in zip(programs, answers, strict=True)
    ]
    binary = build(tmp_path, texts)
    seen: list[Observation] = []

    def sink(event: Event) -> None:
        if isinstance(event, Observation):
            seen.append(event)

    order = tuple(
        Execution(number, f"Suite.Claim{number}", "default") for number in range(len(programs))
    )
    VirtualMachine(MachineOptions(binary=binary)).run(kernel, order, sink)
    assert [(one.status, one.holds, one.message) for one in seen] == [("ran", True, "")] * len(seen)
    assert len(seen) == len(programs)


def test_without_a_kernel_every_window_is_left_to_be_filled() -> None:
    text = skeleton(parse_program("a: poll pipe0; reap; x: cancel a all; write pipe0; reap"))
    assert "Pipe pipe0;" in text
    assert "ring.Submit(PollAdd(pipe0.read_end()).Tag(kA));" in text
    assert "ring.Submit(Cancel(kA).All().Tag(kX));" in text
    assert "pipe0.Write();" in text
    assert text.count("EXPECT_THAT(ring.ReapFor(40ms), UnorderedElementsAre());") == 2
