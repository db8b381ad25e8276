"""What is asked before a check's command runs that is not known to only read?"""

from __future__ import annotations

from phases.step import Question
from state.model import PlannedTask


def run_check_name(task: PlannedTask, check: str) -> str:
    """How an answers file names the question whether the command of this check of the task may run."""
    return f"{task.asked_as}-check-{check}"


def run_check_question(task: PlannedTask, check: str, command: str) -> Question:
    """Whether it may run."""
    return Question(
        run_check_name(task, check),
        f"The check {check} runs `{command}`, which may change something. Run it?",
        default="skip",
        choices=("run", "skip"),
        suggest=False,
    )
