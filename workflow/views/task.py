"""What does a person read who has to do a task? One Markdown page: its text, its commands, what it answers to. Pure.

As in `review_page`, only headings outside of quotes are the page's own.
"""

from __future__ import annotations

import os

from phases.documents.markdown import code_block, inline, quote
from phases.manual.blanks import blanks, nameless
from phases.manual.interpreters import plain_language
from state.model import Command, PlannedTask
from state.printable import printable
from state.task_boxes import TaskBox
from workflow.ports import HandView
from workflow.runbook.above import no_go
from workflow.views.boxes import answered_otherwise
from workflow.views.review_page import inline_name, refusal_lines


def _remark(command: Command, *, asks: bool) -> str:
    """What a person has to know of a command before it is offered; in runs of 0.1 nothing is asked for."""
    if not asks:
        unfilled = command.unfilled(os.environ)
        return f" (never run: {', '.join(unfilled)} to be filled in)" if unfilled else ""
    named, unnamed = list(blanks(command).values()), nameless(command)
    said = [f"never run as it stands: {', '.join(unnamed)}"] if unnamed else []
    said += [f"asks for {', '.join(named)}"] if named and not unnamed else []
    said += ["goes on in the shell of the fence before"] if command.same_shell else []
    return f" ({'; '.join(said)})" if said else ""


def work_page(view: HandView) -> str:
    """The page; a command with a placeholder to be filled in says so."""
    task = view.task
    lines = [f"## {inline_name(task.id, task.title)}", "", view.place.line()]
    lines += refusal_lines(view.refusals)
    if lists := no_go(task):
        lines += ["", "The runbook says when not to go on:", "", quote(lists)]
    lines += ["", "The task, as the runbook has it:", "", quote(task.text)]
    if task.commands:
        lines += ["", "### Commands", "", "Each is offered when the work is handed in; what it prints is kept.", ""]
        for number, command in enumerate(task.commands, 1):
            lines += [f"{number}.{_remark(command, asks=view.commands_first)}", ""]
            language = plain_language(command.language) or "sh"
            lines += [f"   {line}" for line in code_block(printable(command.text), language).split("\n")]
            lines.append("")
    if view.boxes:
        lines += ["", "### Boxes", "", "Each is answered by itself when the work is handed in.", ""]
        lines += [f"{box.number}. {inline(box.text)}{_box_remark(task, box)}" for box in view.boxes]
    if task.exit_criteria:
        lines += ["", "### Exit criteria", "", *(f"- {inline(criterion)}" for criterion in task.exit_criteria)]
    if task.requirements:
        lines += ["", f"Requirements: {inline(', '.join(task.requirements))}"]
    return printable("\n".join(lines)) + "\n"


def _box_remark(task: PlannedTask, box: TaskBox) -> str:
    otherwise = answered_otherwise(task, box).partition(":")[0]
    return f" ({otherwise})" if otherwise else ""
