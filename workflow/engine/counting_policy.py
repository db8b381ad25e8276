"""Which policy counts for a gate of this run, here and now? Reads HEAD's commits through the git door.

Rules:
- The committed policy counts, read from the blob that HEAD holds: what a filter or an index bit makes of the file in
  the working tree is nobody's policy. A file that differs from HEAD is refused (`PolicyInForce`).
- Runs of 0.1 go by the policy that is committed when a gate is shown, as they began.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from gates.approval import SHORT
from gates.operators import is_agents_work
from gates.policy import GatePolicy, address_of, email_of
from gates.policy_change import SigningKeys, key_files, passkey_fields, without_paths
from gates.words import look_at_weaker
from state.cheap_classes import dataclass
from state.errors import BadInput
from state.event_types import Event, NamedTask, PolicyApproved, Worked
from state.files import MISSING
from state.model import PlannedTask
from state.passkey_signature import PasskeySignature, Signature
from state.printable import as_name
from state.run_state import RunState
from state.task_state import TaskState
from workflow.policy.effective_policy import PolicyInForce
from workflow.policy.look_alikes import FILE
from workflow.policy.policy_approval import Operator, PolicyApprovals, Verify, operators
from workflow.policy.policy_history import (
    Held,
    PolicyReader,
    Standing,
    follow,
    is_as_shown,
    standing_shown,
    way_through,
)
from workflow.ports import Signatures

if TYPE_CHECKING:
    from workflow.git_port import Git

SHORT_WAY = 64  # commits that are looked at one by one


@dataclass(frozen=True, slots=True)
class GitStored:
    """What commits hold, by the git door (`workflow.policy.policy_history.Stored`)."""

    git: Git

    def id_at(self, commit: str, path: str) -> str:
        return self.git.tree_ids(commit, [path]).get(path, "")

    def data_at(self, commit: str, path: str) -> bytes:
        return self.git.blob(commit, path) or b""


class CountingPolicy:
    """The policy of a run's gates, as commits since its base and approvals of changes make it."""

    def __init__(
        self,
        committed: PolicyInForce,
        git: Git,
        state: RunState,
        events: Sequence[Event],
        signatures: Signatures | None,
    ) -> None:
        self._committed = committed
        self._git = git
        self._state = state
        self._events = events
        self._verify: Verify = verifier(signatures)
        self._reader = PolicyReader(GitStored(git))
        self._paths: set[str] = {FILE}
        self._way: list[str] = []
        self._places: dict[str, int] = {}  # where in the way each of its commits is
        self._held: dict[str, Held] = {}  # of the commits of the way at which something may be another
        self._read: dict[str, Held] = {}
        self._at = ""

    # --- the gate ------------------------------------------------------------------------------------------------

    def policy(self, task: PlannedTask, own: Sequence[Operator] = ()) -> GatePolicy:
        """The policy of this task's gate, with the digests of the files that say so; `own` did its work.

        Raises BadInput as `PolicyInForce.for_gate`: also where the committed policy is not sound.
        """
        policy = self._committed.for_gate(self._state.start.workflow, task)
        return policy if self._state.is_of_0_1 else self.standing(task, own=own).policy

    def standing(
        self, task: NamedTask | PlannedTask, *, own: Sequence[Operator] = (), before: int | None = None, at: str = ""
    ) -> Standing:
        """How the gate of a task stands in a commit (HEAD without one); approvals behind `before` are late."""
        return list(self._standings(task, own, before, at))[-1]

    def shown(self, task: PlannedTask, state: TaskState) -> Standing | None:
        """How the gate stood when what waits there was shown; None where no commit holds what was recorded then."""
        recorded = state.worked.policy if state.worked else None
        if recorded is None:
            return None
        found = self._standings(task, own_operators(state), worked_seq(self._events, state), "")
        return standing_shown(list(found), recorded.files)

    def changes(self, task: PlannedTask, state: TaskState) -> list[str]:
        """By name, what differs in the policy of a gate from what was shown there, where that is about this gate.

        Raises BadInput as `PolicyInForce.for_gate`.
        """
        self._committed.for_gate(self._state.start.workflow, task)
        return self.changes_in("", task, state)

    def changes_in(self, commit: str, task: PlannedTask, state: TaskState) -> list[str]:
        """As `changes`, in this commit of the run's way (HEAD without one), whatever lies here; none in runs of 0.1."""
        if self._state.is_of_0_1 or state.worked is None or state.worked.policy is None:
            return []
        recorded = GatePolicy.of(state.worked.policy)
        now, shown = self.standing(task, own=own_operators(state), at=commit), self.shown(task, state)
        if now.held.policies is None:
            return [f"{FILE} in {now.commit[:10]} cannot be read: no gate opens at it"]
        agents = is_agents_work(self._state, state)
        settled = now.rules.policy.settled(without_terminal=state.without_terminal, agents=agents)
        if is_as_shown(shown, now, agents=agents) and without_paths(recorded) == without_paths(settled):
            return []
        return _changed_files(recorded.files, now.files) or [f"{FILE} as it counts for this gate is another one since"]

    def keys(self, task: PlannedTask, state: TaskState, commit: str) -> SigningKeys:
        """The keys that count for a gate: now, or in this commit."""
        before = worked_seq(self._events, state) if commit else None
        return self.standing(task, own=own_operators(state), before=before, at=commit).rules.keys

    def tests_changed(self, checkpoints: Sequence[PlannedTask]) -> tuple[str, str] | None:
        """The test command of the run's base, or of its last done checkpoint, and the committed one, where they differ.

        None in runs of 0.1, where an unreadable policy is one of the two, and where they are the same.
        """
        if self._state.is_of_0_1:
            return None
        seen = [sha for each in checkpoints if (sha := self._state.task(each.key).commit)]
        before = self._in(seen[-1] if seen else self._state.start.base).policies
        now = self.head()[1].policies
        if before is None or now is None or before.tests == now.tests:
            return None
        return before.tests, now.tests

    # --- an approval ---------------------------------------------------------------------------------------------

    def head(self) -> tuple[str, Held]:
        """The commit that HEAD is at, and the policy and keys that it holds."""
        sha = self._git.head()
        return sha, self._reader.held(sha)

    def at_base(self) -> Held:
        """What the run began with."""
        return self._in(self._state.start.base)

    def approvals(self) -> PolicyApprovals:
        """Judges an approval of a changed policy that is given now."""
        return PolicyApprovals(self._state.run_id, operators(self._events), self._verify, self._state.start.orderer.git)

    # --- the way -------------------------------------------------------------------------------------------------

    def _standings(
        self, task: NamedTask | PlannedTask, own: Sequence[Operator], before: int | None, at: str
    ) -> Iterator[Standing]:
        self._look()
        named = NamedTask(task.id, task.key, task.title)
        approvals = self._approvals_by_head(before)
        start, did = self._state.start, operators(self._events) if approvals else ()
        judge = PolicyApprovals(self._state.run_id, did, self._verify, start.orderer.git, own)
        base = self._state.start.base
        end = self._places[at] + 1 if at in self._places else 0 if at == base else len(self._way)
        told = {*self._held, *(event.head for event in self._state.policy_approvals)}  # few; the way may be long
        places = sorted((self._places[sha], sha) for sha in told if sha in self._places)
        steps = [(sha, self._in(sha)) for place, sha in places if place < end]
        yield from follow([(base, self._in(base)), *steps], self._state.start.workflow, named, approvals, judge)

    def _approvals_by_head(self, before: int | None) -> dict[str, list[PolicyApproved]]:
        """Commit -> the approvals of the policy that it holds; without those behind `before`."""
        found = dict[str, list[PolicyApproved]]()
        for event in self._state.policy_approvals:
            if before is None or event.seq < before:
                found.setdefault(event.head, []).append(event)
        return found

    def _look(self) -> None:
        """Take account of the commits since last time."""
        head = self._git.head()
        if head == self._at:
            return
        base = self._state.start.base
        if self._at and (line := self._line(self._at, head)) is not None:
            self._go_on(self._at, line)
        elif (line := self._line(base, head)) is not None:
            self._way, self._places, self._held = [], {}, {head: self._in(head)}
            self._go_on(base, line)
        else:
            self._look_at_all(base, head)
            self._places = {sha: place for place, sha in enumerate(self._way)}
        self._at = head

    def _go_on(self, start: str, line: Sequence[str]) -> None:
        """Take commits that follow on a start, without a merge, into the way."""
        for older, newer in pairwise([start, *line]):
            self._places[newer] = len(self._way)
            self._way.append(newer)
            self._hold_if_changed(older, newer)

    def _hold_if_changed(self, older: str, newer: str) -> None:
        """Read a commit of the way, where it holds another policy or other keys than the one before it."""
        if self._in(newer).ids != self._in(older).ids:
            self._held[newer] = self._in(newer)
            self._paths |= set(self._in(newer).ids)

    def _look_at_all(self, base: str, head: str) -> None:
        """Take account of a long way, or one with merges."""
        own = [state.commit for state in self._state.tasks.values() if state.commit]
        parents = self._git.parents_since(base) if head != base else {}
        self._way = way_through([base, *(sha for sha in own if sha in parents and sha != head), head], parents)
        self._hold(parents)

    def _line(self, base: str, head: str) -> list[str] | None:
        """The way, oldest first, where it is short and without a merge, and its objects tell so; git is not started."""
        line = list[str]()
        while head != base:
            line.append(head)
            head = self._git.parent_of(head)
            if not head or len(line) == SHORT_WAY:
                return None
        return line[::-1]

    def _hold(self, parents: Mapping[str, Sequence[str]]) -> None:
        """Read the commits of the way that touch the policy, and then those that touch the key files that it names."""
        self._held = {}
        while self._way:
            paths = set(self._paths)
            touched = set(self._git.commits_touching(self._state.start.base, sorted(paths)))
            for sha in self._way:
                if sha in touched or len(parents.get(sha, ())) != 1 or sha == self._way[-1]:
                    self._held[sha] = self._in(sha)
            self._paths |= {
                path for held in (*self._held.values(), self._in(self._state.start.base)) for path in held.ids
            }
            if self._paths == paths:
                return

    def _in(self, sha: str) -> Held:
        if sha not in self._read:
            self._read[sha] = self._reader.held(sha)
        return self._read[sha]


