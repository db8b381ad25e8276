"""How does a local check look at the machine, and at its run, inside of one? By what the step's context lets it do.

Rules:
- What reads is run as it is. What may change something is offered first, and runs at most once in an attempt; after a
  crash in the middle of it a person is asked before it runs again.
"""

from __future__ import annotations

from collections.abc import Sequence

from phases.checks.local.here import NotRun
from phases.checks.local.of_the_run import BoxSeen, FollowsFrom, Of
from phases.checks.local.questions import run_check_name, run_check_question
from phases.manual.command_endings import RanCommand, as_kept
from phases.step import CommandResult, Question, StepContext
from state.errors import StepFailed
from state.model import PlannedTask
from state.task_boxes import boxes_of

LONGEST = 300.0  # that a command which reads may take [s]


class StepHere:
    """`Here` for one check of a task under way."""

    def __init__(self, ctx: StepContext, task: PlannedTask, check: str) -> None:
        self._ctx, self._task, self._check = ctx, task, check

    def read(self, path: str) -> bytes | None:
        return self._ctx.read(path) if self._ctx.exists(path) else None

    def has_directory(self, path: str) -> bool:
        return self._ctx.has_directory(path)

    def run(self, command: str, *, changes: bool) -> CommandResult:
        if not changes:
            try:
                return self._ctx.run(command, timeout=LONGEST)
            except StepFailed as error:
                raise NotRun(str(error)) from error
        question = run_check_question(self._task, self._check, self._ctx.mask(command))
        if self._ctx.ask(question) == "skip":
            raise NotRun("not run: nobody let it run")
        return self._run_once(command)

    def boxes(self, look: FollowsFrom) -> Sequence[BoxSeen]:
        found: list[BoxSeen] = []
        for task in self._ctx.tasks:
            whole = task.is_named_by(look.tasks)
            wanted = [box for box in boxes_of(task) if whole or box.item.box.line in look.lines]
            verdicts = self._ctx.verdicts(task) if wanted else {}
            found += [BoxSeen(box.item.box.line, box.text, verdicts.get(box.id)) for box in wanted]
        return found

    def sign_off(self, of: Of) -> str:
        match of:
            case "operator":
                return self._ctx.operator
            case "approver":
                return "whoever opens the gate of this task, whom its commit and the working log name"
            case "date":
                return f"{self._ctx.now:%Y-%m-%d}"

    def _run_once(self, command: str) -> CommandResult:
        ctx, shown = self._ctx, self._ctx.mask(command)

        def act() -> RanCommand:
            return as_kept(ctx.run(command))

        def find() -> RanCommand | None:
            again = f"{run_check_name(self._task, self._check)}-again-{ctx.attempt}"
            text = f"`{shown}` was interrupted, and nothing can tell how far it came. Look, then say 'run' to go on."
            ctx.ask(Question(again, text, choices=("run",), suggest=False))
            return None

        ran = ctx.effect(f"check-{self._check}", {"command": shown}, act, find, RanCommand)
        return CommandResult(shown, ran["exit_code"], ran["output"], ran["seconds"])
