"""What is a declared check? The frozen values that a checks file becomes; made by `reader`, never edited.

Rules:
- Everything in them was held against AWS's models when the file was read; what placeholders become is when they are
  filled, by `filled`.
- `place` and `places` lead back to the file, so that a late problem has its file:line:column, too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Self, TypeVar

from phases.checks.answer import as_json
from phases.checks.answered import (
    answering,
    criterion_id,
    declared_id,
    item_id,
    line_id,
    named_by,
    names_of_item,
)
from phases.checks.api_model import ApiOperation
from phases.checks.expectation import Expectation
from phases.checks.expression import Expression
from phases.checks.masking import masked
from phases.checks.parameters import filled_parameters, wrong_parameters
from phases.checks.placeholders import Path, filled, is_whole, names_in, texts_of, with_texts
from phases.checks.profiles import PROFILE, Profile
from phases.tried_answers import region_refused
from state.errors import BadInput, Problem
from state.evidence import Verdict
from state.json_values import Json
from state.model import PlannedTask
from state.nearest import hint
from state.path_word import path_word

REGION = r"[a-z]{2,}(-[a-z]+)+-[0-9]+"
Severity = Literal["fail", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared(ABC):
    """What every check of a checks file has, whoever is asked: its names, and what it answers.

    Attributes:
        id, name: unique in the file.
        within: how long to wait for it to become true [s]; `every`: how long between two looks [s].
        severity: what a failure is: "fail" closes the gate, "note" is shown.
        waits_for: whom a failure waits for, who is elsewhere: then it is no failure, and is looked at again; or "".
        tasks: ids, keys or titles, or patterns for them, of the tasks it belongs to.
        criterion: the exit criterion or the box that it answers, as the runbook has it, or "".
        line: the line of the box that it answers, from 1; 0 where it names none.
        item: the id of the box that it answers: `box 3` of its task, or the label that the box's text begins with.
        place: `file:line:column`; `places` the same of each part of it, by path.
    """

    id: str
    name: str
    within: int = 0
    every: int = 10
    severity: Severity = "fail"
    waits_for: str = ""
    tasks: tuple[str, ...] = ()
    criterion: str = ""
    line: int = 0
    item: str = ""
    place: str = ""
    places: Mapping[Path, str] = field(default_factory=dict)

    @property
    def answers(self) -> tuple[str, ...]:
        """The ids of what it answers: whatever names the check's id in `code`, and the one box or text that it names.

        A line is one box, also where its text is there twice; an id counts before a text.
        """
        own = (declared_id(self.id), *self.kinds)
        if self.line:
            return (*own, line_id(self.line))
        if self.item:
            return (*own, item_id(self.item))
        spelled = (criterion_id(self.criterion),) if self.criterion else ()
        return (*own, *spelled)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Ids by which checks of its kind are known, beside what they answer."""
        return ()

    @property
    def changes(self) -> bool:
        """Whether somebody has to say that it may run: nothing that AWS is asked."""
        return False

    @property
    def passes_as(self) -> Verdict:
        """The verdict when it is as expected: a pass, or derived, for what follows from other items."""
        return "pass"

    @property
    def never_holds(self) -> str:
        """Why nothing can make it true, or "": a person says before long that it does not apply."""
        return ""

    @property
    def follows(self) -> tuple[Sequence[str], Sequence[int]]:
        """The tasks (ids, keys or titles, or patterns) and the lines of the boxes that it follows from."""
        return (), ()

    def belongs_to(self, task: PlannedTask) -> bool:
        """Whether it is looked at when this task ends."""
        if self.tasks:
            return task.is_named_by(self.tasks)
        if any(answering(named_by(text), (self,)) for text in task.exit_criteria):
            return True
        return any(answering(names_of_item(*each), (self,)) for each in enumerate(task.items, 1))

    @property
    @abstractmethod
    def call(self) -> str:
        """What is asked, shortly: `dynamodb describe_table`, `command make test`."""

    @property
    @abstractmethod
    def expected(self) -> str:
        """What is looked at, and what it must be."""

    @abstractmethod
    def placeholders(self) -> list[tuple[Path, str]]:
        """Where placeholders stand, and their names."""

    @abstractmethod
    def filled(self, variables: Mapping[str, str]) -> Self:
        """A copy with its placeholders filled."""

    @abstractmethod
    def wrong_when_filled(self) -> list[Problem]:
        """What is wrong with the values that its placeholders became."""

    @abstractmethod
    def to_json(self) -> dict[str, Json]:
        """What is asked, as it stands in the file."""

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at that part of the check, or at the nearest thing around it that stands in the file."""
        while path and path not in self.places:
            path = path[:-1]
        return Problem(self.places.get(path, self.place), message)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredCheck(Declared):
    """One question to AWS, and the answer that is expected.

    Attributes:
        operation: what is called; `parameters` are its parameters (JSON values).
        expression: what of the answer is looked at.
        region: "" for the caller's own.
        regions: those that AWS has, where the check names one.
        beside: of a check whose datum is that something is not there: the one that must pass for it to count, if any.
    """

    operation: ApiOperation
    parameters: Mapping[str, object]
    expression: Expression
    expect: Expectation
    region: str = ""
    regions: frozenset[str] = frozenset()
    beside: DeclaredCheck | None = None

    @property
    def region_names(self) -> tuple[str, ...]:
        """The placeholder that its region is, alone; () where it is none."""
        return tuple(names_in(self.region)) if is_whole(self.region) else ()

    @property
    def call(self) -> str:
        """`dynamodb describe_table`, as in the file."""
        return f"{self.operation.service} {self.operation.name}"

    @property
    def expected(self) -> str:
        """What is looked at, and what it must be."""
        return f"{self.expression.text}: {self.expect}"

    def placeholders(self) -> list[tuple[Path, str]]:
        """Where placeholders stand, and their names."""
        texts = [(("region",), self.region), *texts_of(self.parameters, ("parameters",))]
        texts += [(("expression",), text) for text in self.expression.texts()]
        texts += texts_of(self.expect.value, ("expect", self.expect.kind)) if self.expect.kind != "matches" else ()
        return [(path, name) for path, text in texts for name in names_in(text)]

    def filled(self, variables: Mapping[str, str]) -> Self:
        """A copy with its placeholders filled."""

        def fill(text: str) -> str:
            return filled(text, variables)

        expect = self.expect
        if expect.kind != "matches":  # braces are a regular expression's own
            expect = replace(expect, value=with_texts(expect.value, fill))
        return replace(
            self,
            parameters=filled_parameters(self.operation, self.parameters, fill),
            expression=self.expression.filled(fill),
            expect=expect,
            region=fill(self.region),
        )

    def to_json(self) -> dict[str, Json]:
        """`{service, operation, region, parameters, expression, expect}`, secrets hidden."""
        return {
            "service": self.operation.service,
            "operation": self.operation.name,
            "region": self.region or None,
            "parameters": masked(as_json(self.parameters), self.operation.parameters),
            "expression": self.expression.text,
            "expect": {self.expect.kind: self.expect.value},
        }

    def wrong_when_filled(self) -> list[Problem]:
        """What is wrong with the values that its placeholders became."""
        wrong = wrong_parameters(self.operation, self.parameters)
        problems = [self.problem(("parameters", *path), message) for path, message in wrong]
        return problems if (problem := self.wrong_region) is None else [*problems, problem]

    @property
    def wrong_region(self) -> Problem | None:
        """That AWS has no such region; None where it has, where none is named, and where it is still to be filled."""
        if not self.region or names_in(self.region):
            return None
        why = region_refused(self.region, self.regions)
        return None if why is None else self.problem(("region",), f"region: {why}")


@dataclass(frozen=True, slots=True)
class Checks:
    """A checks file.

    Attributes:
        path: as given, for messages and evidence.
        sha256: of the file's bytes.
        doubts: what can never match in a file that a run of 0.1 began with; another file with such a thing is refused.
        profiles: the environments that the file knows.
        lookups: what AWS is asked for placeholders, by the id of each, in the order in which they need one another.
    """

    path: str
    sha256: str
    checks: tuple[Declared, ...] = ()
    doubts: tuple[Problem, ...] = ()
    profiles: tuple[Profile, ...] = ()
    lookups: tuple[DeclaredCheck, ...] = ()

    def of(self, task: PlannedTask) -> tuple[Declared, ...]:
        """The checks that belong to this task, in the file's order."""
        return tuple(check for check in self.checks if check.belongs_to(task))

    def needed(self, wanted: Sequence[Declared]) -> set[str]:
        """The placeholders of these checks, and those of the lookups that fill them."""
        needed = {name for check in wanted for _path, name in check.placeholders()}
        for lookup in reversed(self.lookups):  # one needs only what stands before it
            if lookup.id in needed:
                needed |= {name for _path, name in lookup.placeholders()}
        return needed

    def to_be_told(self, wanted: Sequence[Declared]) -> set[str]:
        """The placeholders that these checks need, also by their lookups, and that no lookup fills."""
        return self.needed(wanted) - {lookup.id for lookup in self.lookups}

    def regions_of(self, name: str) -> frozenset[str]:
        """The regions of which the placeholder of this name is one; none where it stands for something else."""
        asked = (each for each in (*self.checks, *self.lookups) if isinstance(each, DeclaredCheck))
        return next((each.regions for each in asked if name in each.region_names), frozenset())

    def only(self, checks: Sequence[Declared]) -> Checks:
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
            given = f" --var {PROFILE}={variables[PROFILE]}" if PROFILE in variables else ""
            given += "".join(f" --var {name}=..." for name in missing or names)
            raise BadInput(
                f"the checks in {self.path} cannot be made, so nothing is called",
                problems=problems,
                next_command=f"phasegate checks {path_word(self.path)}{given}",
            )
        return self.only(done)


AnyCheck = TypeVar("AnyCheck", bound=Declared)


def _filled(check: AnyCheck, variables: Mapping[str, str], problems: list[Problem]) -> AnyCheck:
    missing = [(path, name) for path, name in check.placeholders() if name not in variables]
    if missing:
        told = [(path, f"{{{name}}} has no value{hint(name, variables)}") for path, name in missing]
        problems += [check.problem(path, message) for path, message in told]
        return check
    done = check.filled(variables)
    if isinstance(done, DeclaredCheck) and done.beside is not None:
        done = replace(done, beside=_filled(done.beside, variables, problems))
    problems += done.wrong_when_filled()
    return done
