"""How are a task's commands run, one after the other, and how did each of them end? Each fence is one script.

    endings = run_scripts(ctx.task, ctx)          # asks, runs, and asks what to do about one that failed
    endings = run_scripts(ctx.task, ctx)          # again: nothing is asked or run twice in an attempt
    ending_of(item.commands[0], endings)          # how the command of a box ended (`command_endings.py`)

Rules:
- A command is run when a person says so, and only then. Its placeholders are filled in first (`blanks.py`); what is
  shown then is what runs, and what is recorded.
- Above a command the runbook may say to stop (`stops.py`): it is offered when somebody has confirmed that.
- The next command is offered when this one has passed, or was left with a reason. One that failed, or was interrupted,
  is run again, edited, left with a reason that the approver reads, or the run pauses there; nothing of that by Enter.
- A script is asked about by one question, and judged as a whole: it only reads when all of its commands do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from phases.manual.asks_at_a_terminal import asks_at_a_terminal
from phases.manual.blanks import Filled, blanks, fill, filled, nameless, unseen, was_typed
from phases.manual.command_endings import CommandEnding, Ending
from phases.manual.interpreters import NOT_FOUND
from phases.manual.programs_here import not_found_here
from phases.manual.script_questions import (
    GO_ON,
    interpreter_for,
    missing_question,
    reads_only,
    run_question,
    seen_question,
)
from phases.manual.settle_script import Running, effect_name
from phases.manual.stops import CONFIRMED, stop_question, stops_before
from phases.step import StepContext
from state.model import Command, PlannedTask
from state.task_boxes import boxes_of, own_commands

Before = Callable[[int | None, Sequence[CommandEnding]], None]


def of_another_profile(ctx: StepContext, text: str) -> str:
    """`names dev, and this run is for staging`: what a command says that is another profile's; "" for nothing."""
    mine, others = ctx.of_other_profiles(text)
    return f"names {', '.join(others)}, and this run is for {mine}" if others else ""


def _told(ctx: StepContext, text: str, *, is_shell: bool) -> str:
    """What somebody has to know before this is run, in sentences."""
    told = f" It {names}." if (names := of_another_profile(ctx, text)) else ""
    if asks := asks_at_a_terminal(text):
        told += f" `{asks[0]}` asks at a terminal, and a command has none here: it needs {asks[1]}."
    if missing := not_found_here(text) if is_shell else ():
        told += f" It names {', '.join(f'`{each}`' for each in missing)}, not found here now."
    return told


def run_scripts(task: PlannedTask, ctx: StepContext, before: Before | None = None) -> list[CommandEnding]:
    """Offer and run the task's commands, in order; how each of them ended.

    What was asked and run in this attempt is not asked and run again. `before` is called before each command, and after
    the last one, with its line in the runbook (None then) and how those before it ended.

    Raises Waiting when a person is needed and nobody answers, or said to pause; StepFailed when one cannot be started
    or does not end in time.
    """
    endings: list[CommandEnding] = []
    for number, command in enumerate(task.commands, 1):
        _hold_at_stops(task, ctx, number, endings, before)
        if before is not None:
            before(command.line, endings)
        endings.append(_offer(task, ctx, number, endings))
    if before is not None:
        before(None, endings)
    return endings


def _hold_at_stops(
    task: PlannedTask, ctx: StepContext, number: int, endings: Sequence[CommandEnding], before: Before | None
) -> None:
    """Have each line confirmed that says to stop above a command which is going to be offered. Raises as `ask`."""
    if not task.stops or ctx.has_begun(effect_name(number, 1)) or _missing(task.commands[number - 1], endings):
        return
    if ctx.known(run_question(task, number)) == "skip":
        return
    for stop in task.stops:
        if before is not None and stop.line < task.commands[number - 1].line:
            before(stop.line + 1, endings)  # a box on this line answers it
        if stop in stops_before(task, number, ctx):
            # a default is taken by a rehearsal: nothing else takes those of work by hand
            ctx.ask(replace(stop_question(task, stop), default=CONFIRMED))


def _offer(task: PlannedTask, ctx: StepContext, number: int, before: Sequence[CommandEnding]) -> CommandEnding:
    command = task.commands[number - 1]
    if ctx.has_begun(effect_name(number, 1)):  # whatever is found here now
        as_it_began = filled(command, ctx.answers_when(effect_name(number, 1)))
        return Running(task, ctx, number, _former(before)).until_settled(as_it_began)
    if same_as := _ran_already(task, number, before):
        return CommandEnding(number, command, Ending.PASS, same_as=same_as)
    if missing := _left_out(task, ctx, number, before):
        return CommandEnding(number, command, Ending.NOT_RUN, f"not run: {missing}")
    ready = _asked(task, ctx, number)
    if ready is None:
        return CommandEnding(number, command, Ending.SKIPPED, "not run")
    return Running(task, ctx, number, _former(before)).until_settled(ready)


