"""Is this approval for exactly what was shown, by someone who may, in time, and not used before?

The digest binds an approval to bytes: plan, task text, artifacts, the tree entries of the commit (mode, type, blob),
checks, answers, data (change set, account, region), what was read outside, the policy in force, who did the work, the
words shown, when they were shown and until when that is good. A nonce minted when it is shown makes it single-use; a
signature (`signed_text`) binds it to a person who cannot be forged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gates.decision import Admitted, AllOf, Decision, Refused, Waiting
from gates.policy import GatePolicy, email_of
from state.evidence import CheckResult, Evidence, Request
from state.json_values import Json

SHORT = 7  # characters of a digest that a person must name at least
UNATTENDED = "--yes"  # how an approval came that nobody looked at: it counts in the sandbox only
POLICY = "policy"  # who approved, where the policy opened the gate by itself: never the name of a person
NAMESPACE = "phasegate"  # of SSH signatures, so that one made for something else opens no gate


def evidence_digest(
    *,
    plan: str,
    run: str,
    task: str,
    attempt: int,
    text: str,
    message: str,
    answers: Mapping[str, str],
    evidence: Evidence,
    shown: Mapping[str, str] | None,
    version: int,
) -> str:
    """SHA-256 (hex) over everything an approval covers.

    Args:
        version: the run's format; it is covered from 2 on, so that no evidence has one digest in both.
        plan: the plan's digest.
        task, text, message: the task's key, its text in the runbook, and the commit message it will get.
        evidence: what `Evidence.to_json` gives of it is covered.
        shown: `Request.covered_times`: `{"shown_at": ..., "expires_at": ...}`, or None as there.
    """
    body: dict[str, Json] = {
        **({"v": version} if version > 1 else {}),
        "plan": plan,
        "run": run,
        "task": task,
        "attempt": attempt,
        "text": text,
        "message": message,
        "answers": dict(answers),
        **evidence.to_json(),
        **({"shown": dict(shown)} if shown is not None else {}),
    }
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def signed_text(*, run: str, task: str, attempt: int, digest: str, nonce: str) -> bytes:
    """What an approver signs; docs/approvals.md describes it for verification by hand."""
    lines = ["phasegate approval", f"run {run}", f"task {task}", f"attempt {attempt}", f"digest {digest}"]
    return "\n".join([*lines, f"nonce {nonce}", ""]).encode()


@dataclass(frozen=True, slots=True)
class Given:
    """One approval as recorded: by whom, for which digest and nonce, and how it came (`via`, as the journal has it).

    `signature` says whether it carries one; `fault` is what is wrong with it, "" when it verified, and `key` is the
    fingerprint of the key that made it.
    """

    by: str
    digest: str
    nonce: str
    at: datetime
    via: str
    signature: bool = False
    fault: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class GateFacts:
    """All that a gate looks at. No fact has a default: one that nobody gathered would admit.

    Attributes:
        checks: of the evidence.
        request: what was shown, or None when nothing was.
        approvals: for that request.
        now: for expiry.
        changed: by name, what differs from what was shown: now, or in the commit that is judged.
        operator: who ran the task.
        sandbox: whether the run acts on the account on this machine; only there approvals count that nobody gave.
        policy: the one that was in force when it was shown.
        shown_before: nonce -> (task key, attempt) of what else this run has shown, to name where a replay is from.
        task: key of the task to be left.
        spares_operator: whether --yes may count for the operator: it is the sandbox, and what bars them is that no
            terminal was there, nothing else.
    """

    checks: Sequence[CheckResult]
    request: Request | None
    approvals: Sequence[Given]
    now: datetime
    changed: Sequence[str]
    operator: str
    sandbox: bool
    policy: GatePolicy
    shown_before: Mapping[str, tuple[str, int]]
    task: str
    spares_operator: bool


def checks_pass(facts: GateFacts) -> Decision:
    """Refused while any exit check failed. A task without checks rests on its approval alone."""
    failed = [check for check in facts.checks if check.verdict == "fail"]
    if failed:
        return Refused(tuple(f"{c.name}: expected {c.expected}, seen {c.seen}" for c in failed))
    return Admitted()


def nothing_changed(facts: GateFacts) -> Decision:
    """Refused when a byte differs from what was shown."""
    return Refused(tuple(facts.changed)) if facts.changed else Admitted()


def approved(facts: GateFacts) -> Decision:
    """Admitted when enough people who may have approved exactly what was shown, in time."""
    request, policy = facts.request, facts.policy
    if request is None:
        return Waiting("nothing has been shown yet")
    faults = [fault for given in facts.approvals for fault in _faults(facts, request, given)]
    if faults:
        return Refused(tuple(faults))
    if facts.now >= request.expires_at and not facts.approvals:
        return Refused((_expired(request),))
    if any(given.by == POLICY for given in facts.approvals):
        return Admitted(POLICY)
    missing = policy.approvers - different_people(facts.approvals, policy)
    if missing > 0:
        return Waiting(f"{missing} approval{'s' if missing > 1 else ''} of {request.digest[:SHORT]}")
    return Admitted(", ".join(sorted({email_of(given.by): given.by for given in facts.approvals}.values())))


def different_people(approvals: Collection[Given], policy: GatePolicy) -> int:
    """How many people these approvals are of: one address is one person, and so is one signing key where it counts."""
    people, keys = {email_of(given.by) for given in approvals}, {given.key for given in approvals if given.key}
    return min(len(people), len(keys)) if policy.signed else len(people)


def may_approve(facts: GateFacts, identity: str, *, unattended: bool = False) -> str:
    """Why this person (with `unattended`, --yes in their name) may not approve what is shown, or "".

    The signature is not looked at.
    """
    policy = facts.policy
    if not policy.names(identity):
        return f"{identity} is not among those who may approve here: {', '.join(policy.who)}"
    barred = policy.operator_may_approve is False and not (unattended and facts.spares_operator)
    if barred and email_of(identity) == email_of(facts.operator):
        return f"{identity} ran this task, and the policy asks for somebody else's approval"
    if any(email_of(given.by) == email_of(identity) for given in facts.approvals):
        return f"{identity} has approved this already; the same person twice is one approver"
    return ""


def policy_opens(facts: GateFacts) -> bool:
    """Whether the policy opens this gate by itself: it says so, and checks have shown enough.

    Something must have been checked: a policy that opened a gate at which nothing was looked at would skip it. What a
    person attested was not looked at either: then people are asked.
    """
    return opened_by_policy(facts.policy, facts.checks)


def opened_by_policy(policy: GatePolicy, checks: Collection[CheckResult]) -> bool:
    """As `policy_opens`, for the checks of evidence that was recorded."""
    verdicts = {check.verdict for check in checks}
    return policy.opened_by_policy and "pass" in verdicts and not verdicts & {"fail", "not-checked", "attested"}


def _faults(facts: GateFacts, request: Request, given: Given) -> Iterator[str]:
    """The first thing that is wrong with an approval, if any."""
    if given.nonce != request.nonce:
        yield _replayed(facts, given)
    elif given.digest != request.digest:
        yield f"approval by {given.by} is for {given.digest[:SHORT]}, the evidence is {request.digest[:SHORT]}"
    elif given.at >= request.expires_at:
        yield f"approval by {given.by} came too late: {_expired(request)}"
    elif given.by == POLICY and not policy_opens(facts):
        yield "it was recorded as opened by the policy, and the policy does not open this gate"
    elif (given.by == POLICY) != (given.via == POLICY):
        yield f"it was recorded as given by {given.by}, and as having come by {given.via}"
    elif given.via == UNATTENDED and not facts.sandbox:
        yield "it was given by --yes, and a gate outside of the sandbox is opened by people only"
    elif given.by != POLICY:
        yield from _faults_of_a_person(facts, given)


def _faults_of_a_person(facts: GateFacts, given: Given) -> Iterator[str]:
    """The first thing that is wrong with a person's approval of what is shown, if any."""
    if why := may_approve(replace(facts, approvals=()), given.by, unattended=given.via == UNATTENDED):
        yield why
    elif given.fault:
        yield f"signature of {given.by}: {given.fault}"
    elif facts.policy.signed and not given.signature:
        yield f"approval by {given.by} is not signed, and the policy asks for signatures"


def _replayed(facts: GateFacts, given: Given) -> str:
    """Where an approval that answers another showing comes from."""
    if given.nonce not in facts.shown_before:
        return f"approval by {given.by} answers something that this run never showed: it is another run's, or made up"
    task, attempt = facts.shown_before[given.nonce]
    if task != facts.task:
        return f"approval by {given.by} was given for task {task}, not for {facts.task}"
    return f"approval by {given.by} was given for attempt {attempt}, and is good once only"


def _expired(request: Request) -> str:
    return f"what was shown expired at {request.expires_at:%Y-%m-%d %H:%M} UTC"


EXIT_GATE: AllOf[GateFacts] = AllOf(checks_pass, nothing_changed, approved)
