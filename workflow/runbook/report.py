"""What does the reader have to say about a place of the runbook? Problems, findings, and what was not taken.

Rules:
- A problem refuses the runbook; it is raised with all the others, once.
- A finding is said and the plan stands; `not_tasks` are boxes and headings that look like tasks and were left out.
- Columns count bytes from 1, without a byte order mark; where none is given, the line's first sign is meant.
"""

from __future__ import annotations

from collections.abc import Callable

from state.errors import Problem
from state.model import Finding, Severity
from state.printable import printable_line
from workflow.runbook.excerpt import excerpt, first_column


class Report:
    """Collects while the reader reads.

    Attributes:
        problems: what refuses the runbook, as (line, column, code, message).
        findings: notes and warnings.
        not_tasks: what was left out, with the reason as message.
    """

    def __init__(self) -> None:
        self.problems: list[Finding] = []
        self.findings: list[Finding] = []
        self.not_tasks: list[Finding] = []

    def problem(self, code: str, line: int, message: str, *, column: int = 0) -> None:
        """The runbook cannot be taken as it is."""
        self.problems.append(Finding("error", code, line, column, message))

    def warn(self, code: str, line: int, message: str, *, column: int = 0) -> None:
        """Probably not what was meant."""
        self._find("warning", code, line, column, message)

    def note(self, code: str, line: int, message: str, *, column: int = 0) -> None:
        """Good to know."""
        self._find("note", code, line, column, message)

    def leave_out(self, code: str, line: int, message: str, *, column: int = 0) -> None:
        """It looks like a task and is none."""
        self.not_tasks.append(Finding("note", code, line, column, message))

    def _find(self, severity: Severity, code: str, line: int, column: int, message: str) -> None:
        self.findings.append(Finding(severity, code, line, column, message))


def in_order(findings: list[Finding], raw: Callable[[int], bytes]) -> tuple[Finding, ...]:
    """The findings in the order of the file, each with its column; `raw` gives a line's bytes by its index."""
    placed = [each if each.column else each._replace(column=first_column(raw(each.line - 1))) for each in findings]
    return tuple(sorted(placed, key=lambda finding: (finding.line, finding.column)))


def as_problems(findings: tuple[Finding, ...], path: str, raw: Callable[[int], bytes]) -> list[Problem]:
    """Findings as what is wrong with the runbook at `path`, each with its line."""
    return [
        Problem(
            f"{path}:{each.line}:{each.column}",
            printable_line(f"{each.code}: {each.message}"),
            excerpt(raw(each.line - 1), each.column),
        )
        for each in findings
    ]
