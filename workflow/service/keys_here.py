"""Which passkeys may decide on what waits at a gate, as the policy that judges it counts them now? For who looks.

Rules:
- What counts are the keys that commits hold, as far as they count for this run: a line that nobody has committed, one
  that came under the run and that nobody has approved for it, and a revoked one are none; after a swap those of before.
- Of these, the holders who may: named by the policy, and not barred by what they did.
- The file here is read where it is the one that the run began with: then no process of git is started.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gates.policy import GatePolicy
from gates.policy_change import SigningKeys, passkey_lines
from state.errors import PhasegateError
from state.event_types import Event
from state.files import sha256
from state.outside_file import POLICY, read_outside
from state.run_state import RunState
from state.task_state import TaskState
from workflow.doors.git.head import may_differ
from workflow.policy.look_alikes import FILE
from workflow.policy.passkeys import Passkey, passkeys_in, revoked_ids
from workflow.service.shown_gate import waits_at
from workflow.views.who_may import is_barred


def approving_passkeys(workspace: Path, run: RunState, events: Sequence[Event]) -> Sequence[Passkey]:
    """Those by which what waits may be approved now; none where nothing waits."""
    state, found = _at_gate(workspace, run, events)
    return [each for each in found if state is not None and not is_barred(run, state, each.identity)]


def deciding_passkeys(workspace: Path, run: RunState, events: Sequence[Event]) -> Sequence[Passkey]:
    """Those by which what waits may be rejected now: whoever did the work may send it back, too."""
    return _at_gate(workspace, run, events)[1]


def _at_gate(workspace: Path, run: RunState, events: Sequence[Event]) -> tuple[TaskState | None, Sequence[Passkey]]:
    state = waits_at(run)
    recorded = state.worked.policy if state is not None and state.worked is not None else None
    if state is None or recorded is None or not recorded.passkeys:
        return state, ()
    try:
        keys = _as_begun(workspace, run, GatePolicy.of(recorded)) or _counting(workspace, run, events, state)
    except (OSError, PhasegateError):
        return state, ()  # which is the gate's own to say
    policy, gone = GatePolicy.of(recorded), revoked_ids(keys.revoked)
    return state, [each for each in passkeys_in(keys.allowed) if each.id not in gone and policy.names(each.identity)]


def _as_begun(workspace: Path, run: RunState, policy: GatePolicy) -> SigningKeys | None:
    """The keys in the file here, where it and the policy are those that the run began with; None elsewhere."""
    if may_differ(workspace, run.start.base, [FILE, *policy.key_files]):
        return None
    data = read_outside(workspace / policy.passkeys, "list of passkeys", limit=POLICY, name=policy.passkeys)
    if sha256(data) != policy.files.get(policy.passkeys):
        return None
    return SigningKeys(*passkey_lines(data))


def _counting(workspace: Path, run: RunState, events: Sequence[Event], state: TaskState) -> SigningKeys:
    """The keys that count by what commits hold and what was approved for the run."""
    from workflow.doors.git.repository import GitDoor
    from workflow.doors.ssh_signature import SshSignatures
    from workflow.engine.counting_policy import CountingPolicy, own_operators
    from workflow.policy.effective_policy import PolicyInForce

    git = GitDoor(workspace)
    committed = PolicyInForce(workspace, git, run.start.runbook)
    counting = CountingPolicy(committed, git, run, events, SshSignatures(workspace))
    task = next(each for each in run.all_tasks if each.key == state.key)
    return counting.standing(task, own=own_operators(state)).rules.keys
