"""How does a local check look at the machine, and at its run, inside of one? By what the step's context lets it do.

Rules:
- What reads is run as it is. What may change something is offered first, and runs at most once in an attempt; after a
  crash in the middle of it a person is asked before it runs again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from phases.checks.local.here import NotRun
from phases.checks.local.of_the_run import BoxSeen, FollowsFrom, Of
from phases.checks.local.questions import run_check_name, run_check_question
from phases.manual.command_endings import RanCommand, as_kept
from phases.manual.earlier_runs import earlier_runs, told_not_run
from phases.manual.reading_commands import only_reads
from phases.step import CommandResult, Question, StepContext
from state.errors import StepFailed
from state.model import PlannedTask
from state.task_boxes import boxes_of

_OF_A_COMMAND = re.compile(r"command-(\d+)(?:-run-\d+)?")  # an effect's name
_SHELL = "sh -e"  # which runs a line as `sh -c` does, but stops sooner
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
            name = f"check `{self._check}`"
            earlier = [each for each in earlier_runs(self._task, self._ctx).others if each.name == name]
            raise NotRun(told_not_run("not run: nobody let it run", earlier))
        return self._run_once(command)

    def has_passed(self, command: str) -> str:
        ctx = self._ctx
        if ctx.is_of_0_1 or ctx.mask(command) != command:  # masked, two commands may look alike
            return ""
        ran = [each for each in ctx.own_effects() if each.attempt == ctx.attempt]
        for place in reversed(range(len(ran))):
            each, found = ran[place], _OF_A_COMMAND.fullmatch(ran[place].name)
            if found is None or each.intent.get("command") != command.strip() or each.intent.get("program") != _SHELL:
                continue
            result = each.result or {}
            passed = result.get("exit_code") == 0 and not result.get("ended_early") and not each.intent.get("edited")
            changed = any(not only_reads(str(later.intent.get("command", ""))) for later in ran[place + 1 :])
            ours = passed and not changed and not ctx.was_begun_elsewhere(each.name)
            return f"command {found[1]}" if ours else ""
        return ""

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
                return f"{self._ctx.handed_in_at:%Y-%m-%d}"

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
