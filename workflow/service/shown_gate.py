"""May what waits at a gate be approved as it was shown? For who looks; nothing is written.

Light: files are compared with what is on record; git and the runbook's reader come where one of them is another.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gates.judged import checks_beside, judged_by
from state.errors import PhasegateError
from state.event_types import Event
from state.files import MISSING, digest_of
from state.run_state import RunState
from state.task_state import TaskState, TaskStatus
from workflow.doors.git.head import may_differ
from workflow.policy.look_alikes import FILE


def waits_at(run: RunState) -> TaskState | None:
    """The task that waits for a verdict, in a run that can say under which policy."""
    current = None if run.aborted else run.current_task
    if current is None or current.status != TaskStatus.IN_REVIEW or current.worked is None or run.is_of_0_1:
        return None
    return current if current.worked.policy is not None else None


def closed_at(
    workspace: Path, run: RunState, events: list[Event], uncounted: Sequence[str] = ()
) -> tuple[str, tuple[str, ...]]:
    """Why nothing can be approved at the gate, for its policy or checks as they are now, and what to type; else "".

    `uncounted`: what is wrong with approvals that are recorded there.
    """
    current = waits_at(run)
    if uncounted:
        return "; ".join(uncounted), (f"phasegate resume {run.run_id}   # sends it back, to be shown again",)
    if current is None or _as_recorded(workspace, run, current):
        return "", ()
    from workflow.doors.git.repository import GitDoor
    from workflow.doors.ssh_signature import SshSignatures
    from workflow.engine.counting_policy import CountingPolicy, GitStored
    from workflow.engine.shown_checks import why_not_as_shown
    from workflow.policy.effective_policy import PolicyInForce
    from workflow.runs.load_plan import plan_of

    git = GitDoor(workspace)
    counting = CountingPolicy(
        PolicyInForce(workspace, git, run.start.runbook), git, run, events, SshSignatures(workspace)
    )
    try:
        task = plan_of(workspace, run).task(current.key)
        why = counting.changes(task, current) or list(why_not_as_shown(GitStored(git), run, task, current, git.head()))
    except PhasegateError as error:
        return error.message, tuple(line.strip() for line in error.next_command.splitlines())
    except KeyError:  # a step of a rollback that no runbook has
        return "", ()
    return "; ".join(why), (f"phasegate resume {run.run_id}   # shows it as it counts now",) if why else ()


def _as_recorded(workspace: Path, run: RunState, state: TaskState) -> bool:
    """Whether the files of the policy are here as they were recorded, and no checks were committed since the base."""
    assert state.worked is not None and state.worked.policy is not None
    policy = state.worked.policy
    paths = {FILE, policy.allowed_signers, policy.revoked_keys, policy.passkeys, *policy.files} - {""}
    if any(digest_of(workspace / path) != policy.files.get(path, MISSING) for path in paths):
        return False
    if state.handed_in is None and not judged_by(state):
        return True
    return not may_differ(workspace, run.start.base, checks_beside(run.start.runbook))
