"""What of a runbook is in no state? A few lines for `run`, which repeat what `plan` lists one by one.

Steps that nobody is asked about are told in full, there and on the page of the task that they stand above.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from state.model import Finding, Plan, PlannedTask
from state.printable import as_name, printable_line

WORDS = {
    "case": "for some case only, without a box",
    "emoji-box": "a sign that looks like a box",
    "heading-box": "a box in a heading",
    "hidden-box": "a box that a reader does not see",
    "html-box": "a box in HTML",
    "inner-box": "a box inside of a line",
    "inner-phase": "a phase inside of a phase",
    "loose-command": "a command in no task",
    "loose-warning": "a warning in no task",
    "malformed-box": "a box that is written wrongly",
    "no-condition": "a condition that is not read: its boxes are asked about in any case",
    "no-field": "a blank to fill in, in no task, or an escaped one",
    "no-go": "a box in a NO-GO list: a tick means failure",
    "no-item": "a section with commands or a number, and no box",
    "no-phase": "a heading beside the phases, without a number",
    "no-stop": "words that say to stop, above no task",
    "section-item": "a box of no task",
    "table-box": "a box in a table",
    "task-mark": "a mark of tasks in the place of a box",
    "way-back": "for the rollback only",
}


STEPS = ("no-item", "loose-command", "loose-warning")  # somebody does them, whatever else is the case


NO_TASK = "Steps of the runbook that are in no task: nobody is asked about them"


def left_out(plan: Plan, plan_command: str) -> list[str]:
    """One line for each reason, with the numbers of the lines; none when everything was taken.

    `plan_command` is what shows them one by one.
    """
    malformed = [finding for finding in plan.findings if finding.code == "malformed-box"]
    found = sorted((*plan.not_tasks, *malformed), key=lambda finding: (finding.code, finding.line))
    if not found:
        return []
    lines = [f"{as_name(plan.runbook)}: not taken as a task:"]
    for code, findings in groupby(found, key=lambda finding: finding.code):
        if code in STEPS:
            lines += (f"  line {each.line}: {each.message} ({code})" for each in findings)
        else:
            lines.append(f"  {_lines(findings)}: {WORDS[code]} ({code})")
    return [printable_line(line) for line in (*lines, f"  each with its reason: {plan_command}")]


def steps_beside(plan: Plan, task: PlannedTask) -> list[str]:
    """The steps of the runbook that are in no task and stand above this one; behind the last, with the last required.

    One line each, with its number.
    """
    steps = [each for each in plan.not_tasks if each.code in STEPS]
    if not steps:
        return []
    tasks = sorted(plan.tasks, key=lambda each: each.line)
    before = max((each.end_line for each in tasks if each.line < task.line), default=0)
    last = next((each for each in reversed(plan.tasks) if not each.optional), tasks[-1])
    end = tasks[-1].end_line
    return [
        printable_line(f"line {each.line}: {each.message}")
        for each in steps
        if before < each.line < task.line or (task.key == last.key and each.line > end)
    ]


def _lines(findings: Iterable[Finding]) -> str:
    """`line 3`, `lines 3, 5-9`"""
    numbers = list(dict.fromkeys(finding.line for finding in findings))
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(_spans(numbers))}"


def _spans(numbers: list[int]) -> Iterator[str]:
    first = last = numbers[0]
    for number in (*numbers[1:], -1):
        if number == last + 1:
            last = number
            continue
        yield f"{first}-{last}" if last > first else f"{first}"
        first = last = number