def _changed_files(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """By name, each file of a policy whose digest is another one now."""
    paths = dict.fromkeys((*before, *now))
    was = {path: before.get(path, MISSING)[:SHORT] for path in paths}
    seen = {path: now.get(path, MISSING)[:SHORT] for path in paths}
    return [f"{as_name(path)} was {was[path]}, is {seen[path]}" for path in paths if was[path] != seen[path]]


def required(signatures: Signatures | None) -> Signatures:
    """The door to signatures, where one is needed. Raises BadInput without one."""
    if signatures is None:
        raise BadInput("signatures are asked for, and this program was started without a way to verify them")
    return signatures


def verifier(signatures: Signatures | None) -> Verify:
    """Looks at the signature of an approval, each once. Raises BadInput where nothing can verify one."""
    known: dict[tuple[object, ...], str] = {}

    def verify(keys: SigningKeys, who: str, text: bytes, signature: Signature, at: datetime) -> str:
        door = required(signatures)
        asked = (keys, who, text, signature, at)
        if asked not in known:
            known[asked] = verified(door, keys, who, text, signature, at)
        return known[asked]

    return verify


def names_no_keys(policy: GatePolicy, signature: Signature) -> str:
    """What a policy lacks to verify such a signature by; "" where it has that."""
    if isinstance(signature, PasskeySignature):
        return "" if policy.passkeys else "names no passkeys to verify it against"
    return "" if policy.allowed_signers else "names no allowed_signers to verify it against"


def nobodys_passkey(run_id: str, id_: str, committed: Held) -> BadInput:
    """That a passkey is in no list that counts; `committed`: what HEAD holds, which may have it."""
    what = f"no passkey that counts here has the id {id_[:16]}"
    if any(passkey_fields(line).get("id") == id_ for line in committed.signers):
        return BadInput(
            f"{what}: it is committed, and nobody has approved it for this run",
            next_command=f"{look_at_weaker(run_id)}\n"
            f"      phasegate serve   # or on the page of the run, with a passkey that counts",
        )
    return BadInput(
        f"{what}: expected one that is enrolled, committed and not revoked",
        next_command=f"phasegate status {run_id} --review   # what the gate asks for",
    )


class NamesKeys(Protocol):
    """Whoever knows which SSH key made a signature."""

    def key_of(self, signature: str) -> str:
        """The fingerprint of the key that made it, unverified."""


class CanVerify(Protocol):
    """Whoever looks at signatures: the engine's door, or the audit's."""

    def verify(
        self,
        allowed_signers: bytes,
        principal: str,
        message: bytes,
        signature: str,
        *,
        at: datetime,
        revoked_keys: bytes = b"",
    ) -> str | None:
        """None when it verifies, else why not. Raises BadInput when there is no ssh-keygen."""


def verified(door: CanVerify, keys: SigningKeys, who: str, text: bytes, signature: Signature, at: datetime) -> str:
    """What is wrong with a signature, "" for nothing: it must pass each list of revoked keys.

    `who`: NAME <ADDRESS>, of one person. The key is the address's; the name beside it is as it was recorded.
    """
    if not re.fullmatch(r"[^<>]* <[^<> ]+>", who):
        return "is not the name of one person: expected NAME <ADDRESS>"
    if isinstance(signature, PasskeySignature):
        from workflow.policy.passkeys import fault_of  # here: where a passkey has signed

        return fault_of(keys, who, text, signature)
    allowed = b"".join(key_files(keys.allowed))
    for each in key_files(keys.revoked):
        if fault := door.verify(allowed, address_of(who), text, signature, at=at, revoked_keys=each):
            return fault
    return ""


def key_behind(door: NamesKeys, keys: SigningKeys, signature: Signature) -> str:
    """The fingerprint of the key that a signature is made with, unverified; "" where there is none."""
    if isinstance(signature, PasskeySignature):
        from workflow.policy.passkeys import key_of_passkey

        return key_of_passkey(keys, signature)
    return door.key_of(signature)


def own_operators(state: TaskState) -> list[Operator]:
    """Who did the work that waits at this gate."""
    said = (state.handed_in.by if state.handed_in else None, state.worked.by if state.worked else None)
    drove = [who for who, _via in state.drove] if state.handed_in is not None else []
    who = dict.fromkeys([*(by.git for by in said if by is not None), *drove, *state.alone])
    return [Operator(email_of(each), state.without_terminal, 0) for each in who]


def worked_seq(events: Sequence[Event], state: TaskState) -> int | None:
    """The place of the event that put this attempt's evidence before its approvers; None where there is none."""
    here = (state.key, state.attempt)
    found = (e.seq for e in reversed(events) if isinstance(e, Worked) and (e.task, e.attempt) == here)
    return next(found, None)
