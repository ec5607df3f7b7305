"""Judges: clause x observation x kernel to one verdict, by the table of rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ringspec.judge.outcomes import matches_any
from ringspec.judge.rules import COLUMNS, KINDS, RULES, Rule
from ringspec.judge.versions import in_range
from ringspec.model import Case, Clause, Facts, Kernel, Observation, Result

# The first release whose interface offers each setup: io_uring_setup(2), FLAGS.
SETUP_SINCE = {"default": "5.1", "defer": "6.1", "coop": "5.19", "sqpoll": "5.1"}
_EVIDENCE_LIMIT = 4000


@dataclass(frozen=True)
class Verdict:
    """The judgement of one execution, with the words for people."""

    name: str
    why: str
    level: str
    in_range: bool
    present: bool
    message: str

    @property
    def ok(self) -> bool:
        return KINDS[self.name].ok

    @property
    def environment(self) -> bool:
        return KINDS[self.name].environment


def judge(
    clause: Clause, observation: Observation, facts: Facts | None, kernel: Kernel, setup: str
) -> Verdict:
    """The one verdict on this observation.  `facts` is None where the machine never said hello."""
    situation = situate(clause, observation, facts, kernel, setup)
    rule = next(rule for rule in RULES if rule.applies(situation))
    message = (
        "" if KINDS[rule.verdict].ok else _message(rule, clause, observation, facts, situation)
    )
    return Verdict(
        name=rule.verdict,
        why=rule.why,
        level=clause.level if situation["judged as"] == "promise" else "observed",
        in_range=situation["range"] == "in",
        present=situation["needs"] == "present",
        message=message,
    )


def result_of(
    case: Case, clause: Clause, observation: Observation, facts: Facts | None, kernel: Kernel
) -> Result:
    """Judges one execution and makes its line of results.jsonl (known issues come later)."""
    execution = observation.execution
    verdict = judge(clause, observation, facts, kernel, execution.setup)
    return Result(
        spec=kernel.spec,
        kernel=kernel.kernel,
        release=facts.release if facts else kernel.release,
        version=kernel.version,
        setup=execution.setup,
        case=case.name,
        clause=clause.id,
        level=verdict.level,
        verdict=verdict.name,
        in_range=verdict.in_range,
        present=verdict.present,
        outcome=observation.outcome,
        drawn=observation.drawn,
        violations=observation.violations,
        known_issue=None,
        message=verdict.message,
        repeat=execution.repeat,
        attempt=execution.attempt,
        guest_ns=observation.guest_ns,
    )


def situate(
    clause: Clause, observation: Observation, facts: Facts | None, kernel: Kernel, setup: str
) -> dict[str, str]:
    """The value of every column of the table for this observation."""
    outcome = observation.outcome
    probed = {need: _probe(need, facts) for need in clause.needs}
    configured = not clause.config or _probe(f"config:{clause.config}", facts) is not False
    ranged = configured and in_range(kernel.version, clause.since, clause.until, clause.backports)
    present = configured and all(probed.values())
    if clause.setups and setup not in clause.setups:
        judged = "elsewhere"
        allowed = not clause.elsewhere or matches_any(outcome, clause.elsewhere)
    elif clause.level == "observed":
        judged, allowed = "observed", matches_any(outcome, clause.expected)
    else:
        judged, allowed = "promise", False
    return {
        "status": observation.status if observation.status in COLUMNS["status"] else "error",
        "setup": "in range"
        if in_range(kernel.version, SETUP_SINCE.get(setup, ""))
        else "out of range",
        "probes": "unknown" if None in probed.values() else "known",
        "judged as": judged,
        "range": "in" if ranged else "out",
        "needs": "present" if present else "absent",
        "holds": "yes" if observation.holds else "no",
        "older": "yes" if matches_any(outcome, clause.older) else "no",
        "allowed": "yes" if allowed else "no",
    }


def _probe(need: str, facts: Facts | None) -> bool | None:
    """Whether the running kernel offers this; None if the guest did not say."""
    if facts is None:
        return None
    kind, _, name = need.partition(":")
    if kind == "setup" and need not in facts.probes and name in facts.setups:
        return facts.setups[name] == "ok"
    return facts.probes.get(need)


def _message(
    rule: Rule,
    clause: Clause,
    observation: Observation,
    facts: Facts | None,
    situation: Mapping[str, str],
) -> str:
    """What was promised, by whom, what came and what was expected."""
    lines = [rule.why, f"promised: {clause.says}", f"by: {clause.source} ({standing(clause)})"]
    if clause.conflicts:
        lines.append(f"but: {clause.conflicts}")
    if observation.outcome:
        lines.append(f"came: {observation.outcome}")
    if rule.verdict == "missing" and observation.status == "ran":
        gone = ", ".join(need for need in clause.needs if not _probe(need, facts))
        lines.append(f"not offered: {gone or clause.config}")
    if situation["probes"] == "unknown" and observation.status == "ran":
        unknown = ", ".join(need for need in clause.needs if _probe(need, facts) is None)
        lines.append(f"no such probe in the guest: {unknown}")
    if rule.verdict in ("fail", "differs"):
        patterns = {"observed": clause.expected, "elsewhere": clause.elsewhere}.get(
            situation["judged as"], clause.older if situation["range"] == "out" else ()
        )
        if patterns:
            lines.append("expected one of: " + " | ".join(patterns))
    if observation.message:
        lines.append(observation.message)
    if observation.evidence:
        lines.append("evidence:\n" + _beginning(observation.evidence))
    return "\n".join(lines)


def _beginning(evidence: str) -> str:
    """Complaints and stacks begin with what matters most."""
    if len(evidence) <= _EVIDENCE_LIMIT:
        return evidence
    return evidence[:_EVIDENCE_LIMIT].rpartition("\n")[0] + "\n[the rest is kept in traces/]"


def standing(clause: Clause) -> str:
    """Level and range in words: "must, since 5.19, backported to 6.1.170"."""
    words = [clause.level]
    if clause.since:
        words.append(f"since {clause.since}")
    if clause.until:
        words.append(f"until {clause.until}")
    if clause.backports:
        words.append("backported to " + ", ".join(clause.backports))
    if clause.config:
        words.append(f"with {clause.config}")
    return ", ".join(words)
