"""What would a checks file ask of AWS, and what came of it? As data (docs/json.md) and as lines to read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gates.words import BY_PROFILE
from state.json_values import Json
from state.model import Plan
from state.printable import printable_line

if TYPE_CHECKING:
    from phases.checks.definition import Checks, Declared
    from phases.checks.evaluate import Outcome


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What came of one check."""

    outcome: Outcome

    @property
    def failed(self) -> bool:
        return self.outcome.as_check().verdict == "fail"

    def to_json(self) -> dict[str, Json]:
        from phases.checks.evidence import outcome_json

        return outcome_json(self.outcome)

    def lines(self) -> list[str]:
        """A line, or a few where it did not pass; printable."""
        check = self.outcome.as_check()
        lines = [f"{check.verdict:<12} {self.outcome.check.id}  {check.name}"]
        if check.verdict != "pass":
            said = (f"expected {check.expected}", f"seen {check.seen}", f"at {check.where}")
            lines += [f"{'':<13}{each}" for each in said]
        return [printable_line(line) for line in lines]


@dataclass(frozen=True, slots=True)
class ChecksView:
    """The checks of a file, and the plan of the runbook that they stand beside where one was named.

    Attributes:
        profile: the name of the profile that was chosen, or "".
        left_out: the checks of what that profile leaves out: nobody is asked them.
    """

    declared: Checks
    plan: Plan | None
    profile: str = ""
    left_out: tuple[Declared, ...] = ()

    def to_json(self, outcomes: Sequence[OutcomeView] | None = None) -> dict[str, Json]:
        """As docs/json.md describes it; `outcomes` where AWS was asked."""
        from phases.checks.evidence import check_json

        asked = [check_json(each) for each in self.declared.checks] if outcomes is None else None
        listed: list[Json] = [*(asked if asked is not None else (each.to_json() for each in outcomes or ()))]
        body: dict[str, Json] = {"file": self.declared.path, "sha256": self.declared.sha256, "checks": listed}
        if self.profile:
            body |= {"profile": self.profile, "left_out": [check.id for check in self.left_out]}
        if self.plan is None:
            return body
        attested: list[Json] = [{"task": task, "criterion": criterion} for task, criterion in self.attested()]
        tasks: dict[str, Json] = {task.key: [check.id for check in self.declared.of(task)] for task in self.plan.tasks}
        return body | {"runbook": self.plan.runbook, "tasks": tasks, "attested_by_a_person": attested}

    def attested(self) -> Iterator[tuple[str, str]]:
        """Task and criterion of what a person attests, since no check answers it."""
        from phases.checks.answered import answering, named_by

        for task in self.plan.tasks if self.plan else ():
            for criterion in task.exit_criteria:
                if not answering(named_by(criterion), self.declared.of(task)):
                    yield task.key, criterion

    def lines(self) -> list[str]:
        """To read, printable."""
        return [printable_line(line) for line in self._lines()]

    def lines_left_out(self) -> list[str]:
        """A line for each check that the profile leaves out; printable."""
        why = f"{BY_PROFILE} {self.profile}"
        return [printable_line(f"{'not-applicable':<14} {check.id}  {check.name}: {why}") for check in self.left_out]

    def _lines(self) -> Iterator[str]:
        count = len(self.declared.checks)
        yield f"{self.declared.path}: {count} {'check' if count == 1 else 'checks'}; nothing is called without --run"
        for check in self.declared.checks:
            yield from ("", f"{check.id}  {check.name}", *(f"    {line}" for line in self._about(check)))
        if self.left_out:
            yield from ("", *self.lines_left_out())
        attested = list(self.attested())
        if self.plan and attested:
            yield from ("", "a person attests")
            yield from (f"    {self.plan.task(task).label}: {criterion}" for task, criterion in attested)

    def _about(self, check: Declared) -> Iterator[str]:
        yield from _looked_at(check)
        if check.within:
            yield f"waits    at most {check.within:g} s, a look every {check.every:g} s"
        if check.severity == "note":
            yield "failing  is only noted"
        if answers := _answers(check):
            yield f"answers  {', '.join(answers)}"
        if self.plan is not None:
            labels = [task.label for task in self.plan.tasks if check.belongs_to(task)]
            yield f"tasks    {', '.join(labels) or 'none: it is not looked at in a run'}"


def _looked_at(check: Declared) -> Iterator[str]:
    """What is asked of AWS or looked at here, and what is expected of it."""
    from phases.checks.definition import DeclaredCheck
    from phases.checks.evidence import check_json

    if isinstance(check, DeclaredCheck):
        parameters = json.dumps(check_json(check)["parameters"], ensure_ascii=False)
        yield f"calls    {check.call} {parameters}{f' in {check.region}' if check.region else ''}"
        yield f"looks    {check.expression.text}"
        yield f"expects  {check.expect}"
    else:
        yield f"looks at {check.call}{', which may change something' if check.changes else ''}"
        yield f"expects  {check.expected}"


def _answers(check: Declared) -> list[str]:
    """What it answers, by the words, the line and the id that it names."""
    named = (check.criterion, f"line {check.line}" if check.line else "", check.item)
    return [each for each in named if each]
