"""Which policy counts for a gate of a run? Follows what commits hold since the run's base; for engine and audit alike.

Rules:
- A run's gates are judged by the policy and keys of its base commit. What a later commit makes stricter holds at once;
  what it makes weaker counts once it was approved (`policy-approved`), for the gates whose old rules let that person.
- Commits count in the order of the run's own branch: the way from the base to a commit, through the first parent that
  descends from the base. What a merged branch held by itself never governed the run.
- A commit whose policy cannot be read, or which lacks a file that this names, changes nothing: no gate opens at it.
- Whoever reads commits is handed in; nothing here asks git or ssh-keygen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from itertools import pairwise
from typing import Protocol

from gates.policy import GatePolicy, Policies
from gates.policy_change import GateRules, counting, key_lines, passkey_lines, wider
from state.cheap_classes import NamedTuple, dataclass
from state.errors import BadInput
from state.event_types import NamedTask, PolicyApproved
from state.files import sha256
from state.model import PlannedTask
from workflow.policy.look_alikes import FILE

NO_LINES: frozenset[str] = frozenset()


class Stored(Protocol):
    """What commits hold, by workspace path."""

    def id_at(self, commit: str, path: str) -> str:
        """The id of the blob there, "" where nothing is."""

    def data_at(self, commit: str, path: str) -> bytes:
        """Its bytes; none where nothing is there."""


class Counts(Protocol):
    """Whether an approval counts for a gate with these rules, in a repository that knows these keys."""

    def __call__(self, event: PolicyApproved, rules: GateRules, known: Known) -> bool: ...


@dataclass(frozen=True, slots=True)
class Held:
    """The policy and keys that one commit holds.

    Attributes:
        ids: path -> blob id, "" for no file, of phasegate.yaml and the key files that it names.
        policies: None where they cannot be read.
        data, digests: path -> bytes, SHA-256 of those that are there.
    """

    ids: Mapping[str, str]
    policies: Policies | None
    data: Mapping[str, bytes] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    def rules(self, workflow: str, task: NamedTask | PlannedTask) -> GateRules | None:
        """What the gate of this task asks for; None where that cannot be told, so that it does not open."""
        policy = self.settings_of(workflow, task)
        if policy is None or any(not self.ids.get(path) for path in policy.key_files):
            return None
        passkeys, revoked = passkey_lines(self.data.get(policy.passkeys, b""))
        allowed = self._lines(policy.allowed_signers) | passkeys
        return GateRules(policy, allowed, self._lines(policy.revoked_keys) | revoked)

    def settings_of(self, workflow: str, task: NamedTask | PlannedTask) -> GatePolicy | None:
        """The policy of the gate of this task, one and the same for all that a rule is about; None as for `rules`."""
        if self.policies is None:
            return None
        return self.policies.for_gate(workflow, task.key, task.id, task.title)

    @property
    def signer_files(self) -> list[str]:
        """The paths of the files with keys that may sign, whichever gate they are for."""
        return sorted({*_named(self.policies, "allowed_signers"), *_named(self.policies, "passkeys")})

    @property
    def signers(self) -> frozenset[str]:
        """The lines of all allowed signers, whichever gate they are for."""
        ssh = (self._lines(path) for path in _named(self.policies, "allowed_signers"))
        passkeys = (passkey_lines(self.data.get(path, b""))[0] for path in _named(self.policies, "passkeys"))
        return NO_LINES.union(*ssh, *passkeys)

    @property
    def files(self) -> dict[str, str | None]:
        """Path -> SHA-256 of the policy and the key files that it names, None for one that is not there."""
        return {path: self.digests.get(path) for path in sorted(self.ids)}

    def _lines(self, path: str) -> frozenset[str]:
        return key_lines(self.data[path]) if path in self.data else NO_LINES


class Known(NamedTuple):
    """The signers of a repository, for whatever gate.

    Attributes:
        lines: of their keys.
        ever: whether there was one at any time of the run: from then on nothing less than a signature changes the list.
    """

    lines: frozenset[str] = NO_LINES
    ever: bool = False

    def now(self, lines: frozenset[str]) -> Known:
        """With the lines that count now."""
        return Known(lines, self.ever or bool(lines))


class Standing(NamedTuple):
    """How a gate stands at a commit.

    Attributes:
        rules: that count.
        weaker: in which ways the committed policy is weaker than these, which nobody has approved yet.
        files: path -> SHA-256, of the committed files that the rules are recorded with.
        held: what the commit holds.
        known: the signers that the repository is known to have.
        approved: whether what the commit holds counts because somebody approved it.
    """

    commit: str
    rules: GateRules
    weaker: tuple[str, ...]
    files: Mapping[str, str]
    held: Held
    known: Known
    approved: bool

    @property
    def policy(self) -> GatePolicy:
        """The policy that counts, with the digests of the files that say so."""
        return replace(self.rules.policy, files=self.files)


def standing_shown(standings: Sequence[Standing], files: Mapping[str, str]) -> Standing | None:
    """How a gate stood when its work was shown, with these files on record; None where no commit holds them."""
    return next((each for each in reversed(standings) if each.files == files), None)


def is_as_shown(shown: Standing | None, now: Standing, *, agents: bool) -> bool:
    """Whether a gate asks for what it asked for when its work was shown; `agents`: whether that is an agent's.

    By this the gate voids what waits, and the audit reports what was left.
    """
    return shown is not None and (shown is now or shown.rules.opens_as(now.rules, agents=agents))


class PolicyReader:
    """What commits hold, each blob read once. `judged_before`: as `workflow.policy.policy_file.read_policies`."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._policies: dict[str, Policies | None] = {"": Policies()}  # by blob; None for one that cannot be read
        self._data: dict[str, bytes] = {}  # by blob
        self._held: dict[tuple[tuple[str, str], ...], Held] = {}  # by paths and blobs

    def held(self, commit: str) -> Held:
        """The policy and keys in a commit."""
        blob = self._stored.id_at(commit, FILE)
        if blob not in self._policies:
            self._policies[blob] = _readable(self._bytes(commit, FILE, blob))
        policies = self._policies[blob]
        settings = ("allowed_signers", "revoked_keys", "passkeys")
        paths = dict.fromkeys(path for setting in settings for path in _named(policies, setting))
        ids = {FILE: blob, **{path: self._stored.id_at(commit, path) for path in paths}}
        known = tuple(ids.items())
        if known not in self._held:
            data = {path: self._bytes(commit, path, id_) for path, id_ in known if id_}
            self._held[known] = Held(ids, policies, data, {path: sha256(each) for path, each in data.items()})
        return self._held[known]

    def _bytes(self, commit: str, path: str, blob: str) -> bytes:
        if blob not in self._data:
            self._data[blob] = self._stored.data_at(commit, path)
        return self._data[blob]


