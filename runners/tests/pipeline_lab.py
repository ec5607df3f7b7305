"""Runs what ci/ offers to other pipelines, step by step, as the services' runners do.

Sources: "Metadata syntax for GitHub Actions" (composite actions; `bash --noprofile --norc -eo pipefail`),
"Contexts" and "Variables" there; "CI/CD YAML syntax reference" of GitLab (before_script and script
are one shell) and its runner's `set -eo pipefail`.  Actions of others are not run, only recorded; the cache
is found, and is that of the machine.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ringspec.cache.directory import cache_dir

ROOT = Path(__file__).parents[2]
_EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")
_VARIABLE = re.compile(r"\$(\w+)")


@dataclass
class Job:
    """What came of one."""

    code: int = 0
    said: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    used: dict[str, Mapping[str, str]] = field(default_factory=dict)


def load(name: str) -> Any:
    """A YAML file below ci/."""
    return yaml.safe_load((ROOT / "ci" / name).read_text())


def github(project: Path, **inputs: str) -> Job:
    """The steps of the composite action in the workspace `project`; `used` has the actions by name."""
    action, job = load("github/action.yml"), Job()
    defaults = {name: one["default"] for name, one in action["inputs"].items()}
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    known = {f"inputs.{name}": value for name, value in {**defaults, **given}.items()}
    (project / "temp").mkdir(exist_ok=True)

    def filled(text: str) -> str:
        return _EXPRESSION.sub(lambda found: known.get(found[1], ""), text)

    for step in action["runs"]["steps"]:
        if not _due(step.get("if", "success()"), known, job.code):
            continue
        if "uses" in step:
            name = step["uses"].partition("@")[0]
            job.used[name] = {key: filled(value) for key, value in step["with"].items()}
            if name == "actions/cache":
                _restore(Path(job.used[name]["path"]))
            continue
        environment = {name: filled(value) for name, value in step["env"].items()}
        code, said = _github_step(project, step["run"], environment)
        job.said += said
        job.code = job.code or code
        for line in (project / "temp/output").read_text().splitlines():
            name, _, value = line.partition("=")
            known[f"steps.{step['id']}.outputs.{name}"] = value
    job.outputs = {name: filled(one["value"]) for name, one in action["outputs"].items()}
    return job


def gitlab(project: Path, **variables: str) -> Job:
    """A job that extends the template in the project directory; `used` has its artifacts' paths."""
    template = load("gitlab/ringspec.yml")[".ringspec"]
    known = {**template["variables"], **variables, "CI_PROJECT_DIR": str(project)}
    environment = {name: _VARIABLE.sub(lambda v: known[v[1]], text) for name, text in known.items()}
    script = "\n".join(["set -eo pipefail", *template["before_script"], *template["script"]])
    artifacts, (cache,) = template["artifacts"], template["cache"]["paths"]
    _restore(project / cache)
    done = _run(["bash", "-c", script], project, {"CI": "true", "GITLAB_CI": "true", **environment})
    return Job(*done, used={"artifacts": {"paths": artifacts["paths"], **artifacts["reports"]}})


def _github_step(project: Path, script: str, environment: Mapping[str, str]) -> tuple[int, str]:
    temp = project / "temp"
    (temp / "step.sh").write_text(script)
    # A file of its own for each step; the summary of a job is that of its steps together.
    files = {name: temp / name.lower() for name in ("OUTPUT", "ENV", "PATH", "STATE")}
    for file in files.values():
        file.write_text("")
    set_by_the_runner = {
        **{f"GITHUB_{name}": str(file) for name, file in files.items()},
        **{"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(project)},
        "GITHUB_ACTION_PATH": str(ROOT / "ci/github"),
        "GITHUB_STEP_SUMMARY": str(temp / "summary.md"),
        "RUNNER_TEMP": str(temp),
    }
    shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(temp / "step.sh")]
    return _run(shell, project, {**set_by_the_runner, **environment})


def _restore(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(cache_dir())


def _run(command: list[str], project: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        command,
        cwd=project,
        env={**os.environ, "TERM": "dumb", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def _due(condition: str, known: Mapping[str, str], code: int) -> bool:
    """Of the language of expressions, what the action uses."""
    terms = condition.split(" && ")
    if not code and terms == ["success()"]:
        return True
    return "always()" in terms and all(
        known.get(term.removesuffix(" != ''"), "") for term in terms if term != "always()"
    )
