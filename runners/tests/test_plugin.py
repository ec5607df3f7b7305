"""The plugin in a real pytest, on machines that replay recordings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]

CASES = ("AsyncCancel.OneIsCanceled", "AsyncCancel.AllAreCanceled", "Timeout.Expires")


class Lab:
    """A directory with a manifest and recordings, and pytest in it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        pytester.syspathinsert(Path(__file__).parent)
        (self.path / "build").mkdir()
        (self.path / "build" / "ringspec-cases").touch()
        (self.path / "known").mkdir()
        self.cases([{"name": name} for name in CASES])
        self.record({})

    def cases(self, cases: list[dict[str, Any]]) -> None:
        base = {"clause": "CANCEL-UD-01", "file": "cases/a.cc", "line": 1}
        manifest = {"cases": [{**base, **case} for case in cases]}
        (self.path / "build" / "cases.json").write_text(json.dumps(manifest))

    def record(self, recording: dict[str, Any], spec: str = "recording") -> None:
        (self.path / f"{spec.replace(':', '-')}.json").write_text(json.dumps(recording))

    def run(self, *arguments: str, kernels: tuple[str, ...] = ("debian:6.12",)) -> Any:
        named = [word for spec in kernels for word in ("--kernel", spec)]
        return self.pytester.runpytest_inprocess(
            "-p", "recorded", "--build=build", "--known-issues=known", *named, *arguments
        )

    def results(self) -> list[dict[str, Any]]:
        lines = (self.path / "out" / "results.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def info(self) -> Any:
        return json.loads((self.path / "out" / "run.json").read_text())


FAILS = {"status": "ran", "holds": False, "outcome": "cancel=-ENOENT", "message": "expected 0"}


@pytest.fixture
def lab(pytester: pytest.Pytester) -> Lab:
    return Lab(pytester)


def test_without_kernel_the_plugin_does_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_of_somebody_else(): pass")
    outcome = pytester.runpytest_inprocess()
    outcome.assert_outcomes(passed=1)
    assert not (pytester.path / "out").exists()


def test_every_case_runs_in_every_setup_on_every_kernel(lab: Lab) -> None:
    outcome = lab.run(kernels=("debian:6.12", "debian:7.0"))
    outcome.assert_outcomes(passed=2 * 4 * len(CASES))
    assert outcome.ret == 0
    assert {(r["spec"], r["setup"], r["case"]) for r in lab.results()} == {
        (spec, setup, case)
        for spec in ("debian:6.12", "debian:7.0")
        for setup in ("default", "defer", "coop", "sqpoll")
        for case in CASES
    }
    assert lab.info()["complete"] is True


def test_node_ids_name_kernel_case_and_setup(lab: Lab) -> None:
    outcome = lab.run("--collect-only", "-q", "--setup=defer", "--case=Timeout.*")
    outcome.stdout.fnmatch_lines(["build/cases.json::debian:6.12::Timeout.Expires?defer?"])
    chosen = lab.run("build/cases.json::debian:6.12::Timeout.Expires[defer]")
    chosen.assert_outcomes(passed=1)


def test_k_selects_by_case_setup_and_clause(lab: Lab) -> None:
    lab.cases([{"name": CASES[0]}, {"name": CASES[2], "clause": "TIMEOUT-ETIME-01"}])
    lab.run("-k", "Expires and defer").assert_outcomes(passed=1, deselected=7)
    lab.run("-k", "TIMEOUT-ETIME-01").assert_outcomes(passed=4, deselected=4)


def test_a_library_case_runs_once_in_all(lab: Lab) -> None:
    lab.cases([{"name": "Library.Prepares", "axis": "liburing"}])
    lab.run(kernels=("debian:6.12", "debian:7.0")).assert_outcomes(passed=1)


def test_red_fails_the_run_and_says_what_was_promised(lab: Lab) -> None:
    lab.record({"observations": {"Timeout.Expires[defer]": FAILS}})
    outcome = lab.run()
    outcome.assert_outcomes(passed=11, failed=1)
    assert outcome.ret == 1
    outcome.stdout.fnmatch_lines(["*promised: *", "*came: cancel=-ENOENT*", "*expected 0*"])


def test_no_gate_turns_red_into_xfail(lab: Lab) -> None:
    lab.record({"default": FAILS})
    outcome = lab.run("--no-gate")
    outcome.assert_outcomes(xfailed=12)
    assert outcome.ret == 0


def test_lf_runs_only_what_failed(lab: Lab) -> None:
    lab.record({"observations": {"Timeout.Expires[defer]": FAILS}})
    lab.run()
    lab.run("--lf").assert_outcomes(failed=1, deselected=11)


def test_x_stops_at_the_first_red_and_leaves_a_valid_partial_run(lab: Lab) -> None:
    lab.record({"default": FAILS})
    outcome = lab.run("-x")
    outcome.assert_outcomes(failed=1)
    assert outcome.ret == 1
    assert lab.info()["complete"] is False
    assert lab.results()


def test_a_lost_machine_is_the_surroundings_fault(lab: Lab) -> None:
    lab.record({"fails": "QEMU went away", "fails_after": 5})
    outcome = lab.run("--no-gate")
    outcome.assert_outcomes(passed=5, failed=7)
    assert outcome.ret == 3
    notrun = [r for r in lab.results() if r["verdict"] == "notrun"]
    assert len(notrun) == 7
    assert all("QEMU went away" in r["message"] for r in notrun)


def test_one_kernel_that_does_not_boot_leaves_the_others_alone(lab: Lab) -> None:
    lab.record({"fails": "it does not boot", "fails_after": 0}, "debian:7.0")
    outcome = lab.run("--no-gate", kernels=("debian:6.12", "debian:7.0"))
    outcome.assert_outcomes(passed=12, failed=12)
    assert outcome.ret == 3


def test_repeats_make_one_item_and_disagreement_is_unstable(lab: Lab) -> None:
    held = {"status": "ran", "holds": True, "outcome": "cancel=0"}
    lab.record({"observations": {"Timeout.Expires[defer]": [held, FAILS, held]}})
    outcome = lab.run("--repeat=3", "--seed=7")
    outcome.assert_outcomes(passed=11, failed=1)
    outcome.stdout.fnmatch_lines(["*unstable: debian:6.12, setup defer, Timeout.Expires*"])
    assert lab.info()["seed"] == 7
    assert len(lab.results()) == 36


def test_the_seed_decides_the_order_of_repeats(lab: Lab) -> None:
    orders = []
    for seed in ("1", "1", "2"):
        lab.run("--repeat=2", f"--seed={seed}")
        orders.append([(r["case"], r["setup"], r["repeat"]) for r in lab.results()])
    assert orders[0] == orders[1] != orders[2]


def test_host_leaves_out_what_changes_the_machine_and_says_so(lab: Lab) -> None:
    lab.cases([{"name": CASES[0]}, {"name": CASES[1], "touches": ["realtime_clock"]}])
    outcome = lab.run(kernels=("host",))
    outcome.assert_outcomes(passed=4, deselected=4)
    outcome.stdout.fnmatch_lines(["*host: 4 cells left out*--allow-host-changes*"])
    alone = lab.run(f"--case={CASES[1]}", kernels=("host",))
    alone.stdout.fnmatch_lines(["*host: 4 cells left out*", "no case is left to run"])
    allowed = lab.run("--allow-host-changes", kernels=("host",))
    allowed.assert_outcomes(passed=8)
    allowed.stdout.fnmatch_lines([f"*host: these set the clock*will be run: {CASES[1]}"])


def test_no_case_matching_is_nothing_ran(lab: Lab) -> None:
    outcome = lab.run("--case=Nothing.*")
    assert outcome.ret == 5
    outcome.stdout.fnmatch_lines(["*no case matches --case 'Nothing.*'*"])


def test_a_baseline_allows_what_was_red_before(lab: Lab) -> None:
    lab.record({"default": FAILS})
    lab.run("--out=before", "--no-gate")
    outcome = lab.run("--baseline=before")
    outcome.assert_outcomes(xfailed=12)
    assert outcome.ret == 0
    lab.record({"default": {**FAILS, "outcome": "cancel=-EBADF"}})
    assert lab.run("--baseline=before").ret == 1


def test_the_gate_is_about_this_run_and_not_the_one_before_it(lab: Lab) -> None:
    assert lab.run().ret == 0
    lab.record({"default": FAILS})
    assert lab.run().ret == 1
    lab.record({})
    assert lab.run().ret == 0


@pytest.mark.parametrize(
    ("arguments", "kernels", "code", "message"),
    [
        (["--clock=virtual", "--accel=kvm"], ("host",), 4, "*--clock virtual needs*"),
        (["--jobs=0"], ("host",), 4, "*--jobs must be at least 1, not 0*"),
        (["--baseline=nowhere"], ("host",), 4, "*nowhere: not a run directory*"),
        (["--build=elsewhere"], ("host",), 4, "*build the cases first, with ci/setup*"),
        (["--out=build"], ("host",), 4, "*holds something that is no run*"),
        (["--as-version=6.1.2"], ("host", "debian:6.12"), 4, "*give exactly one --kernel*"),
        ([], ("debain:6.12",), 4, "*did you mean debian:6.12*"),
        ([], ("debian:6.13",), 4, "*no Debian suite holds a 6.13 kernel*"),
        ([], ("debian:6.99",), 3, "*no mirror answers*"),
    ],
)
def test_bad_input_has_its_exit_code_and_a_message(
    lab: Lab, arguments: list[str], kernels: tuple[str, ...], code: int, message: str
) -> None:
    outcome = lab.run(*arguments, kernels=kernels)
    assert outcome.ret == code
    text = outcome.stdout.str() + outcome.stderr.str()
    pytest.LineMatcher(text.splitlines()).fnmatch_lines([message])
    assert not (lab.path / "out").exists()


def test_a_case_without_its_clause_is_refused(lab: Lab) -> None:
    lab.cases([{"name": CASES[0], "clause": "CANCEL-GONE-01"}])
    outcome = lab.run()
    assert outcome.ret == 4
    outcome.stderr.fnmatch_lines(
        ["*cases/a.cc:1: *names CANCEL-GONE-01, which no clauses.toml has*"]
    )


def test_other_tests_beside_the_matrix_are_refused(lab: Lab) -> None:
    lab.pytester.makepyfile(test_other="def test_it(): pass")
    outcome = lab.run("test_other.py", "build/cases.json")
    assert outcome.ret == 4
    outcome.stderr.fnmatch_lines(["*and nothing beside it*"])


def test_junit_xml_holds_the_cells(lab: Lab) -> None:
    lab.record({"observations": {"Timeout.Expires[defer]": FAILS}})
    lab.run("--junitxml=junit.xml")
    text = (lab.path / "junit.xml").read_text()
    assert 'tests="12"' in text and 'failures="1"' in text
