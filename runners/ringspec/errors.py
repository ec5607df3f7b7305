"""What a command cannot go on from: every such error derives from Problem and is told in its own words."""

from __future__ import annotations

INTERRUPTED, ENVIRONMENT, USAGE, NOTHING_RAN = 2, 3, 4, 5


class Problem(Exception):
    """`exit_code` is the command's answer: the user asked for the wrong thing, or the surroundings failed."""

    exit_code = USAGE
