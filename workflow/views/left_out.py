"""What of a runbook is in no state? A few lines for `run`, which repeat what `plan` lists one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from state.model import Finding, Plan
from state.printable import as_name, printable_line


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
        lines.append(f"  {code}: {_lines(findings)}")
    return [printable_line(line) for line in (*lines, f"  each with its reason: {plan_command}")]


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
