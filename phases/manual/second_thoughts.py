"""How does a person take back what they said of a command? Before the work is handed in, by a choice behind the last.

    left = can_be_taken_back(run_scripts(task, ctx))
    take_back(task, ctx, left[0])        # asks again; `run_scripts` goes on from the new answer

Rules:
- A command that was not run is offered once more; of one that failed and was left it is asked again what becomes of it;
  one that passed as somebody edited it, or ended early, can be edited, or run as the runbook has it.
- What ran stays: a run more comes behind the earlier ones. A command that passed as it stands is not run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from phases.manual.after_failure import Action, decide, reason_to_leave, what_ran
from phases.manual.blanks import blanks, filled
from phases.manual.command_endings import CommandEnding, Ending, how_it_ended
from phases.manual.earlier_runs import shortened
from phases.manual.early_ends import before_its_end
from phases.manual.interpreters import NOT_FOUND
from phases.manual.script_questions import missing_question, passed_question, question_name, run_question, seen_question
from phases.step import Question, StepContext
from state.counted import counted
from state.errors import WentBack
from state.model import PlannedTask

GO_ON = "go on with these"
_OTHERWISE = (Ending.SKIPPED, Ending.FAIL, Ending.EARLY)


def can_be_taken_back(endings: Sequence[CommandEnding]) -> list[CommandEnding]:
    """The commands of which a person said something that can be said otherwise."""
    return [each for each in endings if each.ending in _OTHERWISE or each.was_edited or _is_missing(each)]


def _is_missing(ended: CommandEnding) -> bool:
    return ended.ending is Ending.NOT_RUN and ended.why.endswith(NOT_FOUND)


def stands_question(task: PlannedTask, left: Sequence[CommandEnding]) -> Question:
    """Whether what was said of these commands stays."""
    told = [f"Command {each.number} (`{_as_it_ran(each)}`) {_how(each)}." for each in left]
    return Question(
        f"{task.asked_as}-commands-stand",
        "\n".join([*told, "Go on, or take one of these back?"]),
        default=GO_ON,
        choices=(GO_ON, *map(choice_of, left)),
    )


def stood(left: Sequence[CommandEnding]) -> str:
    """The answer that these commands stay as they are, and no others: `go on with these: command 2 was not run`."""
    told = [f"command {each.number} {_how(each)}{_runs(each)}" for each in left]
    return f"{GO_ON}: {'; '.join(told)}"


def _runs(ended: CommandEnding) -> str:
    return f" after {counted(len(ended.runs), 'run')}" if len(ended.runs) > 1 else ""


def _as_it_ran(ended: CommandEnding) -> str:
    """The command in a line: as it was run last, where somebody had edited it."""
    return shortened(ended.runs[-1]["script"]) if ended.was_edited else ended.command.first


def choice_of(ended: CommandEnding) -> str:
    """The choice that takes back what was said of this command."""
    return f"command {ended.number}: ask again"


def _how(ended: CommandEnding) -> str:
    if _is_missing(ended):
        return f"was {ended.why}"
    if ended.ending is Ending.EARLY:
        return f"ended {before_its_end(ended.runs[-1])}"
    if ended.was_edited and ended.ending is Ending.PASS:
        return "passed as it was edited"
    return f"failed and is left ({ended.why})" if ended.ending is Ending.FAIL else "was not run"


def take_back(task: PlannedTask, ctx: StepContext, ended: CommandEnding) -> None:
    """Ask again about this command. Raises Waiting for a pause, and when nobody can be asked."""
    name = question_name(task, ended.number)
    if ended.ending is Ending.SKIPPED:
        is_filled = all(each in ctx.answers() for each in blanks(ended.command))
        ready = filled(ended.command, ctx.answers()) if is_filled else None
        question = run_question(task, ended.number, ready)
        seen = seen_question(question)
        ctx.ask(seen if ctx.given_by(seen.name) else question, again=True)
    elif _is_missing(ended):
        ctx.ask(missing_question(task, ended.number, ended.why.removeprefix("not run: ")), again=True)
    elif ended.ending is Ending.FAIL:
        told = f"Command {ended.number} of {task.in_words}: {how_it_ended(ended.runs[-1], ended.command.line)}"
        failed = f"{name}-failed-{len(ended.runs)}"
        may_fill, shown = bool(blanks(ended.command)), what_ran(ended.runs[-1]["script"], ended.runs[-1]["output"])
        while decide(ctx, failed, told, shown, may_fill=may_fill, begun=False, again=True) is Action.SKIP:
            with suppress(WentBack):
                reason_to_leave(ctx, f"{name}-left", ended.number, again=True)
                return
    else:
        early, script = ended.ending is Ending.EARLY, ended.runs[-1]["script"]
        again_as = ctx.mask(filled(ended.command, ctx.answers()).text)
        ctx.ask(passed_question(name, ended.number, len(ended.runs), script, again_as, early=early), again=True)
