"""`run` and `resume`: take a run as far as it goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from state.errors import BadInput
from state.files import Disk
from state.model import Plan, PlannedTask
from workflow.cli.place import workspace_of
from workflow.cli.wiring import make_doors, read_answers
from workflow.doors.git_fast import git_dir_of
from workflow.engine import Doors, Engine, Settings
from workflow.find_run import choose
from workflow.read_target import read_target
from workflow.runs import reopen, start
from workflow.workflows import find_workflow

ANSWERS = click.option("--answers", metavar="FILE", help="YAML file that answers questions: `region: eu-west-1`.")
UNTIL = click.option("--until", metavar="TASK", help="Stop after this task's commit.")
YES = click.option("--yes", is_flag=True, help="Open every gate and take every default; only against the sandbox.")

WAIT = click.option("--wait", is_flag=True, help="Wait here where a task waits for a time, instead of ending.")


@click.command()
@click.argument("target", metavar="WORKFLOW|FILE.md")
@click.option("--runbook", metavar="FILE", help="The workflow's runbook in this repository.")
@click.option("--sandbox", is_flag=True, help="Use the AWS account on this machine instead of a real one.")
@ANSWERS
@UNTIL
@YES
@WAIT
@click.pass_context
def run(
    ctx: click.Context, target: str, runbook: str | None, sandbox: bool, answers: str | None, until: str | None,
    yes: bool, wait: bool,
) -> None:  # fmt: skip
    """Start a run and take it as far as it goes."""
    if yes and not sandbox:
        raise _yes_refused()
    workspace = workspace_of(ctx)
    found = read_target(workspace, target, runbook)
    stop = _stop_after(found.plan, until)
    settings = Settings(read_answers(answers), yes, wait)
    doors = make_doors(workspace, sandbox=sandbox)
    engine = start(workspace, found, doors, settings, sandbox=sandbox, git_dir=git_dir_of(workspace))
    with engine.journal:
        go_on(engine, stop)


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@ANSWERS
@UNTIL
@YES
@WAIT
@click.pass_context
def resume(
    ctx: click.Context, run_id: str | None, answers: str | None, until: str | None, yes: bool, wait: bool
) -> None:
    """Go on with a run, wherever it stands."""
    workspace = workspace_of(ctx)
    engine = open_run(workspace, choose(workspace, run_id), Settings(read_answers(answers), yes, wait))
    with engine.journal:
        engine.come_back()
        go_on(engine, _stop_after(engine.plan, until))


def open_run(
    workspace: Path, run_id: str, settings: Settings | None = None, *, key: Path | None = None, patience: float = 0
) -> Engine:
    """The run, held by this process, with the doors it was started with. Raises as `workflow.runs.reopen`.

    `key` signs approvals; `patience` is how long to try for a run that another process holds [s].
    """
    settings = settings or Settings()

    def doors(sandbox: bool) -> Doors:
        if settings.yes and not sandbox:
            raise _yes_refused()
        return make_doors(workspace, sandbox=sandbox, key=key)

    return reopen(
        workspace,
        run_id,
        lambda run: doors(bool(run.start["sandbox"])),
        settings,
        git_dir=git_dir_of(workspace),
        find=lambda name: find_workflow(name, or_guided=True),
        disk=Disk(),
        patience=patience,
    )


def go_on(engine: Engine, stop: Callable[[PlannedTask], bool]) -> None:
    """Drive the run and say how it ended."""
    click.echo(f"run {engine.run.run_id}", err=True)
    engine.drive(stop)
    done = sum(engine.run.task(task.key).status == "done" for task in engine.plan.tasks)
    if engine.complete:
        click.echo(f"{engine.run.run_id}: complete, {done} tasks in {done} commits")
    elif engine.over:
        click.echo(f"{engine.run.run_id}: {engine.over}, {len(engine.plan.rollback)} steps in as many commits")
    else:
        click.echo(f"{engine.run.run_id}: {done} of {len(engine.plan.tasks)} tasks done")
        click.echo(f"next: phasegate resume {engine.run.run_id}", err=True)


def _stop_after(plan: Plan, until: str | None) -> Callable[[PlannedTask], bool]:
    if until is None:
        return lambda _task: False
    keys = {task.key for task in plan.tasks if until in (task.id, task.key)}
    if not keys:
        ids = ", ".join(task.id or task.key for task in plan.tasks)
        raise BadInput(f"--until {until}: the runbook has no such task; it has {ids}")
    return lambda task: task.key in keys


def _yes_refused() -> BadInput:
    return BadInput(
        "--yes opens gates without a person, so it is refused anywhere but in the sandbox",
        next_command="phasegate run ... --sandbox --yes, or leave --yes out",
    )
