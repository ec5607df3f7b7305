"""What is said between host and guest: order lines one way, JSON lines the other.

Everything that comes from a guest is checked here and nowhere else: wrong types are `Garbled`,
and no control character gets past this module (a kernel under test must not be able to talk to
the terminal of whoever reads the report).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ringspec.guest.options import MachineOptions
from ringspec.model import Execution, Facts, Observation

PROTOCOL = 1
STATUSES = frozenset(("ran", "refused", "error", "hang", "crash"))
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

# Honest guests cut their texts at 16 KiB (harness/guest/stream.h), their evidence at twice that.
LONGEST_OUTCOME = 4096
# The invariant that a ring breaks which the kernel does not get rid of (harness/guest/ring_exit.h).
TEARDOWN = "slow_teardown"
LONGEST_TEXT = 64 * 1024
MOST_NAMES = 200

Message = Mapping[str, Any]


class Garbled(Exception):
    """A line that no guest of ours would write."""


def printable(text: str) -> str:
    """The text with every control character but newline and tab made visible."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)


def order_text(executions: Iterable[Execution], options: MachineOptions) -> bytes:
    """One order: what to run, in this sequence, and how long each may take in guest time."""
    cases = [_line(one) for one in executions]
    lines = (
        "order 1",
        f"limit {options.limit_ms}",
        f"seed {options.seed}",
        f"trace {'all' if options.trace_all else 'red'}",
        *cases,
        f"go {len(cases)}",
    )
    return "".join(line + "\n" for line in lines).encode()


def _line(one: Execution) -> str:
    if one.program:
        return f"program {one.id} {one.setup} {one.program}"
    return f"case {one.id} {one.setup} {one.case}"


def parse_message(line: bytes) -> Message:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Garbled(f"not JSON: {line[:80]!r}") from error
    if not isinstance(message, dict) or not isinstance(message.get("event"), str):
        raise Garbled(f"not an event: {line[:80]!r}")
    clean: Message = _clean(message)
    return clean


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def _field(message: Message, name: str, kind: type) -> Any:
    value = message.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Garbled(f"{message['event']}: {name} is {value!r:.60}, expected {kind.__name__}")
    return value


def _text(message: Message, name: str, longest: int = LONGEST_TEXT) -> str:
    text: str = _field(message, name, str)
    return text if len(text) <= longest else text[:longest] + "...[cut]"


def _mapping(message: Message, name: str, kind: type) -> Mapping[str, Any]:
    mapping: Mapping[str, Any] = _field(message, name, dict)
    return _all_are(message, name, mapping.values(), kind) and mapping or {}


def _all_are(message: Message, name: str, values: Iterable[Any], kind: type) -> bool:
    there = list(values)
    if len(there) > MOST_NAMES and kind is not dict:
        raise Garbled(f"{message['event']}: {name} holds {len(there)} things")
    if all(isinstance(value, kind) for value in there):
        return True
    raise Garbled(f"{message['event']}: {name} holds something else than {kind.__name__}")


def message_id(message: Message) -> int:
    number: int = _field(message, "id", int)
    return number


def taint_of(message: Message) -> int:
    mask: int = _field(message, "tainted", int)
    return mask


def facts_of(messages: Mapping[str, Message], vm: Mapping[str, Any]) -> Facts:
    """Facts from the three lines that come before `ready`."""
    try:
        hello, settled, probes = (messages[name] for name in ("hello", "settled", "probes"))
    except KeyError as missing:
        raise Garbled(f"ready without {missing}") from None
    if _field(hello, "protocol", int) != PROTOCOL:
        raise Garbled(
            f"protocol {hello['protocol']}, expected {PROTOCOL}: binary and runner differ"
        )
    return Facts(
        release=_field(hello, "release", str),
        uname_version=_field(hello, "version", str),
        machine=_field(hello, "machine", str),
        cpus=_field(hello, "cpus", int),
        probes=_mapping(probes, "present", bool),
        setups=_mapping(probes, "setups", str),
        calibration=_field(settled, "calibration", dict),
        vm=vm,
    )


def observation_of(message: Message, execution: Execution) -> Observation:
    status = _field(message, "status", str)
    if status not in STATUSES:
        raise Garbled(f"end: unknown status {status!r:.40}")
    violations = _field(message, "violations", list)
    trace = _field(message, "trace", list)
    _all_are(message, "violations", violations, str)
    _all_are(message, "trace", trace, dict)
    told = _text(message, "message")
    evidence = _text(message, "evidence")
    if "stuck_ring" in message:
        violations = [*violations, TEARDOWN]
        told += f"{TEARDOWN}: a ring that was closed 2 s ago is still there\n"
        evidence = "\n".join(filter(None, (evidence, _text(message, "stuck_ring"))))
    return Observation(
        execution=execution,
        status=status,
        holds=_field(message, "holds", bool),
        outcome=_text(message, "outcome", LONGEST_OUTCOME),
        message=told,
        drawn=_mapping(message, "drawn", int),
        violations=tuple(dict.fromkeys(violations)),
        trace=tuple(trace),
        evidence=evidence,
        guest_ns=_field(message, "guest_ns", int),
    )
