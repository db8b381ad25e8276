"""What is approved when a policy became weaker under a run? Shows what would judge instead, and records who says yes.

Rules:
- What is approved is a commit's policy and keys, named by a digest; both are looked at again when it is said.
- An approval that would count for no gate of the run is refused, with the reason for each, before anything is written.
- A run of format 1 cannot record it, and goes on as it began.
"""

from __future__ import annotations

from collections.abc import Sequence

from gates.policy_change import GateRules
from gates.words import FULL, SHORT, approve_policy_command, is_named
from state.cheap_classes import dataclass
from state.errors import BadInput, Problem
from state.event_types import PolicyApproved, PolicyApprovedVia
from state.evidence import By
from state.model import PlannedTask
from state.passkey_signature import PasskeySignature, Signature, signature_fields
from workflow.engine.counting_policy import nobodys_passkey, own_operators
from workflow.engine.open_run import OpenRun
from workflow.policy.look_alikes import FILE
from workflow.policy.passkeys import Passkey, passkey_of, passkeys_in, revoked_ids
from workflow.policy.policy_approval import (
    Operator,
    PolicyApprovals,
    needs_signature,
    policy_digest,
    policy_text,
    signers_of,
)
from workflow.policy.policy_history import Held, Standing

BY_PASSKEY = "phasegate serve   # on the page of the run, with a passkey of who may"


