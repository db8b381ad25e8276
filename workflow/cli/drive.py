"""`run` and `resume`: take a run as far as it goes."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click

from phases.step import Question
from state.errors import BadInput, RunbookEdited
from state.files import Disk
from state.model import Plan, PlannedTask, Shape
from workflow.cli.left_out import left_out
from workflow.cli.place import governed_workspace_of
from workflow.cli.reading import AS, RUNBOOK, STRICT
from workflow.cli.say import say
from workflow.cli.stream import event_stream
from workflow.cli.wiring import make_doors, read_answers
from workflow.doors.git.plumbing import git_dir_of
from workflow.doors.terminal import Terminal
from workflow.engine.engine import Doors, Engine, Settings
from workflow.runs.askable import refuse_unasked
from workflow.runs.begin import reopen, start
from workflow.runs.completed_tasks import ADOPT
from workflow.runs.find_run import choose
from workflow.runs.load_plan import read_target
from workflow.runs.workflow_catalog import find_workflow

ANSWERS = click.option("--answers", metavar="FILE", help="YAML file that answers questions: `region: eu-west-1`.")
UNTIL = click.option("--until", metavar="TASK", help="Stop after this task's commit.")
TAKE_OVER = click.option("--adopt", "adopt", is_flag=True, help="Take over what is ticked in the runbook as done.")
EVENTS = click.option("--json", "as_json", is_flag=True, help="Stream the run's events as JSON lines (docs/json.md).")
WAIT = click.option("--wait", is_flag=True, help="Wait here where a task waits for a time, instead of ending.")
YES = click.option("--yes", is_flag=True, help="Open the gates of steps, take their defaults; only in the sandbox.")
PRACTICE = click.option("--practice", is_flag=True, help="With --yes: a rehearsal, so work by hand is passed as well.")
LEAVE, TAKE = "no: leave the run as it is", "yes: tasks that are done stay, the rest goes by the edit"


@click.command()
@click.argument("target", metavar="WORKFLOW|FILE.md")
@RUNBOOK
@AS
@STRICT
@click.option("--sandbox", is_flag=True, help="Use the AWS account on this machine instead of a real one.")
@ANSWERS
@UNTIL
@TAKE_OVER
@EVENTS
@YES
@PRACTICE
@WAIT
@click.pass_context
def run(
    ctx: click.Context,
    target: str,
    runbook: str | None,
    shape: Shape | None,
    strict: bool,
    sandbox: bool,
    answers: str | None,
    until: str | None,
    adopt: bool,
    as_json: bool,
    yes: bool,
    practice: bool,
    wait: bool,
) -> None:
    """Start a run and take it as far as it goes."""
    if yes and not sandbox:
        raise _yes_refused()
    _require_yes(practice, yes)
    workspace = governed_workspace_of(ctx)
    found = read_target(workspace, target, runbook, shape=shape, strict=strict)
    for line in left_out(found.plan, _plan_command(target, runbook, shape)):
        say(line, err=True)
    stop = _stop_after(found.plan, until)
    given = read_answers(answers)
    refuse_unasked(given, found.plan, found.workflow, workspace)
    settings = Settings({**given, **({ADOPT: ADOPT} if adopt else {})}, yes, wait, practice)
    doors = make_doors(workspace, sandbox=sandbox)
    engine = start(workspace, found, doors, settings, sandbox=sandbox, git_dir=git_dir_of(workspace))
    with engine.journal, event_stream(engine, as_json, engine.journal.events):
        go_on(engine, stop, results_to_stderr=as_json)


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@ANSWERS
@UNTIL
@EVENTS
@YES
@PRACTICE
@WAIT
@click.option("--take-edit", is_flag=True, help="Take the runbook as it was edited into the run; done tasks stay.")
@click.pass_context
def resume(
    ctx: click.Context,
    run_id: str | None,
    answers: str | None,
    until: str | None,
    as_json: bool,
    yes: bool,
    practice: bool,
    wait: bool,
    take_edit: bool,
) -> None:
    """Go on with a run, wherever it stands."""
    _require_yes(practice, yes)
    workspace = governed_workspace_of(ctx)
    chosen, settings = choose(workspace, run_id), Settings(read_answers(answers), yes, wait, practice)
    if take_edit:
        _take_edit(workspace, chosen, settings)
    try:
        _resume(workspace, chosen, settings, until, as_json=as_json)
    except RunbookEdited as error:
        if not _wants_edit(error):
            raise
        _take_edit(workspace, chosen, settings)
        _resume(workspace, chosen, settings, until, as_json=as_json)


def _resume(workspace: Path, run_id: str, settings: Settings, until: str | None, *, as_json: bool) -> None:
    engine = open_run(workspace, run_id, settings)
    with engine.journal, event_stream(engine, as_json):
        refuse_unasked(settings.answers, engine.plan, engine.workflow, workspace)
        engine.come_back()
        go_on(engine, _stop_after(engine.plan, until), results_to_stderr=as_json)


def _take_edit(workspace: Path, run_id: str, settings: Settings) -> None:
    from workflow.runs.apply_runbook_edit import take_edit

    engine = open_run(workspace, run_id, settings)
    with engine.journal:
        with suppress(RunbookEdited):  # the very thing; everything else that come_back looks at must be in order
            engine.come_back()
        say(f"{run_id}: the edit of {engine.plan.runbook} is taken, and kept as {take_edit(engine)}", err=True)


def _wants_edit(error: RunbookEdited) -> bool:
    """Whether whoever sits here says that the edit is to be taken, having seen the difference."""
    question = Question("take-edit", f"{error.message}\n\nTake this edit into the run?", choices=(LEAVE, TAKE))
    said = Terminal().ask(question, LEAVE)
    return said is not None and said[0] == TAKE


def open_run(
    workspace: Path, run_id: str, settings: Settings | None = None, *, key: Path | None = None, patience: float = 0
) -> Engine:
    """The run, held by this process, with the doors it was started with. Raises as `workflow.runs.begin.reopen`.

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
        lambda run: doors(run.start.sandbox),
        settings,
        git_dir=git_dir_of(workspace),
        find=lambda name: find_workflow(name, or_guided=True),
        disk=Disk(workspace),
        patience=patience,
    )


