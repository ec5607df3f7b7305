"""A program as the beginning of a case: the C++ that does the same, and the name of what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ringspec.explore.features import aim_of
from ringspec.explore.program import Program, Step
from ringspec.explore.timeline import Timeline
from ringspec.explore.wording import cancel_text, end_of, request_text, tag_name

# Codes of the kernel's own, include/linux/errno.h.
_RESTARTS = {
    "ERESTARTSYS": 512,
    "ERESTARTNOINTR": 513,
    "ERESTARTNOHAND": 514,
    "ENOIOCTLCMD": 515,
    "ERESTART_RESTARTBLOCK": 516,
    "EIOCBQUEUED": 529,
}
_CALLS = frozenset(("sync_cancel", "wait"))

_HEAD = """\
// {what}
#include <sys/epoll.h>
#include <sys/socket.h>

#include "harness/cases.h"
#include "harness/held_thread.h"
#include "harness/sync_cancel.h"

namespace ringspec {{
namespace {{

"""
_TAIL = "}\n\n}  // namespace\n}  // namespace ringspec\n"
_WINDOW = "40ms"  # As in harness/programs/program_run.cc.
_PATIENCE = "1s"


def skeleton(program: Program, seen: Timeline | None = None) -> str:
    """A file with one case: everything but its name, its clause and, unless `seen` says what came,
    what it expects.  It compiles and does what the program does."""
    what = f"What the program does in setup {program.setup}; see docs/writing-a-case.md."
    return _HEAD.format(what=what) + "\n".join(_Case(program, seen).lines()) + "\n" + _TAIL


class _Case:
    """The lines of a case, window by window."""

    def __init__(self, program: Program, seen: Timeline | None) -> None:
        self._program = program
        self._windows = list(seen.windows) if seen else []
        self._seen = seen is not None
        self._calls: Counter[str] = Counter()
        self._holds: Counter[str] = Counter()

    def lines(self) -> Iterator[str]:
        yield from _tags(self._program)
        yield ""
        yield 'RING_CASE(Suite, Claim, .clause = "ID") {'
        yield from ("  " + line for line in (*_objects(self._program), *self._body()))

    def _body(self) -> Iterator[str]:
        steps = self._program.steps
        batch: list[str] = []
        for step in steps:
            if user := step.values.get("user"):  # The harness has to know before it is submitted.
                yield from _submission(batch)
                batch = []
                yield f"ring.MayBecome({tag_name(step.word(0))}, {tag_name(user)});"
            if step.name:
                batch.append(request_text(step))
                continue
            yield from _submission(batch)
            batch = []
            yield from self._step(step)
        yield from _submission(batch)
        if any(step.verb == "close" for step in steps):
            return
        if self._windows or steps[-1].verb != "reap":
            yield self._reap()
        if any("mshot" in step.flags for step in steps):
            yield "ring.Close();"

    def _reap(self) -> str:
        window = self._windows.pop(0) if self._windows else {}
        self._calls = Counter()
        came = [
            _completes(tag, result)
            for (tag, result), count in sorted(window.items())
            if tag not in _CALLS
            for _ in range(count)
        ]
        return f"EXPECT_THAT(ring.ReapFor({_WINDOW}), UnorderedElementsAre({', '.join(came)}));"

    def _call(self, name: str, call: str) -> str:
        """A call with what it returned, where that is known."""
        window = self._windows[0] if self._windows else {}
        returned = [
            result
            for (tag, result), count in sorted(window.items())
            if tag == name
            for _ in range(count)
        ]
        self._calls[name] += 1
        if not self._seen or len(returned) < self._calls[name]:
            return call + ";"
        return f"EXPECT_THAT({call}, Returns({_number(returned[self._calls[name] - 1])}));"

    def _step(self, step: Step) -> Iterator[str]:
        what = step.word(0)
        if step.verb == "write":
            yield f"{_writer(what)}({step.word(1)});"
        elif step.verb == "hangup" and what.startswith("sock"):
            yield f"shutdown({what}.far(), SHUT_RDWR);"
        elif step.verb == "hangup":
            yield f"{_source(what)}.CloseWriteEnd();"
        elif step.verb == "hold":
            yield from self._hold(what)
        elif step.verb == "release":
            yield f"{self._reader(what)}.LetGo();"
            if what.startswith("epoll"):
                yield f"ASSERT_EQ(read({_source(what)}.read_end(), &byte, 1), 1);"
                yield from _watch(what, "EPOLLIN")
        elif step.verb == "wake":
            yield f"{what}.Wake();"
        elif step.verb == "close":
            yield "ring.Close();"
        elif step.verb == "sync":
            limit = f", {step.values['timeout']}" if "timeout" in step.values else ""
            yield self._call("sync_cancel", f"SyncCancel(ring, {cancel_text(step)}{limit})")
        elif step.verb == "wait":
            least = f".AtLeast({step.values['min']})" if "min" in step.values else ""
            yield self._call("wait", f"EnterAndWait(ring, Wait({what}).For({step.word(1)}){least})")
        elif step.verb == "reap":
            yield self._reap()

    def _reader(self, file: str) -> str:
        """Its name: a file may be held again after it was released."""
        return f"{file}_reader" + (str(self._holds[file]) if self._holds[file] > 1 else "")

    def _hold(self, file: str) -> Iterator[str]:
        self._holds[file] += 1
        if file.startswith("epoll"):
            yield from _watch(file, "EPOLLIN | EPOLLONESHOT")
        yield f"{_writer(file)}();"
        call = {
            "pipe": f"std::ignore = read({end_of(file)}, page, 1)",
            "sock": f"recv({end_of(file)}, page, 1, MSG_DONTWAIT)",
            "epol": f"epoll_wait({end_of(file)}, static_cast<epoll_event*>(page), 1, 0)",
        }[file[:4]]
        yield f"HeldThread {self._reader(file)}([&](void* page) {{ {call}; }});"
        yield f"{self._reader(file)}.LetGoAfter({_PATIENCE});"


def _tags(program: Program) -> Iterator[str]:
    names = {step.name for step in program.steps if step.name}
    names |= {step.values["user"] for step in program.steps if "user" in step.values}
    names |= {aim for aim in map(aim_of, program.steps) if aim}
    for number, name in enumerate(sorted(names), 1):
        yield f"constexpr Tag {tag_name(name)}{{\"{name}\", 0x{number:02x}'0000'0007}};"


def _objects(program: Program) -> Iterator[str]:
    yield "Ring ring;"
    words = {word for step in program.steps for word in (*step.words, step.values.get("fd", ""))}
    for prefix, kind in (("pipe", "Pipe"), ("sock", "SocketPair"), ("futex", "Futex")):
        for word in sorted(word for word in words if word.startswith(prefix)):
            yield f"{kind} {word};"
    for word in sorted(word for word in words if word.startswith("epoll")):
        yield f"Pipe {_source(word)};"
        yield f'Descriptor {word}(Must("epoll_create1", epoll_create1(EPOLL_CLOEXEC)));'
        yield f"epoll_event {word}_event{{.events = EPOLLIN, .data = {{}}}};"
        yield _control(word, "ADD")
    if any(step.verb == "release" and step.word(0).startswith("epoll") for step in program.steps):
        yield "char byte;"
    if any(step.verb == "splice" for step in program.steps):
        yield "Pipe sink;"


def _control(epoll: str, how: str) -> str:
    arguments = f"{epoll}.get(), EPOLL_CTL_{how}, {_source(epoll)}.read_end(), &{epoll}_event"
    return f'Must("epoll_ctl", epoll_ctl({arguments}));'


def _watch(epoll: str, events: str) -> Iterator[str]:
    yield f"{epoll}_event.events = {events};"
    yield _control(epoll, "MOD")


def _source(file: str) -> str:
    """The pipe that data comes from."""
    return f"{file}_source" if file.startswith("epoll") else file


def _writer(file: str) -> str:
    return f"{file}.SendToNear" if file.startswith("sock") else f"{_source(file)}.Write"


def _submission(batch: list[str]) -> Iterator[str]:
    if batch:
        yield f"ring.Submit({', '.join(batch)});"


def _completes(tag: str, text: str) -> str:
    result, *flags = text.split("+")
    more = "".join(f".{flag.capitalize()}()" for flag in flags)
    return f"Completes({tag_name(tag)}, {_number(result)}){more}"


def _number(result: str) -> str:
    """A result as C++: not every errno of the kernel has a name in its headers for users."""
    name = result.removeprefix("-")
    return str(-_RESTARTS[name]) if name in _RESTARTS else result
