"""What is the workflow `fleet`? Its runbook is written from a fleet file; each task is a wave, done by one step."""

from __future__ import annotations

from phases.asked import Asked
from phases.fleet.runbook import TITLE
from phases.fleet.wave import AGAIN, RUNS, WITHOUT, commits_there, run_wave
from phases.step import AfterCrash, Step, Workflow, step
from state.errors import BadInput
from state.model import PlannedTask

WAVE = step("", "Wave", writes=[RUNS], after_crash=AfterCrash.ASK_THE_WORLD, witness=commits_there)(run_wave)


class FleetWorkflow(Workflow):
    """A workflow whose every task called `Wave NAME` is done by one step."""

    __slots__ = ()

    def step_for(self, task: PlannedTask) -> Step | None:
        return WAVE if task.kind != "rollback" and task.title.startswith(TITLE) else None


def _no_runbook() -> bytes:
    raise BadInput(
        "the runbook of a fleet is written from a fleet file", next_command="phasegate fleet FILE.yaml --plan"
    )


FLEET = FleetWorkflow(
    name="fleet",
    summary="order one workflow at many targets, wave by wave, each approved by what its runs left",
    runbook="fleet.md",
    runbook_text=_no_runbook,
    log="artifacts/fleet/working_log.md",
    steps=(WAVE,),
    questions=(
        Asked(
            "again-*-*",
            "A run of a target ended otherwise than complete: is the target ordered again?",
            choices=(AGAIN, WITHOUT),
            when="a run was aborted or rolled back",
            suggest=False,
        ),
    ),
)
