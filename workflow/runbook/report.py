"""What does the reader have to say about a place of the runbook? Problems, findings, and what was not taken.

Rules:
- A problem refuses the runbook; it is raised with all the others, once.
- A finding is said and the plan stands; `not_tasks` are boxes and headings that look like tasks and were left out.
- Columns count bytes from 1.
"""

from __future__ import annotations

from state.errors import Problem
from state.model import Finding, Severity


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

    def problem(self, code: str, line: int, message: str, *, column: int = 1) -> None:
        """The runbook cannot be taken as it is."""
        self.problems.append(Finding("error", code, line, column, message))

    def warn(self, code: str, line: int, message: str, *, column: int = 1) -> None:
        """Probably not what was meant."""
        self._find("warning", code, line, column, message)

    def note(self, code: str, line: int, message: str, *, column: int = 1) -> None:
        """Good to know."""
        self._find("note", code, line, column, message)

    def leave_out(self, code: str, line: int, message: str, *, column: int = 1) -> None:
        """It looks like a task and is none."""
        self.not_tasks.append(Finding("note", code, line, column, message))

    def _find(self, severity: Severity, code: str, line: int, column: int, message: str) -> None:
        self.findings.append(Finding(severity, code, line, column, message))

    def as_problems(self, path: str) -> list[Problem]:
        """The problems in the order of the file, as `path:line:column: code: message`."""
        return [
            Problem(f"{path}:{each.line}:{each.column}", f"{each.code}: {each.message}")
            for each in in_order(self.problems)
        ]


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """The findings in the order of the file."""
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.column)))
