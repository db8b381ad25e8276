"""What does a person read who has to do a task? One Markdown page: its text, its commands, what it answers to. Pure."""

from __future__ import annotations

import os

from workflow.ports import HandView


def work_page(view: HandView) -> str:
    """The page; a command with a placeholder that nobody filled in says so."""
    task = view.task
    lines = [f"## {task.id} {task.title}".replace("  ", " "), "", f"Run `{view.run_id}`, attempt {view.attempt}."]
    for refusal in view.refusals:
        lines += ["", f"*{refusal}*"]
    lines += ["", task.text.rstrip()]
    if task.commands:
        lines += ["", "### Commands", "", "Each is offered when the work is handed in; what it prints is kept.", ""]
        for number, command in enumerate(task.commands, 1):
            unfilled = command.unfilled(os.environ)
            open_ = f" (never run: {', '.join(unfilled)} to be filled in)" if unfilled else ""
            lines.append(f"{number}. `{command.text}`{open_}".replace("\n", "\n   "))
    if task.exit_criteria:
        lines += ["", "### Exit criteria", "", *(f"- {criterion}" for criterion in task.exit_criteria)]
    if task.requirements:
        lines += ["", f"Requirements: {', '.join(task.requirements)}"]
    return "\n".join(lines) + "\n"
