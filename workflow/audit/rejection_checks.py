"""Did who is said to have rejected something sign that? Verified as an approval is, by the keys that counted then.

Rules:
- A rejection opens nothing, so it need not be signed: those at gates that ask for signatures are listed, where they are
  not. One that came through the git remote is signed, or it is nobody's.
- Who takes their own work back rejects nothing.
- What is signed names run, task, attempt, digest, nonce and reason (docs/approvals.md).
- The keys are those of the policy that is recorded with what was shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gates.approval import REMOTE, rejection_of, signed_text
from gates.policy import GatePolicy
from gates.policy_change import SigningKeys
from state.counted import counted as counted_words
from state.errors import BadInput
from state.event_types import Event, HandedIn, Rejected, Worked
from state.fold import fold
from state.run_state import RunState
from state.task_events import is_taken_back
from state.task_state import TaskState
from workflow.audit.counted_policies import CountedPolicies
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.engine.counting_policy import CanVerify, names_no_keys, verified, worked_seq


def unsigned_rejections(events: Sequence[Event]) -> Unprovable | None:
    """Rejections by people at gates that ask for signatures, and that carry none; None where there are none."""
    given = sum(not event.signature for event in _at_signed_gates(events))
    if not given:
        return None
    message = f"who gave {counted_words(given, 'rejection')}: none is signed, and none opens anything"
    return Unprovable("unsigned-rejection", message)


def _at_signed_gates(events: Sequence[Event]) -> Iterator[Rejected]:
    shown: dict[str, Worked] = {}
    handed_in: dict[str, HandedIn] = {}
    for event in events:
        if isinstance(event, HandedIn):
            handed_in[event.task] = event
        elif isinstance(event, Worked):
            shown[event.task] = event
        elif isinstance(event, Rejected) and is_taken_back(event, handed_in.get(event.task)):
            continue
        elif isinstance(event, Rejected) and (last := shown.get(event.task)) is not None:
            policy = last.evidence.policy
            if policy is not None and policy.signed and event.at < last.request.expires_at:  # later: nobody did
                yield event


def check_rejections(
    run: RunState, events: Sequence[Event], counted: CountedPolicies, verifier: CanVerify, report: Report
) -> None:
    """Report each rejection whose signature does not verify, or is missing where it has to be."""
    for number, event in enumerate(events):
        if not isinstance(event, Rejected) or not (event.signature or event.via == REMOTE):
            continue
        who = event.by.git
        if not event.signature:
            message = f"{who} rejected through the git remote, and signed nothing"
            report(Finding("signature-missing", message, event.task))
            continue
        try:
            why = _fault(run, events[:number], event, counted, verifier)
        except BadInput as error:
            report(_unverified(event, error.message))
            continue
        if why is None:
            report(_unverified(event, "the keys of then are not in sight"))
        elif why:
            place = run.segments.place(event.seq)
            report(Finding("signature-invalid", f"{place}: rejection by {who}: {why}", event.task))


def _unverified(event: Rejected, why: str) -> Unprovable:
    return Unprovable("signature-unverified", f"that {event.by.git} signed a rejection: {why}", event.task)


def _fault(
    run: RunState, before: Sequence[Event], event: Rejected, counted: CountedPolicies, verifier: CanVerify
) -> str | None:
    """What is wrong with a signed rejection, "" for nothing, None without keys. Raises BadInput without ssh-keygen."""
    state = fold(before).task(event.task)
    recorded = state.worked.policy if state.worked else None
    if recorded is None or state.request is None:
        return "nothing waited there"
    policy = GatePolicy.of(recorded)
    if not event.by.git.isprintable():
        return "that is nobody's name"
    if missing := names_no_keys(policy, event.signature):
        return f"the policy {missing}"
    if not policy.names(event.by.git):
        return f"who is not among {', '.join(policy.who)}"
    shown = state.request
    approval = signed_text(
        run=run.run_id, task=event.task, attempt=event.attempt, digest=event.digest, nonce=shown.nonce
    )
    if (event.attempt, event.digest) != (state.attempt, shown.digest):
        return f"it is for attempt {event.attempt} and {event.digest[:7]}, what waited is another"
    keys = _keys(run, before, state, policy, counted)
    text = rejection_of(approval, event.reason)
    return verified(verifier, keys, event.by.git, text, event.signature, event.at) if keys is not None else None


def _keys(
    run: RunState, before: Sequence[Event], state: TaskState, policy: GatePolicy, counted: CountedPolicies
) -> SigningKeys | None:
    """The keys by which the gate was judged; None where they are not in sight."""
    task = next((each for each in run.all_tasks if each.key == state.key), None)
    standings = counted.standings(task, before=worked_seq(before, state), own=state) if task else []
    found = [each for each in standings if each.files == policy.files]
    return found[-1].rules.keys if found else None
