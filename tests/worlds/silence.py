"""What does a step say when an answer of AWS lacks something? The answers of `spoilt_answers`, one spoilt at a time.

A member is first given a wrong value: the checks that then say something else rest on it. After that it is taken out,
and emptied, and the whole operation is emptied and denied: a check that rests on it and passes still has passed without
its fact. What a check rests on although no wrong value shows it (a document and its check read one answer) is said.
The account of a step that only asks is asked once: it would say the same again. That of another step is asked once as
far as the step's questions are the same ones, in the same order (`retraced.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from phases.aws import AwsPort
from phases.step import Check
from state.errors import PhasegateError
from tests.worlds.resting import Datum
from tests.worlds.retraced import Walks
from tests.worlds.spoilt_answers import (
    DENIED,
    EMPTIED,
    EMPTY,
    LEFT_OUT,
    NOTHING,
    WRONG,
    Call,
    Heard,
    Path,
    Spoil,
    Spoilt,
    members,
)

ASKING = ("describe_", "get_", "list_", "query", "scan", "simulate_", "validate_")  # operations that change nothing
DEPTH = 4  # names of a path, lists apart
Begin = Callable[[AwsPort], list[Check]]


@dataclass
class Silence:
    """What came of spoiling every answer of one step.

    Attributes:
        spoilt: how many answers, on which a check rests, were emptied, removed or denied.
        passed: (check, operation, member, how) that passed without its fact.
        stopped: how often the step ended without a verdict.
    """

    spoilt: int = 0
    passed: set[tuple[str, str, str, str]] = field(default_factory=set)
    stopped: int = 0

    def passed_beside(self, absence: Collection[tuple[str, ...]]) -> set[tuple[str, str, str, str]]:
        """What passed without its fact, but for what rests on an absence: (check, operation), or with its member."""
        return {entry for entry in self.passed if entry[:2] not in absence and entry[:3] not in absence}

    def told(self, task: str) -> str:
        return f"{task}: {self.spoilt} answers emptied, removed or denied, {self.stopped} stopped\n"


def listen(account: AwsPort, begin: Begin, rests: Mapping[str, tuple[Datum, ...]] | None = None) -> Silence:
    """Spoil every member of every answer that the step reads, one at a time.

    Args:
        begin: the step from where it begins, each time anew; it calls AWS through the port that it is given.
        rests: name of a check -> what it rests on although no wrong value shows it.
    """
    walks = Walks(account)
    port = Spoilt(walks.port())
    before = {check.name: check for check in begin(port)}
    heard = port.heard if all(operation.startswith(ASKING) for _service, operation, _params in port.heard) else {}
    again = {check.name: check for check in begin(Spoilt(walks.port(), heard=heard))}
    assert _verdicts(again) == _verdicts(before)  # or nothing is proved
    assert not heard or again == before
    listening = _Listening(walks, begin, before, rests or {}, heard)
    for operation, paths in _read(port).items():
        listening.to(operation, paths)
    return listening.silence


def _verdicts(checks: Mapping[str, Check]) -> Mapping[str, str]:
    return {name: check.verdict for name, check in checks.items()}


def _read(port: Spoilt) -> Mapping[Call, list[Path]]:
    """The members of each operation's answers; its calls are one, whatever their parameters."""
    found: dict[Call, set[Path]] = {}
    for (service, operation, _params), answers in port.every.items():
        paths = found.setdefault((service, operation, ""), set())
        for page in (page for pages in answers if isinstance(pages, list) for page in pages):
            paths.update(path for path, _is_list in members(page, ()) if _depth(path) <= DEPTH and path[-1] != "*")
    return {call: sorted(paths) for call, paths in found.items()}


def _depth(path: Path) -> int:
    return len([name for name in path if name != "*"])


class _Listening:
    """One step, heard again and again."""

    def __init__(
        self,
        walks: Walks,
        begin: Begin,
        before: Mapping[str, Check],
        rests: Mapping[str, tuple[Datum, ...]],
        heard: Mapping[Call, Heard],
    ) -> None:
        self.silence = Silence()
        self._heard = heard
        self._walks, self._begin, self._rests = walks, begin, rests
        self._passed = {name for name, check in before.items() if check.verdict == "pass"}

    def to(self, operation: Call, paths: list[Path]) -> None:
        """Spoil what this operation answers."""
        on_operation: set[str] = set()
        for path in paths:
            resting = self._changed(self._checks(Spoil(operation, WRONG, path)))
            on_operation |= resting
            for how in (LEFT_OUT, EMPTY):
                self._note(resting, Spoil(operation, how, path))
        for how in (DENIED, NOTHING, EMPTIED):
            self._note(on_operation if how != EMPTIED else set(), Spoil(operation, how))

    def _note(self, resting: set[str], spoil: Spoil) -> None:
        """Take note of the checks that pass without the fact that they rest on."""
        resting = resting | set(self._said(spoil))
        if not resting:
            return
        self.silence.spoilt += 1
        after = self._checks(spoil) or {}
        for name in resting:
            if name in after and after[name].verdict == "pass":
                self.silence.passed.add((name, spoil.call[1], ".".join(spoil.path), spoil.how))

    def _said(self, spoil: Spoil) -> Iterator[str]:
        """The checks that are said to rest on what is spoilt."""
        for name, data in self._rests.items():
            if name in self._passed and any(datum.is_spoilt_by(spoil) for datum in data):
                yield name

    def _checks(self, spoil: Spoil) -> Mapping[str, Check] | None:
        """The step's checks; None where it stopped, which is no pass."""
        try:
            return {check.name: check for check in self._begin(Spoilt(self._walks.port(), spoil, self._heard))}
        except (PhasegateError, KeyError, TypeError, ValueError, IndexError, AttributeError):
            self.silence.stopped += 1
            return None

    def _changed(self, after: Mapping[str, Check] | None) -> set[str]:
        """The checks that a wrong value changes; where it stops the step, none is known to rest on it."""
        if after is None:
            return set()
        return {name for name in self._passed if name in after and after[name].verdict != "pass"}
