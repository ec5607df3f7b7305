"""A machine's events as lines of JSON, and back: how they leave a worker."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from ringspec.model import Begun, Event, Execution, Facts, Observation


def encode(event: Event) -> str:
    """One line without its end."""
    match event:
        case Facts():
            told: dict[str, Any] = {"facts": asdict(event)}
        case Begun(execution):
            told = {"begun": _name(execution)}
        case Observation():
            told = {"seen": {**asdict(event), "execution": _name(event.execution)}}
    return json.dumps(told, separators=(",", ":"))


class Decoder:
    """Knows the order that the events are about."""

    def __init__(self, order: Iterable[Execution]) -> None:
        self._order = {execution.id: execution for execution in order}

    def event(self, told: Mapping[str, Any]) -> Event:
        """What a line said; ValueError, KeyError or TypeError if that is no event of this order."""
        if "facts" in told:
            return Facts(**told["facts"])
        if "begun" in told:
            return Begun(self._execution(told["begun"]))
        seen: dict[str, Any] = dict(told["seen"])
        for name in ("violations", "trace"):
            seen[name] = tuple(seen[name])
        seen["execution"] = self._execution(seen["execution"])
        return Observation(**seen)

    def _execution(self, name: list[int]) -> Execution:
        identity, attempt = name
        return replace(self._order[identity], attempt=attempt)


def _name(execution: Execution) -> list[int]:
    return [execution.id, execution.attempt]
