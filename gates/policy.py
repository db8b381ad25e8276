"""Who may open a gate? The rules of one gate, as plain values, and which rules are whose.

Rules:
- The default: one approver, who may be the operator, within 24 hours. Everything stricter is said explicitly.
- A person is known by the e-mail address of the git identity; upper and lower case are the same.
- What was in force when the evidence was shown is recorded with it (`recorded`) and judged by: a policy that changes
  later changes nothing that was shown before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import timedelta
from fnmatch import fnmatchcase

from state.cheap_classes import dataclass
from state.evidence import Presence, RecordedPolicy

ATTEMPTS = 5  # of an agent at one task, where nobody has said


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What a gate asks for.

    Attributes:
        approvers: how many different people must approve.
        who: e-mail addresses, or patterns (`*@example.com`) for them, of those who may; empty: everybody.
        operator_may_approve: whether the person who ran the task counts as one of them. None, where nobody has said:
            yes at a terminal, no for work that was done without one, which may be a program's; see `settled`.
        expires_after: how long what was shown may wait; then it counts as rejected, never as approved.
        signed: whether each approval must carry a signature that verifies, by an SSH key or a passkey.
        opened_by_policy: the policy opens the gate by itself when the task's checks passed, none failed and none
            was left out or attested; otherwise people are asked, as without it.
        allowed_signers, revoked_keys, passkeys: workspace paths of what signatures are verified against, "" for none.
        files: path -> SHA-256 (hex) of the files that said so: the policy, and those key files.
        presence: how a person must be there to approve an agent's work: by a signature, at a terminal (a signature will
            do there, too), or not at all. None, where nobody has said: at a terminal. Once `settled`, None is work that
            is no agent's.
        attempts: how many attempts at a task an agent has; then a person hands the work in. None: `ATTEMPTS`.
        repeat: whether unchanged work is left by the approval of before (`gates.repeat`); None, where nobody has said:
            yes against the sandbox, else no.
        user_verified: whether a passkey must have verified its holder, by a finger, a face or a PIN.
        tick_not_applicable: whether the boxes of what does not apply, and of what was waived, are ticked, too.
        orderer_may_approve: whether who ordered the run, or began it where nobody else did, counts as one of them.
    """

    approvers: int = 1
    who: tuple[str, ...] = ()
    operator_may_approve: bool | None = None
    expires_after: timedelta = timedelta(hours=24)
    signed: bool = False
    opened_by_policy: bool = False
    allowed_signers: str = ""
    revoked_keys: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    presence: Presence | None = None
    attempts: int | None = None
    repeat: bool | None = None
    passkeys: str = ""
    user_verified: bool = True
    tick_not_applicable: bool = False
    orderer_may_approve: bool = True

    @property
    def key_files(self) -> tuple[str, ...]:
        """The paths of the files with keys that it names."""
        return tuple(filter(None, (self.allowed_signers, self.revoked_keys, self.passkeys)))

    @property
    def asks_for_keys(self) -> bool:
        """Whether signatures open its gates, at least those of agents' work."""
        return self.signed or self.presence == "signed"

    @property
    def passkeys_alone(self) -> bool:
        """Whether a signature is asked for that no SSH key gives."""
        return self.signed and bool(self.passkeys) and not self.allowed_signers

    @property
    def attempts_of_agents(self) -> int:
        """How many attempts at a task an agent has."""
        return ATTEMPTS if self.attempts is None else self.attempts

    def names(self, identity: str) -> bool:
        """Whether `who` has this git identity (`Name <email>`)."""
        return not self.who or any(fnmatchcase(email_of(identity), pattern.lower()) for pattern in self.who)

    def settled(self, *, without_terminal: bool, agents: bool) -> GatePolicy:
        """As it holds for one task, once it is known whether a terminal was there when its work was done, and whether
        that is an agent's: then people who are there open it, never the approval of before.
        """
        presence = (self.presence or "terminal") if agents else None
        may = not without_terminal if self.operator_may_approve is None else self.operator_may_approve
        signed = self.signed or presence == "signed"
        settled = replace(self, operator_may_approve=may, presence=presence, signed=signed, attempts=None)
        return replace(settled, repeat=False) if agents else settled

    def recorded(self) -> RecordedPolicy:
        """As the journal has it, settled."""
        return RecordedPolicy(
            approvers=self.approvers,
            who=self.who,
            operator_may_approve=self.operator_may_approve is not False,
            expires_after=int(self.expires_after.total_seconds()),
            signed=self.signed,
            opened_by_policy=self.opened_by_policy,
            allowed_signers=self.allowed_signers,
            revoked_keys=self.revoked_keys,
            files=self.files,
            presence=self.presence,
            repeat=self.repeat,
            passkeys=self.passkeys,
            user_verified=self.user_verified,
            tick_not_applicable=self.tick_not_applicable,
            orderer_may_approve=self.orderer_may_approve,
        )

    @classmethod
    def of(cls, recorded: RecordedPolicy) -> GatePolicy:
        """What `recorded` gave; settings that only a later release knows are left out."""
        return cls(
            approvers=recorded.approvers,
            who=recorded.who,
            operator_may_approve=recorded.operator_may_approve,
            expires_after=timedelta(seconds=recorded.expires_after),
            signed=recorded.signed,
            opened_by_policy=recorded.opened_by_policy,
            allowed_signers=recorded.allowed_signers,
            revoked_keys=recorded.revoked_keys,
            files=recorded.files,
            presence=recorded.presence,
            repeat=recorded.repeat,
            passkeys=recorded.passkeys,
            user_verified=recorded.user_verified,
            tick_not_applicable=recorded.tick_not_applicable,
            orderer_may_approve=recorded.orderer_may_approve,
        )


@dataclass(frozen=True, slots=True)
class GateRule:
    """The policy of some gates.

    Attributes:
        gate: a task's id, key or title, or a pattern for one of them (`3.*`, `Deploy*`).
        workflow: name of, or pattern for, the workflows it is about.
        place: `file:line:column`, for messages.
    """

    gate: str
    workflow: str
    policy: GatePolicy
    place: str

    def is_about(self, workflow: str, key: str, id_: str, title: str) -> bool:
        """Whether it governs the gate of this task."""
        return fnmatchcase(workflow, self.workflow) and any(
            name == self.gate or fnmatchcase(name, self.gate) for name in (key, id_, title) if name
        )


@dataclass(frozen=True, slots=True)
class Policies:
    """A workspace's policy: the first rule that is about a gate, else the default.

    Attributes:
        commit: template of commit messages for tasks whose runbook has none, "" for the usual form.
        tests: the command that checkpoints run, "" when it is asked for.
    """

    default: GatePolicy = field(default_factory=GatePolicy)
    rules: Sequence[GateRule] = ()
    commit: str = ""
    tests: str = ""

    def for_gate(self, workflow: str, key: str, id_: str, title: str) -> GatePolicy:
        """The policy of this task's gate."""
        return next((rule.policy for rule in self.rules if rule.is_about(workflow, key, id_, title)), self.default)


def address_of(identity: str) -> str:
    """The address in `Name <email>`, as written; the whole text where there is none."""
    return identity.rpartition("<")[2].rstrip(">").strip()


def email_of(identity: str) -> str:
    """Its address in lower case: by this a person is known."""
    return address_of(identity).lower()
