"""`done`: hand in the work of a task that is done by hand, from anywhere; for people, CI jobs and coding agents.

Rules:
- Handing in opens no gate: the evidence is put before its approvers, and who handed it in by this command is none of
  them unless phasegate.yaml says so.
- What is not asked for is not run, and an exit criterion that nobody attests is not taken as met.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from gates.approval import SHORT
from phases.checks.exit_criteria import question_names
from phases.manual.hand_work import command_question
from state.errors import BadInput
from state.model import PlannedTask
from workflow.cli.drive import ANSWERS, open_run
from workflow.cli.place import governed_workspace_of
from workflow.cli.say import say
from workflow.cli.wiring import read_answers
from workflow.engine.engine import Settings
from workflow.ports import HandIn
from workflow.runs.askable import refuse_unasked
from workflow.runs.find_run import choose

ALL = "all"


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option(
    "--path", "paths", multiple=True, metavar="P", help="A changed file or directory that belongs to the task."
)
@click.option("--no-files", is_flag=True, help="The work left no file here, or none that belongs to it.")
@click.option("--attest", multiple=True, metavar="N|all", help="The exit criterion with this number holds: I looked.")
@click.option("--run", "runs", multiple=True, metavar="N|all", help="Run the task's command with this number.")
@click.option("--skip", default="", metavar="REASON", help="Leave an optional task out.")
@ANSWERS
@click.pass_context
def done(
    ctx: click.Context,
    run_id: str | None,
    paths: tuple[str, ...],
    no_files: bool,
    attest: tuple[str, ...],
    runs: tuple[str, ...],
    skip: str,
    answers: str | None,
) -> None:
    """Hand in the work of a task that is done by hand: the one that the run stands at."""
    if paths and no_files:
        raise BadInput("--path and --no-files cannot both be given", next_command="phasegate done --path FILE")
    workspace = governed_workspace_of(ctx)
    inside = [_inside(workspace, Path(str(ctx.obj)), path) for path in paths]
    hand_in = HandIn(inside if inside or no_files else None, "done", skip)
    given = read_answers(answers)
    engine = open_run(workspace, choose(workspace, run_id), Settings(given))
    with engine.journal:
        refuse_unasked(given, engine.plan, engine.workflow, workspace)
        engine.recover()
        task = engine.current()
        state = engine.hand_in(hand_in, said(task, attest, runs))
        assert state.request is not None
        short = state.request.digest[:SHORT]
        say(f"{engine.run.run_id}: {task.label} handed in; {short} waits for approval")
        say(f"next: phasegate status {engine.run.run_id} --review   # somebody reads it, then", err=True)
        say(f"      phasegate approve {engine.run.run_id} --digest {short}", err=True)


def said(task: PlannedTask, attest: Sequence[str], runs: Sequence[str]) -> Mapping[str, str]:
    """The answers that the options give to what a task asks: commands that were not named are not run.

    Raises BadInput for a number that the task does not have.
    """
    wanted = _numbers("--run", runs, len(task.commands), f"task {task.label} has {len(task.commands)} commands")
    holds = _numbers(
        "--attest", attest, len(task.exit_criteria), f"task {task.label} has {len(task.exit_criteria)} exit criteria"
    )
    answers = {
        command_question(task, number).name: "run" if number in wanted else "skip"
        for number in range(1, len(task.commands) + 1)
    }
    names = question_names(task, task.exit_criteria)
    return answers | {names[number - 1]: "yes" for number in holds}


def _numbers(option: str, given: Sequence[str], count: int, has: str) -> set[int]:
    if ALL in given:
        return set(range(1, count + 1))
    wrong = [word for word in given if not word.isdecimal() or not 1 <= int(word) <= count]
    if wrong:
        raise BadInput(f"{option} {wrong[0]}: {has}", next_command="phasegate status --json   # has the task's key")
    return {int(word) for word in given}


def _inside(workspace: Path, start: Path, path: str) -> str:
    """The path as seen from the workspace; it is given as seen from `-C DIR`, as in git. Links are not followed."""
    full = Path(os.path.normpath(start.resolve() / path))
    if not full.is_relative_to(workspace):
        raise BadInput(f"--path {path} lies outside of the repository {workspace.name}")
    return full.relative_to(workspace).as_posix()
