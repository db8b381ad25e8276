"""What is a declared check? The frozen values that a checks file becomes; made by `reader`, never edited.

Rules:
- Everything in them was held against AWS's models when the file was read; what placeholders become is when they are
  filled, by `filled`.
- `place` and `places` lead back to the file, so that a late problem has its file:line:column, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from shlex import quote
from typing import Any, Literal

from phases.checks.answered import answering, criterion_id, declared_id, named_by, plain
from phases.checks.api_model import ApiOperation
from phases.checks.expectation import Expectation
from phases.checks.expression import Expression
from phases.checks.parameters import typed, wrong_parameters
from phases.checks.placeholders import Path, filled, names_in, texts_of, with_texts
from state.errors import BadInput, Problem
from state.model import Plan, PlannedTask

REGION = r"[a-z]{2,}(-[a-z]+)+-[0-9]+"
Severity = Literal["fail", "note"]


@dataclass(frozen=True, slots=True)
class DeclaredCheck:
    """One question to AWS, and the answer that is expected.

    Attributes:
        id, name: unique in the file.
        operation: what is called; `parameters` are its parameters (JSON values).
        expression: what of the answer is looked at.
        within: how long to wait for it to become true [s]; `every`: how long between two looks [s].
        severity: what a failure is: "fail" closes the gate, "note" is shown.
        region: "" for the caller's own.
        tasks: ids, keys or titles, or patterns for them, of the tasks it belongs to.
        criterion: the exit criterion that it answers, as the runbook has it, or "".
        place: `file:line:column`; `places` the same of each part of it, by path.
    """

    id: str
    name: str
    operation: ApiOperation
    parameters: dict[str, Any]
    expression: Expression
    expect: Expectation
    within: int = 0
    every: int = 10
    severity: Severity = "fail"
    region: str = ""
    tasks: tuple[str, ...] = ()
    criterion: str = ""
    place: str = ""
    places: Mapping[Path, str] = field(default_factory=dict)

    @property
    def call(self) -> str:
        """`dynamodb describe_table`, as in the file."""
        return f"{self.operation.service} {self.operation.name}"

    @property
    def expected(self) -> str:
        """What is looked at, and what it must be."""
        return f"{self.expression.text}: {self.expect}"

    @property
    def answers(self) -> tuple[str, ...]:
        """The ids of what it answers: whatever names the check's id in `code`, and the criterion whose text it has."""
        spelled = (criterion_id(self.criterion),) if self.criterion else ()
        return (declared_id(self.id), *spelled)

    def belongs_to(self, task: PlannedTask) -> bool:
        """Whether it is looked at when this task ends."""
        names = [name for name in (task.key, task.id, task.title) if name]
        if self.tasks:
            return any(name == each or fnmatchcase(name, each) for each in self.tasks for name in names)
        return any(answering(named_by(criterion), (self,)) for criterion in task.exit_criteria)

    def placeholders(self) -> list[tuple[Path, str]]:
        """Where placeholders stand, and their names."""
        texts = [(("region",), self.region), *texts_of(self.parameters, ("parameters",))]
        texts += [(("expression",), text) for text in self.expression.texts()]
        texts += texts_of(self.expect.value, ("expect", self.expect.kind)) if self.expect.kind != "matches" else ()
        return [(path, name) for path, text in texts for name in names_in(text)]

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at that part of the check, or at the nearest thing around it that stands in the file."""
        while path and path not in self.places:
            path = path[:-1]
        return Problem(self.places.get(path, self.place), message)


@dataclass(frozen=True, slots=True)
class Checks:
    """A checks file.

    Attributes:
        path: as given, for messages and evidence.
        sha256: of the file's bytes.
    """

    path: str
    sha256: str
    checks: tuple[DeclaredCheck, ...] = ()

    def of(self, task: PlannedTask) -> tuple[DeclaredCheck, ...]:
        """The checks that belong to this task, in the file's order."""
        return tuple(check for check in self.checks if check.belongs_to(task))

    def only(self, checks: Sequence[DeclaredCheck]) -> Checks:
        return replace(self, checks=tuple(checks))

    def filled(self, variables: Mapping[str, str]) -> Checks:
        """The checks with their placeholders filled.

        Raises BadInput with file:line:column of every placeholder that has no value, and of every parameter that a
        value does not fit.
        """
        problems: list[Problem] = []
        done = [_filled(check, variables, problems) for check in self.checks]
        if problems:
            names = dict.fromkeys(name for check in self.checks for _, name in check.placeholders())
            missing = [name for name in names if name not in variables]
            given = "".join(f" --var {name}=..." for name in missing or names)
            raise BadInput(
                f"the checks in {self.path} cannot be made, so nothing is called",
                problems=problems,
                next_command=f"phasegate checks {quote(self.path)}{given}",
            )
        return self.only(done)

    def require_fits(self, plan: Plan) -> None:
        """Raises BadInput with every check whose task or exit criterion this plan does not have."""
        criteria = {plain(criterion) for task in plan.tasks for criterion in task.exit_criteria}
        problems = []
        for check in self.checks:
            for number, name in enumerate(check.tasks):
                if not any(replace(check, tasks=(name,)).belongs_to(task) for task in plan.tasks):
                    problems.append(check.problem(("tasks", number), f"no task of {plan.runbook} is called {name!r}"))
            if check.criterion and plain(check.criterion) not in criteria:
                message = f"{plan.runbook} has no exit criterion {check.criterion!r}"
                problems.append(check.problem(("criterion",), message))
        if problems:
            raise BadInput(
                f"{self.path} has checks for what {plan.runbook} does not have",
                problems=problems,
                next_command=f"phasegate plan {quote(plan.runbook)} --json",
            )


def _filled(check: DeclaredCheck, variables: Mapping[str, str], problems: list[Problem]) -> DeclaredCheck:
    missing = [(path, name) for path, name in check.placeholders() if name not in variables]
    if missing:
        problems += [check.problem(path, f"{{{name}}} has no value") for path, name in missing]
        return check

    def fill(text: str) -> str:
        return filled(text, variables)

    parameters = typed(check.operation.parameters, check.parameters, with_texts(check.parameters, fill))
    wrong = wrong_parameters(check.operation, parameters)
    problems += [check.problem(("parameters", *path), message) for path, message in wrong]
    region = fill(check.region)
    if region and not re.fullmatch(REGION, region):
        problems.append(check.problem(("region",), f"region: expected a region such as eu-west-1, seen {region!r}"))
    expect = check.expect
    if expect.kind != "matches":  # braces are a regular expression's own
        expect = replace(expect, value=with_texts(expect.value, fill))
    return replace(
        check,
        parameters=parameters,
        expression=check.expression.filled(fill),
        expect=expect,
        region=region,
    )
