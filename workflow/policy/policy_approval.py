"""Who may say that a changed policy counts for a run? What is signed for that, and why an approval does not count.

Rules:
- Where the old list has signers, one of them signs; where there was one in this run, nothing less will do, not even
  when the list has become empty. Where nobody signs, it is somebody whom the old policy names.
- Who drove the run is barred as at its gates: always with `operator_may_approve: false`; where nobody has said, for
  work that was done without a terminal; never with true. So is the operator of the very gate, whenever they worked;
  and who ordered the run, with `orderer_may_approve: false`.
- A signature binds run, commit and the digests of the files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gates.policy import email_of
from gates.policy_change import GateRules, SigningKeys
from state.cheap_classes import dataclass
from state.event_types import Answered, EffectIntended, Event, HandedIn, PolicyApproved, Worked
from state.evidence import By
from state.passkey_signature import Signature
from state.task_state import BY_PROGRAM
from workflow.policy.policy_history import Known

# (keys, who, text, signature, when) -> what is wrong, "" for nothing
Verify = Callable[[SigningKeys, str, bytes, Signature, datetime], str]


def policy_text(run: str, head: str, files: Mapping[str, str | None]) -> bytes:
    """What an approver of a policy signs; docs/approvals.md describes it for verification by hand."""
    lines = ["phasegate policy", f"run {run}", f"commit {head}"]
    lines += [f"file {files[path] or 'none'} {json.dumps(path)}" for path in sorted(files)]
    return "\n".join([*lines, ""]).encode()


def policy_digest(run: str, head: str, files: Mapping[str, str | None]) -> str:
    """SHA-256 (hex) of that text, by which an approver without a terminal names what was seen."""
    return hashlib.sha256(policy_text(run, head, files)).hexdigest()


@dataclass(frozen=True, slots=True)
class Operator:
    """Who did the work of an attempt: an address, and whether no terminal was there. `seq`: of that event."""

    address: str
    without_terminal: bool
    seq: int


def operators(events: Iterable[Event]) -> list[Operator]:
    """Everybody who did work of this run, each time."""
    found, by_command = list[Operator](), dict[tuple[str, int], bool]()
    for event in events:
        if isinstance(event, HandedIn):
            command = by_command[event.task, event.attempt] = event.via in BY_PROGRAM
            found.append(Operator(email_of(event.by.git), command or event.terminal is False, event.seq))
        elif isinstance(event, EffectIntended) and event.alone is not None:
            found.append(Operator(email_of(event.alone.git), True, event.seq))
        elif isinstance(event, Answered) and event.terminal is False:
            found.append(Operator(email_of(event.by.git), True, event.seq))
        elif isinstance(event, Worked) and event.evidence.by is not None:
            without = by_command.get((event.task, event.attempt), False) or event.evidence.terminal is False
            found.append(Operator(email_of(event.evidence.by.git), without, event.seq))
    return found


@dataclass(frozen=True, slots=True)
class PolicyApprovals:
    """Judges approvals of changed policies for one gate of a run.

    Attributes:
        run: its id.
        operators: who did its work, each time.
        verify: looks at a signature.
        own: the operators of the gate's own attempt, barred whenever they approved.
        orderer: who ordered the run, or began it where nobody else did.
    """

    run: str
    operators: Sequence[Operator]
    verify: Verify
    orderer: str
    own: Sequence[Operator] = ()

    def __call__(self, event: PolicyApproved, rules: GateRules, known: Known) -> bool:
        """Whether this approval counts for a gate with these old rules."""
        return not self.why_not(event, rules, known)

    def why_not(self, event: PolicyApproved, rules: GateRules, known: Known) -> str:
        """Why it does not; "" where it does."""
        text = policy_text(self.run, event.head, event.files)
        return self._why_not(event.by, event.signature, text, event.at, rules, known, before=event.seq)

    def why_may_not(self, who: str, rules: GateRules, known: Known) -> str:
        """Why this person may not give one now, as far as that can be told before a signature is made; or ""."""
        barred = self._why_barred(who, rules, None)
        return barred or ("" if needs_signature(rules, known) else _why_not_named(who, rules))

    def for_gate_of(self, own: Sequence[Operator]) -> PolicyApprovals:
        """The same for a gate whose work these did."""
        return replace(self, own=own)

    def _why_not(
        self,
        by: By,
        signature: Signature,
        text: bytes,
        at: datetime,
        rules: GateRules,
        known: Known,
        *,
        before: int,
    ) -> str:
        if barred := self._why_barred(by.git, rules, before):
            return barred
        if not needs_signature(rules, known):
            return _why_not_named(by.git, rules)
        if not signature:
            return f"approval by {by.git} is not signed, and the policy that counts has signers"
        fault = self.verify(signers_of(rules, known), by.git, text, signature, at)
        return f"signature of {by.git}: {fault}" if fault else ""

    def _why_barred(self, who: str, rules: GateRules, before: int | None) -> str:
        """Why who did the work may not approve it; `before`: the event that is judged, None for now."""
        if not rules.policy.orderer_may_approve and email_of(who) == email_of(self.orderer):
            return f"{who} ordered this run, and the policy that counts asks for somebody else's approval"
        said = rules.policy.operator_may_approve
        if said is True:
            return ""
        earlier = [each for each in self.operators if before is None or each.seq < before]
        for each in (*earlier, *self.own):
            if each.address == email_of(who) and (said is False or each.without_terminal):
                return f"{who} did work of this run, and the policy that counts asks for somebody else's approval"
        return ""


def needs_signature(rules: GateRules, known: Known) -> bool:
    """Whether a signature is asked for to change these rules."""
    return known.ever or bool(rules.allowed)


def signers_of(rules: GateRules, known: Known) -> SigningKeys:
    """The keys of those who may sign a change of these rules: the gate's; the repository's where it asks for none."""
    return rules.keys if rules.allowed or rules.policy.signed else rules.keys._replace(allowed=known.lines)


def _why_not_named(who: str, rules: GateRules) -> str:
    if rules.policy.names(who):
        return ""
    return f"{who} is not among those who may approve here: {', '.join(rules.policy.who)}"
