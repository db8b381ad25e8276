"""How does a rollback begin? The run stops where it is, and an engine of its own drives the rollback.

Nothing outside is touched before the plan of the rollback is approved, and what the task under way left in the
workspace stays there, uncommitted.
"""

from __future__ import annotations

from dataclasses import replace

from state.errors import BadInput
from state.task_state import TaskStatus
from workflow.engine.engine import Engine
from workflow.engine.expected_runbook import ExpectedRunbook
from workflow.engine.rollback_tasks import rollback_tasks
from workflow.engine.workspace_guard import require_runbook


def start_rollback(engine: Engine, reason: str) -> Engine:
    """Stop the run; returns the engine that drives the rollback, on the same journal, in the same process.

    The engine has come back: whether the last intended commit was made is known.

    Raises BadInput when the run was aborted, or is being rolled back already; RunbookEdited when the runbook was edited
    by hand, which is in every commit. Then nothing has begun.
    """
    run, current = engine.run, engine.run.current_task
    if run.rollback or not engine.machine.may("roll_back"):
        state = f"was {engine.outcome.words}" if engine.outcome else "is being rolled back already"
        raise BadInput(
            f"run {run.run_id} {state}",
            next_command=f"phasegate {'log' if engine.outcome else 'resume'} {run.run_id}",
        )
    command = f"phasegate rollback {run.run_id} --reason TEXT"
    runbook = ExpectedRunbook(engine.open_run)
    require_runbook(engine.open_run, runbook, to_roll_back=command)
    tasks = rollback_tasks(engine.plan, engine.workflow.rollback, runbook.copy())
    after = current.commit if current and current.status == TaskStatus.DONE else None
    engine.open_run.record("rollback-started", reason=reason, after=after, tasks=[task.to_json() for task in tasks])
    return Engine(replace(engine.open_run))
