"""What does a person read who has to do a task? One Markdown page: its text, and what comes when it is done. Pure.

Commands, boxes and exit criteria stand in the task's text; behind it they are counted and named, and not said again.

As in `review_page`, only headings outside of quotes are the page's own.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

from phases.documents.markdown import code, quote
from phases.manual.blanks import blanks, nameless
from phases.manual.interpreters import missing_here, plain_language
from state.counted import counted
from state.model import Command
from state.printable import printable, printable_line
from workflow.ports import HandView
from workflow.runbook.above import no_go, said_above
from workflow.views.as_written import as_written
from workflow.views.boxes import answered_otherwise, ticked_before
from workflow.views.left_out import NO_TASK
from workflow.views.review_page import inline_name, refusal_lines


def _remark(command: Command, known: Collection[str], *, asks: bool) -> str:
    """What a person has to know of a command before it is offered; in runs of 0.1 nothing is asked for."""
    if not asks:
        unfilled = command.unfilled(os.environ)
        return f"; never run: {', '.join(unfilled)} to be filled in" if unfilled else ""
    blank, unnamed = blanks(command), nameless(command)
    named = [written for question, written in blank.items() if question not in known]
    said = [f"never run as it stands: {', '.join(unnamed)}"] if unnamed else []
    said += [f"asks for {', '.join(named)}"] if named and not unnamed else []
    not_here = missing_here(command, os.environ)
    said += [f"not run here as it is: {not_here}"] if not_here else []
    said += ["goes on in the shell of the fence before"] if command.same_shell else []
    return "".join(f"; {each}" for each in said)


def work_page(view: HandView) -> str:
    """The page; a command with a placeholder to be filled in says so."""
    task = view.task
    lines = [f"## {inline_name(task.id, task.title)}", "", view.place.line()]
    lines += refusal_lines(view.refusals)
    if lists := no_go(task):
        lines += ["", "The runbook says when not to go on:", "", quote(lists)]
    if above := said_above(task):
        lines += ["", "Above this task the runbook says to stop:", "", quote(above)]
    if view.no_task:
        lines += ["", f"{NO_TASK}:", "", quote("\n".join(f"- {each}" for each in view.no_task))]
    lines += ["", "The task, as the runbook has it:", "", quote(as_written(task))]
    if view.boxes and (before := ticked_before(task)):
        lines += ["", before]
    if coming := list(_coming(view)):
        lines += ["", "### Once it is done", "", *(f"- {printable_line(each)}" for each in coming)]
    return printable("\n".join(lines)) + "\n"


def _called(command: Command) -> str:
    """The command, or how long a script is, which stands in the task's text."""
    lines = command.text.count("\n") + 1
    return code(command.text) if lines == 1 else f"{lines} lines of {plain_language(command.language) or 'sh'}"


def _coming(view: HandView) -> Iterator[str]:
    """What is offered and asked when the task is done, a line each."""
    task = view.task
    stops = {} if not view.commands_first else {stop.line: stop.text for stop in task.stops}
    for number, command in enumerate(task.commands, 1):
        for line in [each for each in stops if each < command.line]:
            yield f"line {line} is confirmed before anything below it is offered: {code(stops.pop(line))}"
        remark = _remark(command, view.answered, asks=view.commands_first)
        yield f"command {number} is offered (line {command.line}): {_called(command)}{remark}"
    if view.boxes:
        known = ((box.number, answered_otherwise(task, box).partition(":")[0]) for box in view.boxes)
        otherwise = "; ".join(f"{number}: {words}" for number, words in known if words)
        each = ", each by itself" if len(view.boxes) > 1 else ""
        count = counted(len(view.boxes), "box is", "boxes are")
        yield f"{count} answered{each}{f' ({otherwise})' if otherwise else ''}"
    calls, changing = view.checks
    if calls:
        asked = f"; one that may change something is asked about: {', '.join(map(code, changing))}" if changing else ""
        yield f"{counted(len(calls), 'check is', 'checks are')} looked at{asked}"
    if task.exit_criteria:
        yield f"{counted(len(task.exit_criteria), 'exit criterion is', 'exit criteria are')} asked about"
    if task.gate and task.gate_line not in {stop.line for stop in task.stops}:
        yield f"whoever approves looks at line {task.gate_line}: {task.gate}"
    if view.fields:
        yield f"{counted(len(view.fields), 'field is', 'fields are')} asked for: {', '.join(view.fields)}"
    if view.answers_file:
        yield f"what {code(view.answers_file)} answers, a command to run too, is taken from there without a question"
