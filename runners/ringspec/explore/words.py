"""What the generator makes programs of: times, files, and what goes with what."""

from __future__ import annotations

# Times against the window of a barrier, 40 ms: in the middle of the first, of the second, never.
SOON, LATER, NEVER = "20ms", "60ms", "10s"
# Repeats twice in each window, never near its end.
BEAT = "15ms"
# What a call may wait: keeps the timers above away from the end of a window.
SHORT = "8ms"
FILES = ("pipe0", "pipe1", "sock0")
# Files that can be held, and the requests that then stay in a worker.
HOLDABLE = {
    "pipe0": ("read", "splice"),
    "pipe1": ("read", "splice"),
    "sock0": ("recv",),
    "sock1": ("recv",),
    "epoll0": ("poll",),
}
OPCODES = ("poll", "read", "recv", "splice", "timeout", "futex", "nop")
BAD_FIELDS = ("ioprio", "buf_index", "splice_fd_in", "addr3", "off", "len")
# What an update or removal is meant for.
SUITED = {
    "timeout_remove": ("timeout", "link_timeout"),
    "timeout_update": ("timeout", "link_timeout"),
    "poll_remove": ("poll",),
    "poll_update": ("poll",),
}
