"""What of the task at hand is no agent's: attempts that it has had, lines that a person confirms? Nothing is written.

Light: the policy is read only where an attempt was sent back, or a line says to stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gates.policy import GatePolicy
from phases.manual.blanks import nameless
from phases.manual.stops import is_to_confirm, stop_name
from state.errors import PhasegateError, Waiting
from state.event_types import Event
from state.model import PlannedTask
from state.run_state import RunState
from state.task_boxes import boxes_of
from state.task_state import TO_BEGIN, TaskState, TaskStatus
from workflow.engine.agents import attempts_used_up
from workflow.views.who_may import approves_after


def used_up(workspace: Path, run: RunState, events: Sequence[Event], task: PlannedTask) -> Waiting | None:
    """That an agent has had all its attempts at the task, as `Engine.drive` says it; None where it has not."""
    state = run.task(task.key)
    attempt = state.attempts_sent_back + (state.status in TO_BEGIN)
    if attempt < 2 or not _is_to_do(state) or run.is_of_0_1 or run.rollback is not None:
        return None
    policy = _policy(workspace, run, events, task)
    if policy is None or attempt <= policy.attempts_of_agents:
        return None
    return attempts_used_up(run.run_id, task, policy.attempts_of_agents)


def confirmed_by_a_person(workspace: Path, run: RunState, events: Sequence[Event], task: PlannedTask) -> str:
    """The command by which a person does what no agent may at the task, with who approves it then; "" where none is."""
    state = run.task(task.key)
    if not _is_to_do(state) or not task.stops or run.is_of_0_1:
        return ""
    numbers = [number for number, command in enumerate(task.commands, 1) if not nameless(command)]
    boxes = {box.item.box.line for box in boxes_of(task)}
    held = [stop for stop in task.stops if is_to_confirm(task, stop, numbers) and stop.line not in boxes]
    lines = [str(stop.line) for stop in held if stop_name(task, stop) not in state.answers]
    policy = _policy(workspace, run, events, task) if lines else None
    if policy is None:
        return ""
    which = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(lines)}"
    return f"phasegate resume {run.run_id}   # a person confirms {which}, at a terminal; {approves_after(policy)}"


def _is_to_do(state: TaskState) -> bool:
    """Whether the work of an attempt is to be begun, or to be handed in."""
    return state.status in TO_BEGIN or (state.status is TaskStatus.WORKING and state.handed_in is None)


def _policy(workspace: Path, run: RunState, events: Sequence[Event], task: PlannedTask) -> GatePolicy | None:
    """The policy that counts for the gate; None where it is not sound, which whatever goes on refuses."""
    from workflow.doors.git.repository import GitDoor
    from workflow.doors.ssh_signature import SshSignatures
    from workflow.engine.counting_policy import CountingPolicy
    from workflow.policy.effective_policy import PolicyInForce

    git = GitDoor(workspace)
    committed = PolicyInForce(workspace, git, run.start.runbook)
    try:
        return CountingPolicy(committed, git, run, events, SshSignatures(workspace)).policy(task)
    except PhasegateError:
        return None
