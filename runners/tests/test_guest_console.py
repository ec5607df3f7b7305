"""What counts as a kernel's complaint, and what becomes of a console."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringspec.guest.console import EXCERPT_LINES, ConsoleLog, ConsoleWatcher, splat_in

# First lines of real reports, from mailing lists and the kernel's documentation.
COMPLAINTS = (
    "WARNING: CPU: 1 PID: 254 at io_uring/io_uring.c:2934 io_ring_exit_work+0x2b1/0x5e0",
    "WARNING: possible circular locking dependency detected",
    "BUG: kernel NULL pointer dereference, address: 0000000000000008",
    "BUG: KASAN: slab-use-after-free in io_poll_remove_entries+0x4f/0x240",
    "BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!",
    "BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580",
    "kernel BUG at io_uring/kbuf.c:123!",
    "Oops: general protection fault, probably for non-canonical address 0xdead000000000122",
    "Oops: 0002 [#1] PREEMPT SMP NOPTI",
    "general protection fault, maybe for address 0x0: 0000 [#1] SMP",
    "Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b",
    "Unable to handle kernel paging request at virtual address ffff800080000000",
    "INFO: task iou-wrk-254:255 blocked for more than 120 seconds.",
    "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
    "rcu: INFO: rcu_preempt self-detected stall on CPU",
    "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [iou-sqp-254:255]",
    "UBSAN: array-index-out-of-bounds in io_uring/rw.c:33:2",
    "refcount_t: underflow; use-after-free.",
    "BUG: KCSAN: data-race in io_worker_handle_work / io_wq_cancel_cb",
)
HARMLESS = (
    "Linux version 6.12.117+deb13-cloud-amd64 (debian-kernel@lists.debian.org)",
    "random: crng init done",
    "init[145]: segfault at 0 ip 000000000040f1a2 sp 00007ffd19b63410 error 6 in init",
    "sysrq: Show Blocked State",
    "Out of memory: Killed process 146 (init) total-vm:201896kB",
    "clocksource: Switched to clocksource tsc",
    "ringspec begin 12 AsyncCancel.AllTakesEveryRequest default",
    "debug: no bug here, no oops either",
)


@pytest.mark.parametrize("line", COMPLAINTS)
def test_a_complaint_is_noticed_with_and_without_a_stamp(line: str) -> None:
    assert splat_in(f"quiet\n{line}\nCall Trace:\n") == f"{line}\nCall Trace:"
    assert splat_in(f"[   12.345678][ T1234] {line}")


@pytest.mark.parametrize("line", HARMLESS)
def test_what_every_kernel_says_is_no_complaint(line: str) -> None:
    assert splat_in(f"[    1.000000] {line}") == ""


def test_an_excerpt_begins_at_the_cut_and_is_bounded() -> None:
    lines = ["before", "------------[ cut here ]------------", COMPLAINTS[0], *["x"] * 500]

    excerpt = splat_in("\n".join(lines)).splitlines()

    assert excerpt[:2] == lines[1:3]
    assert len(excerpt) == EXCERPT_LINES


def test_a_dead_guests_last_words_are_its_complaint() -> None:
    watcher = ConsoleWatcher(ConsoleLog(None))

    watcher.feed(b"[ 1.0] fine\r\n[ 2.0] Kernel pan")
    watcher.feed(b"ic - not syncing: sysrq triggered crash\r\n[ 2.1] Call Trace:\r\n[ 2.2] cut off")
    watcher.finish()

    assert watcher.complaint.splitlines() == [
        "[ 2.0] Kernel panic - not syncing: sysrq triggered crash",
        "[ 2.1] Call Trace:",
        "[ 2.2] cut off",
    ]
    assert watcher.tail.splitlines()[0] == "[ 1.0] fine"


def test_the_log_is_readable_text_of_bounded_size(tmp_path: Path) -> None:
    log = ConsoleLog(tmp_path / "console.log", largest=2000)
    watcher = ConsoleWatcher(log)

    watcher.feed(b"\x1b]0;title\x07\x1b[2J text \xff\n")
    for _ in range(100):
        watcher.feed(b"y" * 100 + b"\n")
    watcher.feed(b"z" * 1_000_000)
    log.close()

    text = (tmp_path / "console.log").read_text()
    assert text.startswith("\\x1b]0;title\\x07\\x1b[2J text \ufffd\n")
    assert len(text) < 2200
    assert text.endswith("[console log full: the rest is cut]\n")


def test_a_second_machine_adds_to_the_log_within_the_same_bound(tmp_path: Path) -> None:
    for _ in range(3):
        log = ConsoleLog(tmp_path / "console.log", largest=100)
        log.write("x" * 60)
        log.close()

    assert (tmp_path / "console.log").stat().st_size < 200
