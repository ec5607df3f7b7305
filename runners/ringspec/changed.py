"""Which files of this repository changed: for checks that would take too long on all.

`python -m ringspec.changed` prints them, one a line.
"""

from __future__ import annotations

import subprocess

from ringspec.run.options import ROOT


def changed_files() -> frozenset[str]:
    """What differs from the branch this one left, or from the commit before; none without git."""
    base = git("merge-base", "HEAD", "origin/HEAD") or git("merge-base", "HEAD", "main")
    if not base or base == git("rev-parse", "HEAD"):
        base = git("rev-parse", "HEAD^")
    names = git("diff", "--name-only", base or "HEAD") + "\n"
    return frozenset((names + git("ls-files", "--others", "--exclude-standard")).split())


def git(*words: str) -> str:
    """What git says here; nothing where it fails or is not there."""
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    print("\n".join(sorted(changed_files())))
