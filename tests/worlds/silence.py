"""What does a step say when an answer of AWS lacks something? The same answers with one member spoilt at a time.

A member is first given a wrong value: the checks that then say something else rest on it. After that it is taken out,
and emptied, and the whole operation is denied: a check that rests on it and passes still has passed without its fact.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from phases.aws import Denied
from phases.step import Check
from state.errors import PhasegateError, StepFailed
from workflow.doors.aws.client import AwsDoor
from workflow.sandbox.inprocess import Sandbox

Path = tuple[str, ...]  # names of members; "[]" is every element of a list
DEPTH = 4
MOST = 400  # answers to one run of a step; who waits for more waits for ever, and was stopped
ADDED = {"IndexName": "added", "StreamArn": "arn:added", "Key": "added", "Value": "added", "AttributeName": "added"}


class SpoiltDoor(AwsDoor):
    """AWS in the sandbox, the answers of one operation spoilt.

    Attributes:
        spoils: the operation, and what is done to its answer; None for nothing.
        seen: the members of every operation's answers so far.
    """

    def __init__(self, region: str, sandbox: Sandbox) -> None:
        super().__init__(region=region, sandbox=True, session=sandbox.session(region))
        self.spoils: tuple[str, Callable[[dict[str, Any]], None]] | None = None
        self.seen: dict[str, set[Path]] = {}
        self.answers = 0  # of this run of the step

    def at(self, region: str) -> AwsDoor:
        return self

    def call(self, service: str, operation: str, **params: object) -> dict[str, Any]:
        return self._spoilt(operation, super().call(service, operation, **params))

    def pages(self, service: str, operation: str, **params: object) -> Iterator[dict[str, Any]]:
        paginated = self._client(service).can_paginate(operation)
        for page in super().pages(service, operation, **params):
            yield self._spoilt(operation, page) if paginated else page  # else `call` has spoilt it

    def _spoilt(self, operation: str, answer: dict[str, Any]) -> dict[str, Any]:
        self.answers += 1
        if self.answers > MOST:
            raise StepFailed("it asks again and again", next_command="phasegate resume")
        self.seen.setdefault(operation, set()).update(members(answer))
        if self.spoils and self.spoils[0] == operation:
            answer = copy.deepcopy(answer)
            self.spoils[1](answer)
        return answer


@dataclass
class Silence:
    """What came of spoiling every answer of one step.

    Attributes:
        spoilt: how many answers were emptied, removed or denied.
        resting: operation -> the checks that rest on it.
        passed: (check, operation, member, how) that passed without its fact.
        stopped: how often the step ended without a verdict.
    """

    spoilt: int = 0
    resting: dict[str, set[str]] = field(default_factory=dict)
    passed: set[tuple[str, str, str, str]] = field(default_factory=set)
    stopped: int = 0

    def note(self, resting: set[str], after: Mapping[str, Check] | None, spoilt: tuple[str, str, str]) -> None:
        """Take note of the checks that passed without the fact that they rest on."""
        self.spoilt += 1
        for name in resting:
            if after is not None and name in after and after[name].verdict == "pass":
                self.passed.add((name, *spoilt))


def members(answer: object, path: Path = ()) -> Iterator[Path]:
    """The members of an answer, DEPTH deep; "[]" does not count."""
    if isinstance(answer, Mapping):
        for name, inner in answer.items():
            yield (*path, name)
            if len([each for each in path if each != "[]"]) + 1 < DEPTH:
                yield from members(inner, (*path, name))
    elif isinstance(answer, list):
        for entry in answer:
            yield from members(entry, (*path, "[]"))


def listen(door: SpoiltDoor, begin: Callable[[], list[Check]]) -> Silence:
    """Spoil every member of every answer that the step reads, one at a time.

    Args:
        begin: the step from where it begins, each time anew; it calls AWS through the door.
    """

    def run() -> list[Check]:
        door.answers = 0
        return begin()

    silence = Silence()
    door.seen.clear()
    before = {check.name: check for check in run()}
    read = {operation: sorted(paths) for operation, paths in door.seen.items()}
    for operation, paths in read.items():
        on_operation = silence.resting.setdefault(operation, set())
        for path in paths:
            resting = _changed(before, _checks(door, run, operation, path, _wrong, silence))
            on_operation |= resting
            for how, spoil in (("removed", _removed), ("emptied", _emptied)) if resting else ():
                after = _checks(door, run, operation, path, spoil, silence)
                silence.note(resting, after, (operation, ".".join(path), how))
        for how, at_all in (("denied", _denied), ("emptied", dict.clear)):
            door.spoils = (operation, at_all)
            silence.note(on_operation, _run(run, silence), (operation, "", how))
        door.spoils = None
    return silence


def _checks(
    door: SpoiltDoor,
    run: Callable[[], list[Check]],
    operation: str,
    path: Path,
    spoil: Callable[[Any, str], None],
    silence: Silence,
) -> Mapping[str, Check] | None:
    door.spoils = (operation, lambda answer: _at(answer, path, spoil))
    found = _run(run, silence)
    door.spoils = None
    return found


def _run(run: Callable[[], list[Check]], silence: Silence) -> Mapping[str, Check] | None:
    """The step's checks; None where it stopped, which is no pass."""
    try:
        return {check.name: check for check in run()}
    except (PhasegateError, KeyError, TypeError, ValueError, IndexError, AttributeError):
        silence.stopped += 1
        return None


def _changed(before: Mapping[str, Check], after: Mapping[str, Check] | None) -> set[str]:
    """The checks that a wrong value changes; where it stops the step, none is known to rest on it."""
    if after is None:
        return set()
    return {
        name
        for name, check in before.items()
        if check.verdict == "pass"
        and name in after
        and after[name].verdict != "pass"  # one that is not made rests on more
    }


def _at(value: object, path: Path, spoil: Callable[[Any, str], None]) -> None:
    """Spoil the member at that path, in every element of the lists on the way."""
    if path[0] == "[]":
        for entry in value if isinstance(value, list) else []:
            _at(entry, path[1:], spoil)
    elif isinstance(value, dict) and path[0] in value:
        if len(path) == 1:
            spoil(value, path[0])
        else:
            _at(value[path[0]], path[1:], spoil)


def _removed(holder: dict[str, Any], name: str) -> None:
    del holder[name]


def _emptied(holder: dict[str, Any], name: str) -> None:
    value = holder[name]
    holder[name] = type(value)() if isinstance(value, str | list | dict | bytes) else None


def _wrong(holder: dict[str, Any], name: str) -> None:
    holder[name] = _other(holder[name])


def _other(value: object) -> object:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 987
    if isinstance(value, list):
        return [*map(_other, value), ADDED] if not value or isinstance(value[0], dict) else [*value, "added"]
    if isinstance(value, dict):
        return {name: _other(inner) for name, inner in value.items()}
    return datetime(2001, 1, 1, tzinfo=UTC) if isinstance(value, datetime) else f"wrong {value!r}"


def _denied(_answer: dict[str, Any]) -> None:
    raise Denied("denied", service="", operation="", code="AccessDenied")
