"""A step of a program in the words of cases: requests, cancels, tags."""

from __future__ import annotations

from ringspec.explore.program import Step

_POLL_EVENTS = {"in": "POLLIN", "out": "POLLOUT", "pri": "POLLPRI", "rdnorm": "POLLRDNORM"}
_OPCODES = {
    "poll": "IORING_OP_POLL_ADD",
    "read": "IORING_OP_READ",
    "recv": "IORING_OP_RECV",
    "splice": "IORING_OP_SPLICE",
    "timeout": "IORING_OP_TIMEOUT",
    "futex": "uapi::kOpFutexWait",
    "nop": "IORING_OP_NOP",
}
_FLAGS = {
    "link": "Link",
    "hardlink": "HardLink",
    "drain": "Drain",
    "async": "Async",
    "skip": "SkipSuccess",
    "abs": "Abs",
    "boot": "Boottime",
    "real": "Realtime",
    "etime_success": "EtimeSuccess",
    "mshot": "Multishot",
    "all": "All",
    "any": "Any",
    "linked": "OfLinkTimeout",
}
_REPEATING = ".With([](uapi::Sqe& sqe) { sqe.len |= IORING_POLL_ADD_MULTI; })"


def request_text(step: Step) -> str:
    """The request, with its tag."""
    fields = "".join(
        f".With([](uapi::Sqe& sqe) {{ sqe.{key.removeprefix('set.')} = {value}; }})"
        for key, value in sorted(step.values.items())
        if key.startswith("set.")
    )
    flags = "" if step.verb == "cancel" else _flags(step)
    if step.verb == "timeout_update":  # Flags that are refused there, and have no word.
        flags = flags.replace(".Boottime()", ".Flags(IORING_TIMEOUT_BOOTTIME)")
        flags = flags.replace(".Realtime()", ".Flags(IORING_TIMEOUT_REALTIME)")
    if step.verb == "poll_update":
        flags = flags.replace(".Multishot()", _REPEATING)
    return f"{_kind(step)}{flags}{fields}.Tag({tag_name(step.name)})"


def _kind(step: Step) -> str:
    what = step.word(0)
    end = end_of(what)
    events = _POLL_EVENTS.get(step.values.get("events", ""), "")
    length = f", {step.values['len']}" if "len" in step.values else ""
    plain = {
        "nop": "Nop()",
        "poll": f"PollAdd({end}{', ' + events if events else ''})",
        "read": f"Read({end}{length})",
        "recv": f"Recv({end}{length})",
        "splice": f"Splice({end}, sink.write_end())",
        "futex": f"FutexWait({what})",
        "timeout": f"Timeout({_due(step, 0)})",
        "link_timeout": f"LinkTimeout({_due(step, 0)})",
        "timeout_remove": f"TimeoutRemove({tag_name(what)})",
        "timeout_update": f"TimeoutUpdate({tag_name(what)}, {_due(step, 1)})",
        "poll_remove": f"PollRemove({tag_name(what)})",
        "poll_update": f"PollRemove({tag_name(what)})",
    }
    text = plain[step.verb] if step.verb in plain else cancel_text(step)
    if "imm" in step.flags:
        text += f".Immediate(static_cast<std::uint64_t>(Duration({_due(step, 0)}).count()))"
    if "count" in step.values:
        text += f".Count({step.values['count']})"
    if step.verb == "poll_update":
        text += f".UpdateEvents({events})" if events else ""
        user = step.values.get("user")
        text += f".UpdateUserData({tag_name(user)})" if user else ""
    return text


def end_of(file: str) -> str:
    """The descriptor that requests wait on."""
    method = {"sock": "near", "epol": "get"}.get(file[:4], "read_end")
    return f"{file}.{method}()"


def cancel_text(step: Step) -> str:
    """A cancel, in either form, without its tag."""
    text = f"Cancel({tag_name(step.word(0)) if step.words else ''})"
    if file := step.values.get("fd"):
        text += f".Fd({end_of(file)})"
    if verb := step.values.get("op"):
        text += f".Opcode({_OPCODES.get(verb, verb)})"
    if "userdata" in step.flags:
        text += f".UserData({tag_name(step.word(0))})"
    return text + _flags(step)


def _due(step: Step, index: int) -> str:
    if "abs" not in step.flags:
        return step.word(index)
    clock = "CLOCK_REALTIME" if "real" in step.flags else ""
    clock = "CLOCK_BOOTTIME" if "boot" in step.flags else clock
    return f"Now({clock}) + {step.word(index)}"


def _flags(step: Step) -> str:
    return "".join(f".{_FLAGS[flag]}()" for flag in sorted(step.flags) if flag in _FLAGS)


def tag_name(name: str) -> str:
    """The constant that a name becomes."""
    return f"k{name.upper()}"
