"""How is a run taken back? Stopped wherever it stands, then its rollback, step by step, each approved."""

from __future__ import annotations

from pathlib import Path

from workflow.engine.agents import require_presence
from workflow.ports import Person, Settings
from workflow.runs.find_run import choose
from workflow.runs.start_rollback import start_rollback
from workflow.service.drive import Driving, go_on
from workflow.service.given_words import require_words
from workflow.service.open_run import PATIENCE, given_answers, held_run, recover
from workflow.service.who import Who
from workflow.service.workspace import workspace_of
from workflow.views.driven import Driven


def rollback(directory: Path, who: Who, person: Person, run_id: str | None, reason: str, driving: Driving) -> Driven:
    """Stop the run and drive its rollback.

    Raises BadInput without a reason, and when it was aborted or rolled back before; as `go_on`.
    """
    workspace = workspace_of(directory)
    chosen = choose(workspace, run_id)
    require_words("the reason", reason, f"phasegate rollback {chosen} --reason TEXT")
    settings = Settings(given_answers(driving.answers), driving.yes, driving.wait, answers_file=driving.answers or "")
    with held_run(workspace, chosen, who, person, settings, patience=PATIENCE) as engine:
        require_presence(engine.open_run, f"phasegate rollback {chosen} --reason TEXT")
        recover(engine, to_roll_back=True)
        return go_on(start_rollback(engine, reason))
