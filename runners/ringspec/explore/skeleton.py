"""A program as the beginning of a case: the C++ that does the same, and the name of what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from ringspec.explore.program import Program, Step

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


def skeleton(program: Program) -> str:
    """A RING_CASE with everything but its name, its clause and what it expects."""
    lines = [f"// setup {program.setup}", 'RING_CASE(Suite, Claim, .clause = "ID") {']
    lines += [f"  {line}" for line in _objects(program)]
    lines += [f"  {line}" for line in _body(program)]
    count = sum(1 for step in program.steps if step.name)
    lines += [f"  EXPECT_THAT(ring.Reap({count}), UnorderedElementsAre());", "}"]
    return "\n".join(lines) + "\n"


def _objects(program: Program) -> Iterator[str]:
    names = sorted({step.name for step in program.steps if step.name})
    for number, name in enumerate(names, 1):
        yield f"constexpr Tag {_tag(name)}{{\"{name}\", 0x{number:x}000'000{number:x}'0000'0007}};"
    yield "Ring ring;"
    words = {word for step in program.steps for word in (*step.words, step.values.get("fd", ""))}
    for prefix, kind in (("pipe", "Pipe"), ("sock", "SocketPair"), ("futex", "Futex")):
        for word in sorted(word for word in words if word.startswith(prefix)):
            yield f"{kind} {word};"
    for word in sorted(word for word in words if word.startswith("epoll")):
        yield f'Descriptor {word}(Must("epoll_create1", epoll_create1(EPOLL_CLOEXEC)));'
    if any(step.verb == "splice" for step in program.steps):
        yield "Pipe sink;"


def _body(program: Program) -> Iterator[str]:
    batch: list[str] = []
    for step in program.steps:
        if step.name:
            batch.append(_request(step))
            continue
        yield from _submission(batch)
        batch = []
        yield from _step(step)
    yield from _submission(batch)


def _submission(batch: list[str]) -> Iterator[str]:
    if batch:
        yield f"ring.Submit({', '.join(batch)});"


def _step(step: Step) -> Iterator[str]:
    what = step.word(0)
    if step.verb == "write":
        yield f"{what}.{'SendToNear' if what.startswith('sock') else 'Write'}({step.word(1)});"
    elif step.verb == "hangup":
        yield f"{what}.CloseWriteEnd();" if what.startswith("pipe") else f"// hang up {what}"
    elif step.verb == "hold" and what.startswith("epoll"):
        yield f"// A thread holds the lock of {what} in epoll_wait()."
    elif step.verb == "hold":
        yield f"{what}.{'SendToNear' if what.startswith('sock') else 'Write'}();"
        yield f"HeldThread {what}_reader([&](void* page) {{ read({_end(what)}, page, 1); }});"
    elif step.verb == "release":
        yield f"{what}_reader.LetGo();"
    elif step.verb == "wake":
        yield f"{what}.Wake();"
    elif step.verb == "close":
        yield "ring.Close();"
    elif step.verb == "sync":
        limit = f", {step.values['timeout']}" if "timeout" in step.values else ""
        yield f"SyncCancel(ring, {_cancel(step)}{limit});"
    elif step.verb == "wait":
        yield f"EnterAndWait(ring, Wait({what}).For({step.word(1)}));"
    elif step.verb == "reap":
        yield "// What has come by now?"


def _request(step: Step) -> str:
    fields = "".join(
        f".With([](uapi::Sqe& sqe) {{ sqe.{key.removeprefix('set.')} = {value}; }})"
        for key, value in sorted(step.values.items())
        if key.startswith("set.")
    )
    flags = "" if step.verb == "cancel" else _flags(step)
    return f"{_kind(step)}{flags}{fields}.Tag({_tag(step.name)})"


def _kind(step: Step) -> str:
    what = step.word(0)
    end = _end(what)
    events = _POLL_EVENTS.get(step.values.get("events", ""), "")
    plain = {
        "nop": "Nop()",
        "poll": f"PollAdd({end}{', ' + events if events else ''})",
        "read": f"Read({end})",
        "recv": f"Recv({end})",
        "splice": f"Splice({end}, sink.write_end())",
        "futex": f"FutexWait({what})",
        "timeout": f"Timeout({_due(step, 0)})",
        "link_timeout": f"LinkTimeout({_due(step, 0)})",
        "timeout_remove": f"TimeoutRemove({_tag(what)})",
        "timeout_update": f"TimeoutUpdate({_tag(what)}, {_due(step, 1)})",
        "poll_remove": f"PollRemove({_tag(what)})",
        "poll_update": f"PollRemove({_tag(what)})",
    }
    text = plain[step.verb] if step.verb in plain else _cancel(step)
    if "count" in step.values:
        text += f".Count({step.values['count']})"
    if step.verb == "poll_update":
        text += f".UpdateEvents({events})" if events else ""
        user = step.values.get("user")
        text += f".UpdateUserData({_tag(user)})" if user else ""
    return text


def _end(file: str) -> str:
    method = {"sock": "near", "epol": "get"}.get(file[:4], "read_end")
    return f"{file}.{method}()"


def _cancel(step: Step) -> str:
    text = f"Cancel({_tag(step.word(0)) if step.words else ''})"
    if file := step.values.get("fd"):
        text += f".Fd({_end(file)})"
    if verb := step.values.get("op"):
        text += f".Opcode({_OPCODES.get(verb, verb)})"
    if "userdata" in step.flags:
        text += f".UserData({_tag(step.word(0))})"
    return text + _flags(step)


def _due(step: Step, index: int) -> str:
    return f"Now() + {step.word(index)}" if "abs" in step.flags else step.word(index)


def _flags(step: Step) -> str:
    return "".join(f".{_FLAGS[flag]}()" for flag in sorted(step.flags) if flag in _FLAGS)


def _tag(name: str) -> str:
    return f"k{name.upper()}"
