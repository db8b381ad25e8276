"""Is this approval for exactly what was shown, by someone who may, in time, and not used before?

The digest binds an approval to bytes: plan, task text, artifacts, the tree entries of the commit (mode, type, blob),
checks, answers, data (change set, account, region), what was read outside, the policy in force, who did the work, the
words shown, when they were shown and until when that is good, and the hash of the journal's line before, so everything
that was recorded until then. A nonce minted when it is shown makes it single-use; a signature (`signed_text`) binds it
to a person who cannot be forged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gates.boxes import NEVER_BY_POLICY, unsettled, worthless_words
from gates.decision import Admitted, AllOf, Decision, Refused, Waiting
from gates.policy import GatePolicy, email_of
from gates.repeat import Former, Repeated, why_asked
from gates.words import POLICY as POLICY
from gates.words import REMOTE as REMOTE
from gates.words import SHORT as SHORT
from gates.words import UNATTENDED as UNATTENDED
from gates.words import UNCHANGED as UNCHANGED
from state.cheap_classes import dataclass
from state.counted import counted
from state.evidence import AGENT, CheckResult, Evidence, Request, RestsOn
from state.json_values import Json

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
        shown: `Request.covered`: `{"shown_at": ..., "expires_at": ..., "prev": ...}`, or None as there.
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


def rejection_of(approval: bytes, reason: str) -> bytes:
    """What somebody signs who rejects what they would approve by signing `approval` (docs/approvals.md)."""
    own = f"reason {hashlib.sha256(reason.encode()).hexdigest()}\n".encode()
    return b"phasegate rejection\n" + approval.partition(b"\n")[2] + own


@dataclass(frozen=True, slots=True)
class RecordedApproval:
    """One approval as recorded: by whom, for which digest and nonce, and how it came (`via`, as the journal has it).

    `signature` says whether it carries one; `fault` is what is wrong with it, "" when it verified, and `key` is the
    fingerprint of the key that made it. `rests_on`: the approval of before, where nobody was asked because of it.
    `terminal`: whether it is recorded that a terminal was there.
    """

    by: str
    digest: str
    nonce: str
    at: datetime
    via: str
    signature: bool = False
    fault: str = ""
    key: str = ""
    rests_on: RestsOn | None = None
    terminal: bool = False


@dataclass(frozen=True, slots=True)
class GateFacts:
    """All that a gate looks at. No fact has a default: one that nobody gathered would admit.

    Attributes:
        checks: of the evidence.
        request: what was shown, or None when nothing was.
        approvals: for that request.
        now: for expiry.
        changed: by name, what differs from what was shown: now, or in the commit that is judged.
        operators: everybody who did work of the attempt.
        orderer: who ordered the run, or began it where nobody else did.
        sandbox: whether the run acts on the account on this machine; only there approvals count that nobody gave.
        policy: the one that was in force when it was shown.
        shown_before: nonce -> (task key, attempt) of what else this run has shown, to name where a replay is from.
        task: key of the task to be left.
        spares_operator: whether --yes may count for the operator: it is the sandbox, and what bars them is that no
            terminal was there, nothing else.
        repeated: what is shown, where its run does again what a run before has done; None elsewhere.
        former: what that run was approved for at this task, None where it was not.
    """

    checks: Sequence[CheckResult]
    request: Request | None
    approvals: Sequence[RecordedApproval]
    now: datetime
    changed: Sequence[str]
    operators: Collection[str]
    orderer: str
    sandbox: bool
    policy: GatePolicy
    shown_before: Mapping[str, tuple[str, int]]
    task: str
    spares_operator: bool
    repeated: Repeated | None
    former: Former | None


def checks_pass(facts: GateFacts) -> Decision:
    """Refused while any exit check failed. A task without checks rests on its approval alone."""
    failed = [check for check in facts.checks if check.verdict == "fail"]
    if failed:
        return Refused(tuple(f"{c.name}: expected {c.expected}, seen {c.seen}" for c in failed))
    return Admitted()


def items_settled(facts: GateFacts) -> Decision:
    """Refused for a word on an item that does not count here; waiting while an item needs a person's word."""
    if worthless := worthless_words(facts.checks, facts.policy, operators=facts.operators, sandbox=facts.sandbox):
        return Refused(tuple(worthless))
    open_ = unsettled(facts.checks)
    return Waiting(f"a person's word on {', '.join(check.answers for check in open_)}") if open_ else Admitted()


