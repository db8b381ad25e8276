"""What does a person read who has to do a task? One Markdown page: its text, its commands, what it answers to. Pure.

As in `review_page`, only headings outside of quotes are the page's own.
"""

from __future__ import annotations

import os

from phases.documents.markdown import code_block, inline, quote
from state.printable import printable
from workflow.ports import HandView
from workflow.views.review_page import inline_name, refusal_lines


def work_page(view: HandView) -> str:
    """The page; a command with a placeholder that nobody filled in says so."""
    task = view.task
    lines = [f"## {inline_name(task.id, task.title)}", "", f"Run `{view.run_id}`, attempt {view.attempt}."]
    lines += refusal_lines(view.refusals)
    lines += ["", "The task, as the runbook has it:", "", quote(task.text)]
    if task.commands:
        lines += ["", "### Commands", "", "Each is offered when the work is handed in; what it prints is kept.", ""]
        for number, command in enumerate(task.commands, 1):
            unfilled = command.unfilled(os.environ)
            open_ = f" (never run: {', '.join(unfilled)} to be filled in)" if unfilled else ""
            lines += [f"{number}.{open_}", ""]
            lines += [f"   {line}" for line in code_block(printable(command.text), "sh").split("\n")]
            lines.append("")
    if task.exit_criteria:
        lines += ["", "### Exit criteria", "", *(f"- {inline(criterion)}" for criterion in task.exit_criteria)]
    if task.requirements:
        lines += ["", f"Requirements: {inline(', '.join(task.requirements))}"]
    return printable("\n".join(lines)) + "\n"
