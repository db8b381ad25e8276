"""What is looked at when a person hands work in? Tests, the task's own commands, and its exit criteria.

Rules:
- A command is run when a person says so, and only then; one with a placeholder that nobody filled in never is.
- One that is not known to read says that it may write, and Enter does not run it. After a crash in the middle of such
  a command a person is asked before it runs again.
- A checkpoint runs the project's tests: the command of phasegate.yaml, or the one that was answered once.
- All of them run before anybody names files, and before a file's digest is taken: what they write can be handed in.
- What ran is kept as evidence: command, exit code, output with secrets masked, in a file of the task's commit.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict  # pydantic reads typing's own from Python 3.12 on only

from phases.checks.exit_criteria import find_checks, look_at_exit
from phases.documents.markdown import code_block
from phases.manual.reading_commands import only_reads
from phases.recorded import Seconds
from phases.step import Check, Question, StepContext
from state.model import Command, PlannedTask

if TYPE_CHECKING:
    from phases.checks.definition import Checks

TESTS = Question(
    "test-command",
    "Which command runs the project's tests? ('none' where there is none; `tests` in phasegate.yaml says it once)",
)


class Ran(TypedDict):
    """How a command ended, as the journal keeps it."""

    exit_code: int
    seconds: Seconds
    output: str


def report_paths(log: str, task: PlannedTask) -> tuple[str, str]:
    """Workspace paths, beside the working log, of what keeps what a task's commands printed and what its checks saw."""
    names = (f"{task.key}_commands.md", f"{task.key}_checks.md")
    first, second = (PurePosixPath(log).with_name(name).as_posix() for name in names)
    return first, second


def command_question(task: PlannedTask, number: int) -> Question:
    """Whether to run the task's command with this number, from 1."""
    text = task.commands[number - 1].text
    reads = only_reads(text)
    return Question(
        f"{_slug(task)}-command-{number}",
        f"Run `{text}`?" + ("" if reads else " It is not known to only read."),
        default="run" if reads else "skip",
        choices=("run", "skip"),
        suggest=reads,
    )


def may_run(task: PlannedTask, answers: Mapping[str, str]) -> bool:
    """Whether something may be run for this task, where these are the answers given so far."""
    numbers = range(1, len(task.commands) + 1)
    return task.kind == "checkpoint" or any(answers.get(command_question(task, n).name) != "skip" for n in numbers)


def run_commands(task: PlannedTask, ctx: StepContext) -> list[Check]:
    """Run the project's tests, at a checkpoint, and those of the task's commands that somebody wants to be run.

    They come before anybody names files, because they may write some. `check_work` finds what they came to: nothing is
    run twice in an attempt. Raises as `check_work`.
    """
    return _run_all(task, ctx)[0]


def check_work(task: PlannedTask, ctx: StepContext, *, runbook: str, log: str) -> list[Check]:
    """The exit checks of work that was handed in; writes the reports of what ran and what was looked at, where any was.

    Raises Waiting when a person is needed and nobody answers, and as `look_at_exit` where the runbook has checks.
    """
    checks, kept = _run_all(task, ctx)
    commands_report, checks_report = report_paths(log, task)
    if checks:
        ctx.write(commands_report, f"# {task.label}: what was run\n\n" + "\n".join(kept or ["Nothing.\n"]))
    declared = find_checks(runbook, lambda path: ctx.read(path) if ctx.exists(path) else None, lambda: ctx.aws.models)
    if declared is not None:
        _ask_for_placeholders(task, ctx, declared)
    looked = look_at_exit(task, declared, ctx)
    if declared is not None and looked.checks:
        ctx.write(checks_report, looked.markdown)
    return [*checks, *looked.checks]


def _ask_for_placeholders(task: PlannedTask, ctx: StepContext, declared: Checks) -> None:
    for name in sorted({name for check in declared.of(task) for _path, name in check.placeholders()}):
        if name not in ctx.answers():
            ctx.ask(Question(name, f"A check of {task.label} asks AWS about {{{name}}}: what is that?"))


def _run_all(task: PlannedTask, ctx: StepContext) -> tuple[list[Check], list[str]]:
    """What the tests and commands came to, and what is kept of it."""
    kept: list[str] = []
    checks = [_tests(ctx, kept)] if task.kind == "checkpoint" else []
    for number, command in enumerate(task.commands, 1):
        checks.append(_offer(task, ctx, number, command, kept))
    return checks, kept


def _tests(ctx: StepContext, kept: list[str]) -> Check:
    command = ctx.answers().get(TESTS.name) or ctx.ask(TESTS)
    if command == "none":
        return Check("tests", "exit 0", "this project has no test command", "not-checked")
    return _run(ctx, "tests", "tests", command, kept, reads=True)  # tests are made to be run again


def _offer(task: PlannedTask, ctx: StepContext, number: int, command: Command, kept: list[str]) -> Check:
    name = f"command {number}: {command.text.splitlines()[0]}"
    where = f"line {command.line}"
    if unfilled := command.unfilled(os.environ):  # the command gets this environment
        return Check(name, "exit 0", f"not run: {', '.join(unfilled)} is not filled in", "not-checked", where)
    if ctx.ask(command_question(task, number)) == "skip":
        return Check(name, "exit 0", "not run", "not-checked", where)
    return _run(ctx, f"command-{number}", name, command.text, kept, reads=only_reads(command.text), where=where)


def _run(
    ctx: StepContext, effect: str, name: str, command: str, kept: list[str], *, reads: bool, where: str = ""
) -> Check:
    def act() -> dict[str, Any]:
        done = ctx.run(command)
        return {"exit_code": done.exit_code, "seconds": round(done.seconds, 1), "output": done.output}

    def find() -> dict[str, Any] | None:
        if not reads:
            again = f"{_slug(ctx.task)}-{effect}-again-{ctx.attempt}"
            text = f"`{command}` was interrupted, and nothing can tell how far it came. Look, then say 'run' to go on."
            ctx.ask(Question(again, text, choices=("run",)))
        return None

    done = ctx.effect(effect, {"command": ctx.mask(command)}, act, find, Ran)
    kept.append(f"## `{ctx.mask(command)}`\n\nExit {done['exit_code']} after {done['seconds']} s.\n")
    kept.append(code_block(done["output"]) + "\n")
    seen = f"exit {done['exit_code']} after {done['seconds']} s"
    return Check(name, "exit 0", seen, "pass" if done["exit_code"] == 0 else "fail", where)


def _slug(task: PlannedTask) -> str:
    return task.key.replace("_", "-")