@dataclass(frozen=True, slots=True)
class WeakerGate:
    """A gate that the committed policy opens more easily than the one that counts."""

    task: PlannedTask
    standing: Standing
    new: GateRules

    @property
    def signed(self) -> bool:
        """Whether whoever approves the change has to sign that."""
        return needs_signature(self.standing.rules, self.standing.known)


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What `approve --policy` puts before whoever may say yes.

    Attributes:
        head: the commit that holds the new policy; `held`: what it holds.
        before: what the run's base holds.
        gates: those that would open more easily, in the plan's order.
        passkeys: those by which it may be signed: that count now, of people whose approval would count.
        refusal: why whoever asks may not approve it, as far as that is known before they sign; or "".
    """

    run: str
    head: str
    held: Held
    before: Held
    gates: Sequence[WeakerGate]
    passkeys: Sequence[Passkey] = ()
    refusal: str = ""

    @property
    def digest(self) -> str:
        return policy_digest(self.run, self.head, self.held.files)

    @property
    def text_to_sign(self) -> bytes:
        return policy_text(self.run, self.head, self.held.files)

    @property
    def signed(self) -> bool:
        """Whether a signature is asked for at one of the gates."""
        return any(gate.signed for gate in self.gates)

    @property
    def passkeys_alone(self) -> bool:
        """Whether a signature is asked for that no SSH key gives."""
        keys = _keys_of([gate for gate in self.gates if gate.signed])
        return bool(keys) and len(passkeys_in(keys)) == len(keys)


def _keys_of(gates: Sequence[WeakerGate]) -> frozenset[str]:
    """The lines of those who may sign at these gates."""
    found = [signers_of(gate.standing.rules, gate.standing.known) for gate in gates]
    return frozenset(line for each in found for line in each.allowed)


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    """What was recorded: for which gates (labels) it counts, and for which it does not, with the reason."""

    run: str
    counts: Sequence[str]
    left: Sequence[Problem]


class PolicyReview:
    """Approvals of changed policies for one run."""

    def __init__(self, run: OpenRun) -> None:
        self._run = run

    def change(self, by: By | None = None) -> PolicyChange:
        """What changed and waits for an approval; `by`: who asks.

        Raises BadInput for a run of format 1, where nothing waits, and as `PolicyInForce.for_gate`.
        """
        run_id = self._run.run_id
        if self._run.state.is_of_0_1:
            raise BadInput(
                f"run {run_id} is of format 1, which cannot record approve --policy; it goes on as it began",
                next_command=f"phasegate resume {run_id}\n"
                f"      phasegate abort {run_id} --reason TEXT   # and a new run",
            )
        open_ones = [task for task in self._run.plan.tasks if not self._run.state.is_done(task.key)]
        for task in open_ones[:1]:
            self._run.counting.policy(task)  # not sound, or not committed: refused
        gates = list(filter(None, map(self._weaker, open_ones)))
        if not gates:
            raise BadInput(
                f"{FILE} and its keys at HEAD are not weaker at any open gate of run {run_id} than what counts there: "
                "there is nothing to approve",
                next_command=f"phasegate resume {run_id}",
            )
        head, held = self._run.counting.head()
        before = self._run.counting.at_base()
        judge = self._run.counting.approvals()
        why = [judge.why_may_not(by.git, gate.standing.rules, gate.standing.known) if by else "" for gate in gates]
        passkeys = [each for each in passkeys_in(_keys_of(gates)) if self._may_sign(judge, each, gates)]
        return PolicyChange(run_id, head, held, before, gates, passkeys, why[0] if all(why) else "")

    def _may_sign(self, judge: PolicyApprovals, passkey: Passkey, gates: Sequence[WeakerGate]) -> bool:
        """Whether a signature by this passkey would count for one of these gates."""
        for gate in gates:
            rules, known, here = gate.standing.rules, gate.standing.known, judge.for_gate_of(self._own(gate))
            counts = passkey_of(signers_of(rules, known), passkey.id) and passkey.id not in revoked_ids(rules.revoked)
            if counts and not here.why_may_not(passkey.identity, rules, known):
                return True
        return False

    def holder(self, signature: PasskeySignature) -> str:
        """Whose passkey it is (`Name <address>`), among the signers that count now. Raises BadInput as `change`, and
        where it is nobody's.
        """
        for gate in self.change().gates:
            if found := passkey_of(signers_of(gate.standing.rules, gate.standing.known), signature.id):
                return found.identity
        raise nobodys_passkey(self._run.run_id, signature.id, self._run.counting.head()[1])

    def _weaker(self, task: PlannedTask) -> WeakerGate | None:
        own = own_operators(self._run.state.task(task.key))
        standing = self._run.counting.standing(task, own=own)
        new = standing.held.rules(self._run.state.start.workflow, task)
        return WeakerGate(task, standing, new) if standing.weaker and new is not None else None

    def approve(self, digest: str, via: PolicyApprovedVia, *, by: By, signature: Signature = "") -> PolicyVerdict:
        """Record this person's approval of the policy with this digest.

        Seven characters of it are enough, but all are needed where a signature is.

        Raises BadInput as `change`, when the digest is another one, and when the approval would count nowhere.
        """
        change = self.change()
        if not is_named(digest, change.digest, signed=change.signed):
            more = f"; it has to be signed: expected all {FULL} characters" if change.signed else ""
            raise BadInput(
                f"the approval names {digest!r}, the policy at HEAD ({change.head[:10]}) is "
                f"{change.digest[:SHORT]}{more}",
                next_command=f"{approve_policy_command(change.run)}   # shows it",
            )
        given = self._given(change, via, by, signature)
        judge = self._run.counting.approvals()
        found = [(gate.task.label, self._why_not(judge, given, gate)) for gate in change.gates]
        left = [Problem(label, why) for label, why in found if why]
        if len(left) == len(found):
            raise _counts_nowhere(change, left)
        said = {**signature_fields(signature), **self._run.unnamed_commit()}
        files = dict(change.held.files)
        self._run.record("policy-approved", head=change.head, files=files, by=by, via=via, sync=True, **said)
        return PolicyVerdict(change.run, [label for label, why in found if not why], left)

    def _given(self, change: PolicyChange, via: PolicyApprovedVia, by: By, signature: Signature) -> PolicyApproved:
        """The event of this approval, as it would be recorded now."""
        return PolicyApproved(
            len(self._run.journal.events),
            self._run.doors.clock.now(),
            "",
            self._run.state.start.version,
            {},
            change.head,
            change.held.files,
            by,
            via,
            signature,
            None,
        )

    def _why_not(self, judge: PolicyApprovals, given: PolicyApproved, gate: WeakerGate) -> str:
        return judge.for_gate_of(self._own(gate)).why_not(given, gate.standing.rules, gate.standing.known)

    def _own(self, gate: WeakerGate) -> Sequence[Operator]:
        return own_operators(self._run.state.task(gate.task.key))


def _counts_nowhere(change: PolicyChange, why: Sequence[Problem]) -> BadInput:
    return BadInput(
        f"this approval of {FILE} counts for no gate of run {change.run}",
        problems=why,
        next_command=_by_who_may(change),
    )


def _by_who_may(change: PolicyChange) -> str:
    if change.passkeys_alone:
        return BY_PASSKEY
    if change.signed:
        return f"{approve_policy_command(change.run)} --key FILE   # by who may, with their key"
    return f"phasegate status {change.run}   # somebody else approves it"
