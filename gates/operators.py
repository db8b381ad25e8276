"""Who did the work of a task's attempt? By any route; where the policy says so, none of them approves it.

Work of agents is asked for here as well: its gates need a person who is there.
"""

from __future__ import annotations

from state.evidence import AGENT
from state.run_state import RunState
from state.task_state import TaskState


def operators_of(run: RunState, state: TaskState) -> list[str]:
    """Everybody who did work of the task's attempt, by git identity, each once.

    That is the process that did its work, and whoever drove a part of it without a terminal; of work by hand also who
    handed in, and who answered beforehand (by `done` or an answers file) what came before its evidence: a box, whether
    a command runs, how a failed one goes on. In runs of format 1 the first alone.
    """
    worker = state.worked.by if state.worked else None
    drove = [who for who, _via in state.drove] if state.handed_in is not None else []
    return list(dict.fromkeys([(worker or run.start.by).git, *drove, *state.alone]))


def is_agents_work(run: RunState, state: TaskState) -> bool:
    """Whether an agent did work of the task's attempt, or its server started the run."""
    handed_in = state.handed_in is not None and state.handed_in.by.is_agent
    return handed_in or is_agents_run(run) or any(each.startswith(AGENT) for each in operators_of(run, state))


def is_agents_run(run: RunState) -> bool:
    """Whether an agent's server started the run: then every verdict asks for a person who is there, by any face."""
    return run.start.by.is_agent