def why_unsettled(facts: GateFacts) -> str:
    """Why nobody may approve yet: items without a word that counts; "" when there are none."""
    if not (open_ := unsettled(facts.checks)):
        return ""
    listed = ", ".join(check.answers for check in open_)
    return f"{listed} {'needs' if len(open_) == 1 else 'need'} a person's word first: attested, or waived with a reason"


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
    if nobody := _opened_by_nobody(facts.approvals):
        return Admitted(nobody)
    missing = policy.approvers - different_people(facts.approvals, policy)
    if missing > 0:
        return Waiting(f"{counted(missing, 'approval')} of {request.digest[:SHORT]}")
    return Admitted(", ".join(sorted(_people(facts.approvals).values())))


def _opened_by_nobody(approvals: Collection[RecordedApproval]) -> str:
    """`POLICY` or `UNCHANGED`, where one of these approvals is that and no person's; "" where none is."""
    return next((given.by for given in approvals if given.by in (POLICY, UNCHANGED)), "")


def different_people(approvals: Collection[RecordedApproval], policy: GatePolicy) -> int:
    """How many people these approvals are of: one address is one person, and so is one signing key where it counts."""
    people, keys = _people(approvals), {given.key for given in approvals if given.key}
    return min(len(people), len(keys)) if policy.signed else len(people)


def _people(approvals: Collection[RecordedApproval]) -> dict[str, str]:
    """Identities by their address, by which a person is known."""
    return {email_of(given.by): given.by for given in approvals}


def may_approve(facts: GateFacts, identity: str, *, unattended: bool = False) -> str:
    """Why this person (with `unattended`, --yes in their name) may not approve what is shown, or "".

    The signature is not looked at.
    """
    policy = facts.policy
    if identity.startswith(AGENT):
        return f"{identity} is no person, and what waits is a person's to approve"
    if not policy.names(identity):
        return f"{identity} is not among those who may approve here: {', '.join(policy.who)}"
    barred = policy.operator_may_approve is False and not (unattended and facts.spares_operator)
    if barred and email_of(identity) in set(map(email_of, facts.operators)):
        return f"{identity} ran this task, and the policy asks for somebody else's approval"
    if not policy.orderer_may_approve and email_of(identity) == email_of(facts.orderer):
        return f"{identity} ordered this run, and the policy asks for somebody else's approval"
    if any(email_of(given.by) == email_of(identity) for given in facts.approvals):
        return f"{identity} has approved this already; the same person twice is one approver"
    return ""


def policy_opens(facts: GateFacts) -> bool:
    """Whether the policy opens this gate by itself: it says so, and checks have shown enough.

    Something must have been checked: a policy that opened a gate at which nothing was looked at would skip it. What a
    person attested was not looked at either: then people are asked.
    """
    return opened_by_policy(facts.policy, facts.checks)


def why_not_unchanged(facts: GateFacts) -> str:
    """Why this gate does not open by itself on the approval of a run before; "" where it does."""
    if facts.repeated is None:
        return "its run begins nothing again"
    if not any(check.verdict == "pass" for check in facts.checks):
        return "nothing was looked at"
    return why_unsettled(facts) or why_asked(facts.repeated, facts.former)