def _left_out(task: PlannedTask, ctx: StepContext, number: int, before: Sequence[CommandEnding]) -> str:
    """Why this command is not run, as whoever sits here was told at its place; "" where it can be."""
    again = False
    while missing := _missing(task.commands[number - 1], before):
        if not missing.endswith(NOT_FOUND):  # nothing that is done meanwhile changes it
            return missing
        if ctx.ask(missing_question(task, number, missing), again=again) == GO_ON:
            return missing
        again = True
    question = missing_question(task, number, "")
    said = ctx.answers().get(question.name) if ctx.given_by(question.name) else ""
    return "it could not be run when it was its turn" if said == GO_ON else ""


def _ran_already(task: PlannedTask, number: int, before: Sequence[CommandEnding]) -> int:
    """The number of the same command, which passed as it stands, where one of the two is a box's; 0 for none.

    Nothing that may change something ran since: what it found still holds, and serves both.
    """
    command = task.commands[number - 1]
    if command.same_shell or (command.language and any(each.same_shell for each in task.commands[number:])):
        return 0
    of_boxes = {each for box in boxes_of(task) for each in own_commands(task, box)}
    for ended in reversed(before):
        other = ended.command
        is_same = (other.text, interpreter_for(other)) == (command.text, interpreter_for(command))
        if is_same and {number, ended.number} & of_boxes:
            passed = ended.ending is Ending.PASS and not ended.was_edited and not other.same_shell
            return (ended.same_as or ended.number) if passed else 0
        if any(not reads_only(other, each["script"]) for each in ended.runs):
            return 0
    return 0


def _asked(task: PlannedTask, ctx: StepContext, number: int) -> Filled | None:
    """The command as it is to be run, and said to be; None where it is not.

    With values that are known the question shows them. Else they are asked for when somebody wants it to be run, and
    what they made of it is shown once more: nothing runs that was typed and not seen.
    """
    command = task.commands[number - 1]
    question = run_question(task, number)
    said_before = ctx.given_by(question.name) != "" and not ctx.is_brought(
        question.name
    )  # by a process that died: of which text, nobody knows
    if ctx.known(question) == "skip":  # nobody has to fill in what is not run
        ctx.ask(question)
        return None
    ready = fill(task, command, ctx) if _are_known(ctx, command) else None
    text = ready.text if ready is not None else command.text
    told = _told(ctx, text, is_shell=interpreter_for(command).is_shell)
    known = [name for name in blanks(command) if _is_known(ctx, name)]
    answer = ctx.ask(run_question(task, number, ready, told, known))
    if answer == "skip":
        return None
    said_here = ctx.given_by(question.name).endswith("(prompt)")
    if ready is not None and answer == "run" and not (said_before and blanks(command)) and (said_here or not ready.odd):
        return ready
    ready = fill(task, command, ctx, again=answer == "fill")
    if not ready.odd and not (said_here and blanks(command)) and not was_typed(command, ctx):
        return ready
    return _seen_once_more(task, ctx, number, ready)


def _are_known(ctx: StepContext, command: Command) -> bool:
    """Whether every value that is to be filled in is known."""
    return all(_is_known(ctx, name) for name in blanks(command))


def _is_known(ctx: StepContext, name: str) -> bool:
    """Whether nobody has to be asked for this value."""
    return name in ctx.answers() or ctx.given(name) is not None


def _seen_once_more(task: PlannedTask, ctx: StepContext, number: int, ready: Filled) -> Filled | None:
    """The command after somebody saw it with what was typed, and said to run it; None where they said not to."""
    command = task.commands[number - 1]
    if ready.odd and not ctx.at_terminal and not _is_seen(task, ctx, number, ready):
        raise unseen(task, number, ready, ctx)
    while (answer := ctx.ask(seen_question(run_question(task, number, ready)))) == "fill":
        ready = fill(task, command, ctx, again=True)
        ctx.ask(seen_question(run_question(task, number, ready)), again=True)
    if answer == "run" and ready.odd and not _is_seen(task, ctx, number, ready):
        raise unseen(task, number, ready, ctx)
    return ready if answer == "run" else None


def _is_seen(task: PlannedTask, ctx: StepContext, number: int, ready: Filled) -> bool:
    """Whether a person at a terminal said to run it as it is filled in, or said not to."""
    return ctx.given_by(seen_question(run_question(task, number, ready)).name).endswith("(prompt)")


def _missing(command: Command, before: Sequence[CommandEnding]) -> str:
    """Why this command cannot be run here and now; "" when it can."""
    interpreter = interpreter_for(command)
    if not_here := interpreter.missing(os.environ):
        return not_here
    if unnamed := nameless(command):
        return f"{', '.join(unnamed)} is not filled in"
    if not command.same_shell:
        return ""
    former = _former(before)
    if former is None or not interpreter.is_shell or interpreter_for(former.command) != interpreter:
        return f"it goes on in the shell of a fence before, and none of {interpreter.name} stands there"
    if former.ending is not Ending.PASS:
        return f"it goes on in the shell of line {former.command.line}, which has not passed"
    return ""


def _former(before: Sequence[CommandEnding]) -> CommandEnding | None:
    """The fence before; inline code has no shell to go on in."""
    return next((each for each in reversed(before) if each.command.language), None)
