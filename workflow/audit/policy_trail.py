"""Did a gate of the run become easier to open while it was under way? Follows policy and keys from its base on.

Rules:
- A run's gates are judged by the policy and keys that its base commit holds. What makes a gate stricter later (a key
  revoked, more approvers, a shorter time) holds at once, and from then on is what later changes are compared with.
- What makes a gate easier to open (a key more, fewer people, a weaker setting) is a finding, at the commit that did it,
  also when a later commit takes it back: what was approved in between was approved by other rules.
- Only gates that the run had not left by then count, and a change that is about none of them says nothing.
- Runs of 0.1 are judged by the rules of 0.1, which let a changed policy hold from the next gate on: a limit there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from gates.policy import GatePolicy, Policies
from state.errors import BadInput
from state.run_state import RunState
from workflow.audit.facts import Commit, Repository
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Unprovable
from workflow.policy.look_alikes import FILE

Said = Callable[[Finding | Unprovable], None]


class Rules(NamedTuple):
    """What one gate asks for: its policy, and the lines of the keys that open it and of those that do not any more."""

    policy: GatePolicy
    allowed: frozenset[str]
    revoked: frozenset[str]


def follow_policy(
    repository: Repository,
    files: FileHistory,
    run: RunState,
    commits: Sequence[Commit],
    commit_of: Mapping[str, Commit],
    end: Commit | None,
    said: Said,
) -> None:
    """Say each commit since the run's base that made a gate of it easier to open.

    Args:
        commits: since the base, parents before children.
        commit_of: the run's own, by task; `end`: the one that ended it, if any.
    """
    trail = _Trail(repository, files, run)
    place = {commit.sha: number for number, commit in enumerate(commits)}
    left = {key: place[commit.sha] for key, commit in commit_of.items() if commit.sha in place}
    waiting = [task.key for task in run.all_tasks if task.key not in left and not run.task(task.key).adopted]
    is_over = end is not None or run.aborted or not waiting
    last = max([*left.values(), *([place[end.sha]] if end and end.sha in place else [])], default=-1)
    accepted = trail.rules_at(run.start.base)
    seen = trail.ids_at(run.start.base)
    for number, commit in enumerate(commits[: last + 1] if is_over else commits):
        ids = trail.ids_at(commit.sha)
        if ids == seen:
            continue
        seen, now = ids, trail.rules_at(commit.sha)
        wider: dict[str, list[str]] = {}
        for key, rules in now.items():
            if left.get(key, number) < number or run.task(key).adopted:
                continue
            if why := list(_easier(accepted[key], rules)) if key in accepted else []:
                wider[key] = why
            else:
                accepted[key] = rules
        for key, reasons in _together(wider).items():
            message = f"since this commit {reasons}; the run began under another policy"
            if run.is_of_0_1:
                said(Unprovable("policy-changed", f"whether it was meant that {reasons} since {commit.sha[:10]}", key))
            else:
                said(Finding("policy-widened", message, key, commit.sha))


def _together(wider: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The first gate of each that became easier in one way, so that one change is said once: key -> reasons."""
    first: dict[str, str] = {}
    for key, reasons in wider.items():
        text = ", ".join(reasons)
        if text not in first.values():
            first[key] = text
    return first


def _easier(old: Rules, new: Rules) -> Iterator[str]:
    """In which ways a gate of the new rules is easier to open than one of the old."""
    was, now = old.policy, new.policy
    if now.approvers < was.approvers:
        yield f"{now.approvers} may approve it instead of {was.approvers}"
    mine, others = {name.lower() for name in was.who}, {name.lower() for name in now.who}
    if mine and (not others or others - mine):
        yield f"{', '.join(sorted(others - mine)) or 'everybody'} may approve it"
    rank = {False: 0, None: 1, True: 2}
    if rank[now.operator_may_approve] > rank[was.operator_may_approve]:
        yield "who did the work may approve it"
    if now.expires_after > was.expires_after:
        yield f"what is shown is good for {now.expires_after} instead of {was.expires_after}"
    if now.opened_by_policy and not was.opened_by_policy:
        yield "it opens without a person"
    if was.signed and not now.signed:
        yield "it opens without signatures"
    if was.signed and now.signed:
        if more := new.allowed - old.allowed:
            yield f"{len(more)} lines more among the allowed signers open it ({min(more).split(' ', 1)[0]})"
        if fewer := old.revoked - new.revoked:
            yield f"{len(fewer)} revoked keys count again"


class _Trail:
    """The rules of the run's gates, as commits hold them."""

    def __init__(self, repository: Repository, files: FileHistory, run: RunState) -> None:
        self._repository = repository
        self._files = files
        self._workflow = run.start.workflow
        self._tasks = run.all_tasks
        self._policies: dict[str, Policies | None] = {"": Policies()}  # by blob; None for one that cannot be read
        self._lines: dict[str, frozenset[str]] = {"": frozenset()}  # by blob

    def ids_at(self, commit: str) -> tuple[str, ...]:
        """The blobs that the rules in this commit follow from."""
        policy = self._files.id_at(commit, FILE)
        read = self._read(policy)
        rules = (read.default, *(rule.policy for rule in read.rules)) if read else ()
        paths = sorted({path for each in rules for path in (each.allowed_signers, each.revoked_keys) if path})
        return policy, *(self._files.id_at(commit, path) for path in paths)

    def rules_at(self, commit: str) -> dict[str, Rules]:
        """By task; nothing where the policy cannot be read, since then no gate opens."""
        policies = self._read(self._files.id_at(commit, FILE))
        if policies is None:
            return {}
        found = {}
        for task in self._tasks:
            policy = policies.for_gate(self._workflow, task.key, task.id, task.title)
            keys = [self._lines_at(commit, path) for path in (policy.allowed_signers, policy.revoked_keys)]
            found[task.key] = Rules(policy, *keys)
        return found

    def _read(self, blob: str) -> Policies | None:
        if blob not in self._policies:
            from workflow.policy.policy_file import read_policies  # pydantic and YAML, only where there is one

            held = self._repository.get(blob)
            try:
                self._policies[blob] = read_policies(held.data if held else b"", judged_before=True)
            except BadInput:
                self._policies[blob] = None
        return self._policies[blob]

    def _lines_at(self, commit: str, path: str) -> frozenset[str]:
        blob = self._files.id_at(commit, path) if path else ""
        if blob not in self._lines:
            held = self._repository.get(blob)
            lines = (held.data if held else b"").decode("utf-8", "replace").splitlines()
            said = {" ".join(line.split()) for line in lines}
            self._lines[blob] = frozenset(line for line in said if line and not line.startswith("#"))
        return self._lines[blob]
