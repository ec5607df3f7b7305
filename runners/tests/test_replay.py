"""One execution of a run again: on a real kernel, with the trace, a debugger, and a recording."""

from __future__ import annotations

import json
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from guest_lab import BUILD, SPEC, a_kernel
from ringspec.cli import main
from ringspec.replay.trace_text import draw

CASE = "AsyncCancelChain.CancelingTheHeadEndsASoftChain"
WHAT = f"{CASE}/default"


def ringspec(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ringspec", *arguments]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one case on one kernel."""
    a_kernel()
    out = tmp_path_factory.mktemp("replay") / "out"
    what = ("--kernel", SPEC, "--case", CASE, "--setup=default", "--append=ringspec_test=1")
    command = ringspec("run", *what, "--build", str(BUILD), "--out", str(out))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return out


def replay(run: Path, *more: str) -> int:
    return main(["replay", str(run), SPEC, WHAT, "--build", str(BUILD), *more])


def test_the_same_again_with_its_trace(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(run) == 0
    told = capsys.readouterr()
    assert told.err == ""
    for line in (
        r"╭▶ head +POLL_ADD +fd",
        r"▶ cancel +ASYNC_CANCEL +of head",
        r"◀ head +-ECANCELED",
    ):
        assert re.search(line, told.out), told.out
    assert told.out.endswith(": as recorded\n")


def test_another_outcome_than_the_recorded_one(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = json.loads((run / "results.jsonl").read_text())
    result["outcome"] = "cancel=-ENOENT"
    info = json.loads((run / "run.json").read_text())
    info["suite"]["binary"] = "0" * 64
    (tmp_path / "results.jsonl").write_text(json.dumps(result) + "\n")
    (tmp_path / "run.json").write_text(json.dumps(info))
    assert replay(tmp_path) == 1
    told = capsys.readouterr()
    assert "is not the binary of the run" in told.err
    assert told.out.endswith(": NOT as recorded\n")


def test_another_kernel_under_the_same_name_is_refused(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (run / "run.json").read_text()
    (tmp_path / "run.json").write_text(
        re.sub(r"(sha256:? )[0-9a-f]{64}", r"\g<1>" + "0" * 64, text)
    )
    (tmp_path / "results.jsonl").write_text((run / "results.jsonl").read_text())
    assert replay(tmp_path) == 4
    assert "is not the kernel of the run" in capsys.readouterr().err


def test_the_printed_command_is_that_of_the_run(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay(run, "--print-qemu") == 0
    words = shlex.split(capsys.readouterr().out.replace("\\\n", " "))
    (kernel,) = json.loads((run / "run.json").read_text())["kernels"]
    assert words[words.index("-append") + 1] == kernel["vm"]["command_line"]
    assert words[words.index("-append") + 1].endswith(" ringspec_test=1")
    assert words[words.index("-smp") + 1] == str(kernel["vm"]["cpus"])
    archive = Path(words[words.index("-initrd") + 1]).read_bytes()
    assert f"case 1 default {CASE}\n".encode() in archive


def test_a_recording_is_replayed_to_the_nanosecond(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "case.rr"
    assert replay(run, "--record", str(file)) == 0
    capsys.readouterr()
    assert replay(run, "--replay", str(file)) == 0
    assert "the same to the nanosecond" in capsys.readouterr().out
    note = Path(f"{file}.json")
    note.write_text(note.read_text().replace('"setup": "default"', '"setup": "coop"'))
    assert replay(run, "--replay", str(file)) == 4
    assert "recorded with setup coop, this is default" in capsys.readouterr().err


class Debugger:
    """The few words of GDB's remote protocol that show that somebody is there."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)

    def ask(self, packet: str) -> str:
        self.tell(packet)
        answer = b""
        while not re.search(rb"\$[^#]*#..", answer):
            answer += self._socket.recv(4096)
        self._socket.sendall(b"+")
        return answer.decode()

    def tell(self, packet: str) -> None:
        self._socket.sendall(f"${packet}#{sum(packet.encode()) % 256:02x}".encode())

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def debugged(run: Path) -> Iterator[subprocess.Popen[str]]:
    command = ringspec("replay", str(run), SPEC, WHAT, "--build", str(BUILD), "--gdb")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.wait()


def test_a_debugger_holds_the_guest_before_its_case(debugged: subprocess.Popen[str]) -> None:
    assert debugged.stdout is not None
    told = ""
    while "without symbols" not in told and "then for example" not in told:
        line = debugged.stdout.readline()
        assert line, told
        told += line
    assert "the guest is stopped before its case" in told
    port = re.search(r"target remote 127\.0\.0\.1:(\d+)", told)
    assert port
    debugger = Debugger(int(port[1]))
    assert re.search(r"\$[TS]0", debugger.ask("?"))
    assert debugged.poll() is None
    debugger.tell("c")
    rest, _ = debugged.communicate(timeout=120)
    debugger.close()
    assert rest.endswith(": as recorded\n")
    assert debugged.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["debian:5.10", WHAT], "no kernel 'debian:5.10'; it has debian:6.12"),
        ([SPEC, f"{CASE}/coop"], "did not run on debian:6.12"),
        ([SPEC, f"{CASE}/cop"], "no ring setup 'cop'"),
        ([SPEC, WHAT, "--record=a", "--gdb"], "a debugger changes no replay"),
        ([SPEC, WHAT, "--replay=nowhere"], "no recording of ours"),
        ([SPEC, WHAT, "--build=nowhere"], "build the cases first"),
    ],
)
def test_wrong_usage(
    run: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["replay", str(run), *arguments]) == 4
    assert message in capsys.readouterr().err


def sqe(t: int, name: str, op: int, flags: int = 0, **more: object) -> dict[str, object]:
    fields = {"op_flags": 0, "fd": -1, "user_data": name, "addr": "0", "off": "0", "len": 0}
    return {"t": t, "ring": 0, "sqe": name, "op": op, "flags": flags, **fields, **more}


def test_a_trace_is_drawn_with_times_chains_targets_and_names() -> None:
    cqe = {"res": -125, "result": "-ECANCELED", "cqe_flags": 0x30003, "user_data": "target"}
    events = [
        sqe(5_000_000, "target", 6, 4, fd=9, op_flags=1),
        sqe(5_100_000, "middle", 24, 8),
        sqe(5_200_000, "timer", 15, op_flags=1),
        sqe(6_000_000, "cancel", 14, 64, addr="target", op_flags=1),
        sqe(6_100_000, "byfile", 14, fd=9, op_flags=3),
        {"t": 7_000_000, "note": "\x1b waited in vain"},
        {"t": 7_500_000, "ring": 0, "cqe": "target", **cqe},
        {"t": 8_000_000, "ring": 0, "cqe": "unknown", **{**cqe, "user_data": "7", "cqe_flags": 0}},
    ]
    assert draw(events) == (
        "          ms  ring\n"
        "       0.000     0  ╭▶ target   POLL_ADD      fd 9         LINK events 0x1\n"
        "       0.100     0  ╠▶ middle   FADVISE                    HARDLINK\n"
        "       0.200     0  ╚▶ timer    LINK_TIMEOUT               ABS\n"
        "       1.000     0   ▶ cancel   ASYNC_CANCEL  of target    SKIP_SUCCESS ALL\n"
        "       1.100     0   ▶ byfile   ASYNC_CANCEL  fd 9         ALL FD\n"
        "       2.000        · \N{REPLACEMENT CHARACTER} waited in vain\n"
        "       2.500     0   ◀ target   -ECANCELED                 BUFFER MORE buffer 3\n"
        "       3.000     0   ◀ unknown  -ECANCELED    user_data 7\n"
    )
    assert draw([]) == "(nothing was submitted)\n"