def opened_by_policy(policy: GatePolicy, checks: Collection[CheckResult]) -> bool:
    """As `policy_opens`, for the checks of evidence that was recorded."""
    verdicts = {check.verdict for check in checks}
    return policy.opened_by_policy and "pass" in verdicts and not verdicts & NEVER_BY_POLICY and not unsettled(checks)


def _faults(facts: GateFacts, request: Request, given: RecordedApproval) -> Iterator[str]:
    """The first thing that is wrong with an approval, if any."""
    if why := _why_not_of_what_is_shown(facts, request, given):
        yield why
    elif given.by == POLICY and not policy_opens(facts):
        yield "it was recorded as opened by the policy, and the policy does not open this gate"
    elif any((given.by == nobody) != (given.via == nobody) for nobody in (POLICY, UNCHANGED)):
        yield f"it was recorded as given by {given.by}, and as having come by {given.via}"
    elif given.via == UNATTENDED and not facts.sandbox:
        yield "it was given by --yes, and a gate outside of the sandbox is opened by people only"
    elif given.by == UNCHANGED:
        yield from _faults_of_unchanged(facts, given)
    elif given.by != POLICY:
        yield from _faults_of_a_person(facts, given)


def _why_not_of_what_is_shown(facts: GateFacts, request: Request, given: RecordedApproval) -> str:
    """Why an approval is not one of exactly what is shown, given in time; "" where it is."""
    if given.nonce != request.nonce:
        return _replayed(facts, given)
    if given.digest != request.digest:
        return f"approval by {given.by} is for {given.digest[:SHORT]}, the evidence is {request.digest[:SHORT]}"
    if given.at >= request.expires_at:
        return f"approval by {given.by} came too late: {_expired(request)}"
    return ""


def _faults_of_unchanged(facts: GateFacts, given: RecordedApproval) -> Iterator[str]:
    """The first thing that is wrong with an approval that rests on one of before, if any."""
    if why := why_not_unchanged(facts):
        yield f"it was recorded as unchanged, and somebody has to be asked: {why}"
    elif facts.former is None or given.rests_on != facts.former.rests_on:
        yield "it names another approval to rest on than the one that was given last"


def _faults_of_a_person(facts: GateFacts, given: RecordedApproval) -> Iterator[str]:
    """The first thing that is wrong with a person's approval of what is shown, if any."""
    if why := may_approve(replace(facts, approvals=()), given.by, unattended=given.via == UNATTENDED):
        yield why
    elif given.fault:
        yield f"signature of {given.by}: {given.fault}"
    elif facts.policy.signed and not given.signature:
        yield f"approval by {given.by} is not signed, and the policy asks for signatures"
    elif given.via == REMOTE and not given.signature:
        yield f"approval by {given.by} came through the git remote and is not signed; whoever can push makes such a one"
    elif why := absent(facts.policy, terminal=given.terminal, signature=given.signature):
        yield f"approval by {given.by} does not count: {why}"


def absent(policy: GatePolicy, *, terminal: bool, signature: bool) -> str:
    """Why a person's word on an agent's work does not count: nothing says that they were there; "" where it does."""
    if policy.presence is None or policy.presence == "any" or terminal or signature:
        return ""
    return "the work is an agent's, and there was neither a terminal nor a signature"


def _replayed(facts: GateFacts, given: RecordedApproval) -> str:
    """Where an approval that answers another showing comes from."""
    if given.nonce not in facts.shown_before:
        return f"approval by {given.by} answers something that this run never showed: it is another run's, or made up"
    task, attempt = facts.shown_before[given.nonce]
    if task != facts.task:
        return f"approval by {given.by} was given for task {task}, not for {facts.task}"
    return f"approval by {given.by} was given for attempt {attempt}, and is good once only"


def _expired(request: Request) -> str:
    return f"what was shown expired at {request.expires_at:%Y-%m-%d %H:%M} UTC"


EXIT_GATE: AllOf[GateFacts] = AllOf(checks_pass, items_settled, nothing_changed, approved)
