"""What is an answer called where a person reads it? Not by the key that an answers file has. Pure."""

from __future__ import annotations

import re

from state.model import PlannedTask

_FORMS = (
    (r"command-(\d+)", r"command \1"),
    (r"command-(\d+)-filled", r"command \1, as it is filled in"),
    (r"command-(\d+)-filled-(\d+)", r"command \1, as it is filled in for run \2"),
    (r"command-(\d+)-failed-(\d+)", r"command \1, once run \2 had failed"),
    (r"command-(\d+)-edited-(\d+)", r"command \1, as edited for run \2"),
    (r"command-(\d+)-passed-(\d+)", r"command \1, once run \2 had passed"),
    (r"command-(\d+)-left", r"command \1, why it is left as it is"),
    (r"box-(\d+)", r"box \1"),
    (r"boxes-unmet", "what becomes of the boxes with a no"),
    (r"boxes-unmet-note", "note on the boxes with a no"),
    (r"commands-stand", "whether the commands stay as they are"),
)


def answer_name(task: PlannedTask, question: str) -> str:
    """What a person calls this answer of the task; the key itself where it has no other name."""
    if question.startswith("fill-"):
        return question.removeprefix("fill-").replace("-", " ")
    from phases.checks.exit_criteria import question_names  # here: where something was answered

    criteria = dict(zip(question_names(task, task.exit_criteria), task.exit_criteria, strict=True))
    if question in criteria:
        return criteria[question]
    for end, what in (("-unmet", "not met, what becomes of it"), ("-unmet-note", "not met, note")):
        if (own := question.removesuffix(end)) != question and own in criteria:
            return f"{criteria[own]}: {what}"
    own = question.removeprefix(f"{task.asked_as}-")
    if own == question:
        return question
    if own == "condition":
        from workflow.runbook.case_words import the_case  # here: where a task has a condition

        return f"is this the case: {the_case(task.condition)}"
    for form, name in _FORMS:
        if found := re.fullmatch(form, own):
            return found.expand(name)
    return question
