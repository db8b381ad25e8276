"""An account that answers as the one behind it, with one answer emptied, cut, made wrong, refused or taken away.

    port = Spoilt(account)                          # answers as `account` does, and keeps what it answered
    for spoil in spoils(port.answered):             # each way in which one answer can say nothing
        Spoilt(account, spoil, port.heard)          # the account itself is not asked again

What is left out is left out of every answer to the same question, however often a phase asks it. A spoil whose call has
no parameters ("") is of every call of the operation.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from phases.aws import AwsError, AwsPort, Denied, Throttled, answer_of
from phases.checks.api_model import ApiModels

Call = tuple[str, str, str]  # service, operation, parameters without their numbers, which differ by attempt and time
Heard: TypeAlias = "list[dict[str, Any]] | AwsError"
Path = tuple[str, ...]  # of a member; `*` for each entry of a list

EMPTIED, NOTHING, DENIED, THROTTLED, GOES_ON = "every list emptied", "{}", "denied", "throttled", "goes on"
WRONG, LEFT_OUT, EMPTY = "made wrong", "left out", "emptied"  # of one member
ADDED = {"IndexName": "added", "StreamArn": "arn:added", "Key": "added", "Value": "added", "AttributeName": "added"}


@dataclass(frozen=True)
class Spoil:
    """What is wrong with the answer to one call; `path` is of the member that is left out or emptied."""

    call: Call
    how: str
    path: Path = ()

    def is_of(self, call: Call) -> bool:
        return call == self.call or (self.call[2] == "" and call[:2] == self.call[:2])

    def __str__(self) -> str:
        return f"{self.call[0]} {self.call[1]}: {'.'.join(self.path)} {self.how}".replace(":  ", ": ")


class Spoilt:
    """See the module.

    Attributes:
        heard: what was answered first to each call, a page each, or what was raised; handed to another one it answers
            in the account's place, but for what is `live`.
        every: all that was answered to each call by the account: to ask what is there, before and after, is one call.
        live: operations that are always asked behind: their answers follow from what was done.
    """

    live = ("set_alarm_state", "describe_alarm_history")

    def __init__(self, behind: AwsPort, spoil: Spoil | None = None, heard: Mapping[Call, Heard] | None = None) -> None:
        self._behind, self._spoil = behind, spoil
        self._known = heard or {}
        self.heard: dict[Call, Heard] = {}
        self.every: dict[Call, list[Heard]] = {}

    @property
    def answered(self) -> dict[Call, dict[str, Any]]:
        """The first page of each answer."""
        return {call: pages[0] for call, pages in self.heard.items() if isinstance(pages, list) and pages}

    @property
    def region(self) -> str:
        return self._behind.region

    @property
    def sandbox(self) -> bool:
        return self._behind.sandbox

    @property
    def models(self) -> ApiModels:
        return self._behind.models

    def at(self, _region: str) -> Spoilt:
        return self

    def endpoint(self, service: str) -> str:
        return self._behind.endpoint(service)

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        return next(
            iter(self._pages(service, operation, params, lambda: [self._behind.call(service, operation, **params)]))
        )

    def pages(self, service: str, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        yield from self._pages(
            service, operation, params, lambda: list(self._behind.pages(service, operation, **params))
        )

    def _pages(
        self, service: str, operation: str, params: Mapping[str, Any], ask: Callable[[], list[dict[str, Any]]]
    ) -> list[dict[str, Any]]:
        call = _call(service, operation, params)
        self._refuse(call)
        heard = self._known.get(call) if operation not in self.live else None
        if heard is None:
            try:
                heard = copy.deepcopy([dict(page) for page in ask()])
            except AwsError as error:
                heard = error
            self.heard.setdefault(call, heard)
            self.every.setdefault(call, []).append(heard)
        if isinstance(heard, AwsError):
            raise heard
        return [self._answer(call, page) for page in heard]

    def _refuse(self, call: Call) -> None:
        if self._spoil and self._spoil.is_of(call) and self._spoil.how in (DENIED, THROTTLED):
            kind = Denied if self._spoil.how == DENIED else Throttled
            raise kind(f"{self._spoil.how}", service=call[0], operation=call[1], code=self._spoil.how)

    def _answer(self, call: Call, answer: Mapping[str, Any]) -> dict[str, Any]:
        if self._spoil and self._spoil.is_of(call):
            answer = spoilt(copy.deepcopy(dict(answer)), self._spoil)
        return answer_of(call[0], call[1], answer)


def spoils(answered: Mapping[Call, Mapping[str, Any]], most_deep: int = 6) -> Iterator[Spoil]:
    """Each way in which one of these answers can say nothing; members are named down to that depth."""
    for call, answer in answered.items():
        for how in (EMPTIED, NOTHING, DENIED, THROTTLED, GOES_ON):
            yield Spoil(call, how)
        for path, is_list in dict(members(answer, ())).items():
            if len(path) <= most_deep:
                yield Spoil(call, LEFT_OUT, path)
                if is_list:
                    yield Spoil(call, EMPTY, path)


def _call(service: str, operation: str, params: Mapping[str, Any]) -> Call:
    return service, operation, re.sub(r"\d", "", json.dumps(params, default=str, sort_keys=True))


def members(value: Any, path: Path) -> Iterator[tuple[Path, bool]]:
    """The path of each member of an answer, and whether it is a list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name), isinstance(inner, list)
            yield from members(inner, (*path, name))
    elif isinstance(value, list):
        for entry in value:
            yield from members(entry, (*path, "*"))


def spoilt(answer: dict[str, Any], spoil: Spoil) -> dict[str, Any]:
    """The answer, changed in place or another one, as the spoil has it; not for what is refused."""
    if spoil.how == NOTHING:
        return {}
    if spoil.how == GOES_ON:
        return {**answer, "NextToken": "there is more"}
    if spoil.how == EMPTIED:
        return _without_entries(answer)  # type: ignore[no-any-return]
    _change(answer, spoil.path, spoil.how)
    return answer


def _without_entries(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_entries(inner) for name, inner in value.items()}
    return [] if isinstance(value, list) else value


def _change(value: Any, path: Path, how: str) -> None:
    """Change the member at that path, in every entry of the lists on the way."""
    name, rest = path[0], path[1:]
    if name == "*":
        for entry in value if isinstance(value, list) and rest else ():
            _change(entry, rest, how)
    elif not isinstance(value, dict) or name not in value:
        return
    elif rest:
        _change(value[name], rest, how)
    elif how == LEFT_OUT:
        del value[name]
    else:
        value[name] = _other(value[name]) if how == WRONG else _empty(value[name])


def _empty(value: Any) -> Any:
    return type(value)() if isinstance(value, str | list | dict | bytes) else None


def _other(value: Any) -> Any:
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
