"""Is this approval for exactly what was shown, by someone who may, in time, and not used before?

The digest binds an approval to bytes: plan, task text, artifacts, checks, answers, data (change set, account,
region), what was read outside, and the words shown. A nonce minted when it is shown makes it single-use.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gates.decision import Admitted, AllOf, Decision, Refused, Waiting
from gates.policy import GatePolicy
from state.run_state import Request

SHORT = 7  # characters of a digest that a person must name at least


def evidence_digest(
    *,
    plan: str,
    run: str,
    task: str,
    attempt: int,
    text: str,
    message: str,
    answers: Mapping[str, str],
    evidence: Mapping[str, Any],
) -> str:
    """SHA-256 (hex) over everything an approval covers.

    Args:
        plan: the plan's digest.
        task, text, message: the task's key, its text in the runbook, and the commit message it will get.
        evidence: `{"artifacts": [{path, sha256, size}], "checks": [...], "data": {...}, "review": [...],
            "witness": {...}}`, JSON values.
    """
    parts = ("artifacts", "checks", "data", "review", "witness")
    body = {
        "plan": plan, "run": run, "task": task, "attempt": attempt, "text": text, "message": message,
        "answers": dict(answers), **{part: evidence[part] for part in parts},
    }  # fmt: skip
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Given:
    """One approval as recorded: by whom, for which digest and nonce."""

    by: str
    digest: str
    nonce: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GateFacts:
    """All that a gate looks at.

    Attributes:
        checks: `{name, expected, seen, verdict}` of the evidence.
        request: what was shown, or None when nothing was.
        approvals: for that request.
        now: for expiry.
        changed: by name, what differs now from what was shown.
        operator: who runs the task.
    """

    checks: Sequence[Mapping[str, Any]]
    request: Request | None
    approvals: Sequence[Given]
    now: datetime
    changed: Sequence[str]
    operator: str
    policy: GatePolicy = field(default_factory=GatePolicy)


def checks_pass(facts: GateFacts) -> Decision:
    """Refused while any exit check failed. A task without checks rests on its approval alone."""
    failed = [check for check in facts.checks if check["verdict"] == "fail"]
    if failed:
        return Refused(tuple(f"{c['name']}: expected {c['expected']}, seen {c['seen']}" for c in failed))
    return Admitted()


def nothing_changed(facts: GateFacts) -> Decision:
    """Refused when a byte differs from what was shown."""
    return Refused(tuple(facts.changed)) if facts.changed else Admitted()


def approved(facts: GateFacts) -> Decision:
    """Admitted when enough people approved exactly what was shown, in time."""
    request, policy = facts.request, facts.policy
    if request is None:
        return Waiting("nothing has been shown yet")
    strangers = [given for given in facts.approvals if (given.digest, given.nonce) != (request.digest, request.nonce)]
    if strangers:
        other = strangers[0]
        return Refused(
            (f"approval by {other.by} is for {other.digest[:SHORT]}, the evidence is {request.digest[:SHORT]}",)
        )
    late = [given for given in facts.approvals if given.at >= request.expires_at]
    if late or (facts.now >= request.expires_at and not facts.approvals):
        return Refused((f"what was shown expired at {request.expires_at:%Y-%m-%d %H:%M} UTC",))
    people = {given.by for given in facts.approvals}
    if not policy.operator_may_approve:
        people.discard(facts.operator)
    if len(people) < policy.approvers:
        missing = policy.approvers - len(people)
        return Waiting(f"{missing} approval{'s' if missing > 1 else ''} of {request.digest[:SHORT]}")
    return Admitted(", ".join(sorted(people)))


EXIT_GATE: AllOf[GateFacts] = AllOf(checks_pass, nothing_changed, approved)
