"""The cache: what is in it, what goes first, and what nobody may take away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ringspec.cache.command import parse_size
from ringspec.cache.eviction import DEFAULT_LIMIT, entries, keep, limit_of, set_limit, shrink, touch
from ringspec.cli import main
from ringspec.run.options import UsageProblem


def put(cache: Path, kind: str, name: str, hours: float, size: int = 1000) -> Path:
    """An entry that was used so many hours ago."""
    directory = cache / kind / name
    directory.mkdir(parents=True)
    (directory / "file").write_bytes(bytes(size))
    then = time.time() - hours * 3600
    os.utime(directory, (then, then))
    return directory


def names(cache: Path) -> list[str]:
    return [entry.path.name for entry in entries(cache)]


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    put(tmp_path, "kernels", "old", hours=3)
    put(tmp_path, "snapshots", "older", hours=4)
    put(tmp_path, "snapshots", "new", hours=2)
    set_limit(tmp_path, 2500)

    dropped = shrink(tmp_path)

    assert [entry.path.name for entry in dropped] == ["older"]
    assert names(tmp_path) == ["new", "old"]


def test_a_small_entry_stays_where_a_large_one_does_not_fit(tmp_path: Path) -> None:
    put(tmp_path, "kernels", "large", hours=1, size=5000)
    put(tmp_path, "kernels", "small", hours=2)
    set_limit(tmp_path, 1500)

    shrink(tmp_path)

    assert names(tmp_path) == ["small"]


def test_what_a_run_may_be_using_stays(tmp_path: Path) -> None:
    put(tmp_path, "kernels", "in-use", hours=0)
    set_limit(tmp_path, 1)

    assert shrink(tmp_path) == []


def test_what_a_process_keeps_stays_until_it_ends(tmp_path: Path) -> None:
    kept = put(tmp_path, "kernels", "kept", hours=9)
    set_limit(tmp_path, 1)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from ringspec.cache.eviction import keep\n"
            "keep(Path(sys.argv[1])); print(); sys.stdin.read()",
            kept,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout and holder.stdout.readline()

        shrink(tmp_path)
        assert names(tmp_path) == ["kept"]

        holder.communicate()
        shrink(tmp_path)
        assert names(tmp_path) == []


def test_an_entry_made_anew_is_kept_and_the_old_one_is_not(tmp_path: Path) -> None:
    set_limit(tmp_path, 1)
    for _ in range(2):
        entry = put(tmp_path, "kernels", "again", hours=9)
        keep(entry)
        shrink(tmp_path)
        assert names(tmp_path) == ["again"]
        shutil.rmtree(entry)

    keep(tmp_path / "kernels" / "none")


def test_use_makes_an_entry_new_again(tmp_path: Path) -> None:
    image = put(tmp_path, "kernels", "a", hours=9) / "file"
    put(tmp_path, "kernels", "b", hours=1)

    touch(tmp_path, image)
    touch(tmp_path, tmp_path / "elsewhere" / "bzImage")

    assert names(tmp_path) == ["a", "b"]


def test_locks_and_work_in_progress_are_no_entries(tmp_path: Path) -> None:
    put(tmp_path, "snapshots", ".new-1", hours=0)
    put(tmp_path, "snapshots", ".new-0", hours=9)
    lock = tmp_path / "snapshots" / ".a.lock"
    lock.touch()

    shrink(tmp_path)

    assert names(tmp_path) == []
    left = {path.name for path in (tmp_path / "snapshots").iterdir()}
    assert left == {".new-1", ".a.lock"}


@pytest.mark.parametrize(
    ("text", "size"), [("500M", 500 << 20), ("8G", 8 << 30), ("1.5GiB", 3 << 29), ("77", 77)]
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1G", "1X"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem, match="expected a size such as"):
        parse_size(text)


def test_the_command_shows_keeps_and_clears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RINGSPEC_CACHE", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    put(tmp_path, "kernels", "linux-image-6.12", hours=2, size=3 << 20)
    assert limit_of(tmp_path) == DEFAULT_LIMIT

    assert main(["cache", "--limit", "4M"]) == 0
    assert "linux-image-6.12" in (shown := capsys.readouterr().out)
    assert "3 MiB of 4 MiB" in shown

    put(tmp_path, "snapshots", "settled", hours=1, size=3 << 20)
    main(["cache"])
    assert names(tmp_path) == ["settled"]

    main(["cache", "--clear"])
    assert names(tmp_path) == [] and limit_of(tmp_path) == 4 << 20