def follow(
    way: Iterable[tuple[str, Held]],
    workflow: str,
    task: NamedTask,
    approvals: Mapping[str, Sequence[PolicyApproved]],
    counts: Counts,
) -> Iterator[Standing]:
    """How the gate of a task stands at each commit of the way, whose first one is the run's base.

    `approvals`: of changed policies, by the commit that they are for; those that came too late are left out.
    """
    rules: GateRules | None = None
    known = Known()
    for commit, held in way:
        new = held.rules(workflow, task)
        weaker: tuple[str, ...] = ()
        approved = False
        if rules is None:
            rules, known = new or GateRules(GatePolicy()), known.now(held.signers)
        elif new is not None:
            old, weaker = rules, tuple(wider(rules, new, known.lines))
            given = approvals.get(commit, ()) if weaker else ()
            approved = any(_approves(event, held) and counts(event, old, known) for event in given)
            if approved:
                rules, known, weaker = new, known.now(held.signers), ()
            else:
                rules = counting(old, new, known.lines)
                # until it is approved, a swap adds nobody and takes nobody out here either
                known = known if held.signers - known.lines else known.now(held.signers)
        yield Standing(commit, rules, weaker, _recorded_with(rules.policy, held), held, known, approved)


def _approves(event: PolicyApproved, held: Held) -> bool:
    """Whether it is about exactly the files that the commit holds."""
    return dict(event.files) == held.files


def _recorded_with(policy: GatePolicy, held: Held) -> dict[str, str]:
    """Path -> SHA-256, of those of the commit's files that say so."""
    paths = (FILE, *policy.key_files)
    return {path: held.digests[path] for path in paths if path in held.digests}


def way_through(stops: Sequence[str], parents: Mapping[str, Sequence[str]]) -> list[str]:
    """The commits behind the first stop on the way through the others, oldest first: the run's own branch.

    `stops`: the base, the run's own commits in order, the commit that is asked about; `parents`: of every commit that
    the last has and the first has not, parents before children. A stop that does not descend from the one before is the
    whole way from there.
    """
    way = list[str]()
    for start, stop in pairwise(stops):
        way += _between(start, stop, parents)
    return way


def _between(start: str, stop: str, parents: Mapping[str, Sequence[str]]) -> list[str]:
    part, at = list[str](), stop
    descends: set[str] | None = None
    while at != start:
        part.append(at)
        above = parents.get(at, ())
        if len(above) > 1:  # only at a merge is it worth looking which of them comes from there
            if descends is None:
                descends = {start}
                for sha, each in parents.items():
                    if descends.intersection(each):
                        descends.add(sha)
            above = [parent for parent in above if parent in descends]
        if not above:
            return [stop]
        at = above[0]
    return part[::-1]


def _named(policies: Policies | None, setting: str) -> list[str]:
    """The paths that a setting has anywhere in the policy."""
    each = (policies.default, *(rule.policy for rule in policies.rules)) if policies else ()
    return sorted({path for policy in each if (path := getattr(policy, setting))})


def _readable(data: bytes) -> Policies | None:
    from workflow.policy.policy_file import read_policies  # pydantic and YAML, only where there is something to read

    try:
        return read_policies(data, judged_before=True)
    except BadInput:
        return None