def go_on(engine: Engine, stop: Callable[[PlannedTask], bool], *, results_to_stderr: bool = False) -> None:
    """Drive the run and say how it ended."""
    say(f"run {engine.run.run_id}", err=True)
    engine.drive(stop)
    done = [engine.run.task(task.key) for task in engine.plan.tasks if engine.run.task(task.key).status == "done"]
    if engine.complete:
        commits = sum(not state.adopted for state in done)
        say(f"{engine.run.run_id}: complete, {len(done)} tasks in {commits} commits", err=results_to_stderr)
    elif engine.outcome:
        steps = len(engine.plan.rollback)
        say(f"{engine.run.run_id}: {engine.outcome.words}, {steps} steps in as many commits", err=results_to_stderr)
    else:
        say(f"{engine.run.run_id}: {len(done)} of {len(engine.plan.tasks)} tasks done", err=results_to_stderr)
        say(f"next: phasegate resume {engine.run.run_id}", err=True)


def _stop_after(plan: Plan, until: str | None) -> Callable[[PlannedTask], bool]:
    if until is None:
        return lambda _task: False
    keys = {task.key for task in plan.tasks if until in (task.id, task.key)}
    if not keys:
        ids = ", ".join(task.id or task.key for task in plan.tasks)
        raise BadInput(f"--until {until}: the runbook has no such task; it has {ids}")
    return lambda task: task.key in keys


def _plan_command(target: str, runbook: str | None, shape: Shape | None) -> str:
    """The command that shows what this run's runbook is read as."""
    words = [
        "phasegate",
        "plan",
        target,
        *(["--runbook", runbook] if runbook else []),
        *(["--as", shape] if shape else []),
    ]
    return shlex.join(words)


def _require_yes(practice: bool, yes: bool) -> None:
    if practice and not yes:
        raise BadInput(
            "--practice says that --yes is a rehearsal, and there is no --yes",
            next_command="phasegate run ... --sandbox --yes --practice, or leave --practice out",
        )


def _yes_refused() -> BadInput:
    return BadInput(
        "--yes opens gates without a person, so it is refused anywhere but in the sandbox",
        next_command="phasegate run ... --sandbox --yes, or leave --yes out",
    )
