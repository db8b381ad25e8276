"""Has somebody a key by which a gate counts their verdict, of a run that waits at a remote? As the gate would judge it.

The keys are those that the run's branch holds there, as far as they count for this run; nothing is checked out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from gates.approval import NAMESPACE
from gates.policy import email_of
from gates.policy_change import PASSKEY, key_files
from state.event_types import Event
from state.run_state import RunState
from state.task_state import TaskState
from workflow.doors.git.repository import GitDoor
from workflow.doors.ssh_signature import SshSignatures, is_principal
from workflow.engine.counting_policy import CountingPolicy, own_operators
from workflow.policy.effective_policy import PolicyInForce
from workflow.policy.passkeys import passkeys_in, revoked_ids
from workflow.service.worker_identity import fingerprint

_NAMESPACES = re.compile(r'\bnamespaces="([^"]*)"', re.IGNORECASE)


class _At(GitDoor):
    """The repository as if HEAD were at this commit."""

    def __init__(self, workspace: Path, commit: str) -> None:
        super().__init__(workspace)
        self._commit = commit

    def head(self) -> str:
        return self._commit


def has_key(workspace: Path, run: RunState, events: Sequence[Event], head: str, state: TaskState, me: str) -> bool:
    """Whether the gate of what waits counts a signature of `me`, an e-mail address; `head`: of the run's branch.

    Raises BadInput as `CountingPolicy.standing`.
    """
    git = _At(workspace, head)
    committed = PolicyInForce(workspace, git, run.start.runbook)
    counting = CountingPolicy(committed, git, run, events, SshSignatures(workspace))
    task = next(each for each in run.all_tasks if each.key == state.key)
    keys = counting.standing(task, own=own_operators(state)).rules.keys
    gone = revoked_ids(keys.revoked)
    if any(each.id not in gone and email_of(each.identity) == me for each in passkeys_in(keys.allowed)):
        return True
    counted = [line for line in keys.allowed - _revoked(keys.allowed, keys.revoked) if _is_for_approvals(line)]
    return bool(counted) and is_principal(key_files(counted)[0], me)


def _is_for_approvals(line: str) -> bool:
    found = _NAMESPACES.search(line)
    names = found.group(1).split(",") if found else [NAMESPACE]
    return not line.startswith(PASSKEY) and any(fnmatchcase(NAMESPACE, name) for name in names)


def _revoked(allowed: Collection[str], revoked: Collection[str]) -> frozenset[str]:
    gone = {found for line in revoked for word in line.split() if (found := fingerprint(word))}
    return frozenset(line for line in allowed if any(fingerprint(word) in gone for word in line.split()))
