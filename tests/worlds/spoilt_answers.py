"""An account that answers as the one behind it, with one answer emptied, cut, refused or taken away.

    port = Spoilt(account)                          # answers as `account` does, and keeps what it answered
    for spoil in spoils(port.answered):             # each way in which one answer can say nothing
        Spoilt(account, spoil, port.heard)          # the account itself is not asked again

What is left out is left out of every answer to the same question, however often a phase asks it.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from phases.aws import AwsError, AwsPort, Denied, Throttled, answer_of
from phases.checks.api_model import ApiModels

Call = tuple[str, str, str]  # service, operation, parameters without their numbers, which differ by attempt and time
Heard: TypeAlias = "list[dict[str, Any]] | AwsError"
Path = tuple[str, ...]  # of a member; `*` for each entry of a list

EMPTIED, NOTHING, DENIED, THROTTLED, GOES_ON = "every list emptied", "{}", "denied", "throttled", "goes on"


@dataclass(frozen=True)
class Spoil:
    """What is wrong with the answer to one call; `path` is of the member that is left out or emptied."""

    call: Call
    how: str
    path: Path = ()

    def __str__(self) -> str:
        return f"{self.call[0]} {self.call[1]}: {'.'.join(self.path)} {self.how}".replace(":  ", ": ")


class Spoilt:
    """See the module.

    Attributes:
        heard: what was answered first to each call, a page each, or what was raised; handed to another one it answers
            in the account's place, but for what is `live`.
        live: operations that are always asked behind: their answers follow from what was done.
    """

    live = ("set_alarm_state", "describe_alarm_history")

    def __init__(self, behind: AwsPort, spoil: Spoil | None = None, heard: Mapping[Call, Heard] | None = None) -> None:
        self._behind, self._spoil = behind, spoil
        self._known = heard or {}
        self.heard: dict[Call, Heard] = {}

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
        if isinstance(heard, AwsError):
            raise heard
        return [self._answer(call, page) for page in heard]

    def _refuse(self, call: Call) -> None:
        if self._spoil and self._spoil.call == call and self._spoil.how in (DENIED, THROTTLED):
            kind = Denied if self._spoil.how == DENIED else Throttled
            raise kind(f"{self._spoil.how}", service=call[0], operation=call[1], code=self._spoil.how)

    def _answer(self, call: Call, answer: Mapping[str, Any]) -> dict[str, Any]:
        if self._spoil and self._spoil.call == call:
            answer = _spoilt(copy.deepcopy(dict(answer)), self._spoil)
        return answer_of(call[0], call[1], answer)


def spoils(answered: Mapping[Call, Mapping[str, Any]], most_deep: int = 6) -> Iterator[Spoil]:
    """Each way in which one of these answers can say nothing; members are named down to that depth."""
    for call, answer in answered.items():
        for how in (EMPTIED, NOTHING, DENIED, THROTTLED, GOES_ON):
            yield Spoil(call, how)
        for path, is_list in dict(_members(answer, ())).items():
            if len(path) <= most_deep:
                yield Spoil(call, "left out", path)
                if is_list:
                    yield Spoil(call, "emptied", path)


def _call(service: str, operation: str, params: Mapping[str, Any]) -> Call:
    return service, operation, re.sub(r"\d", "", json.dumps(params, default=str, sort_keys=True))


def _members(value: Any, path: Path) -> Iterator[tuple[Path, bool]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name), isinstance(inner, list)
            yield from _members(inner, (*path, name))
    elif isinstance(value, list):
        for entry in value:
            yield from _members(entry, (*path, "*"))


def _spoilt(answer: dict[str, Any], spoil: Spoil) -> dict[str, Any]:
    if spoil.how == NOTHING:
        return {}
    if spoil.how == GOES_ON:
        return {**answer, "NextToken": "there is more"}
    if spoil.how == EMPTIED:
        return _without_entries(answer)  # type: ignore[no-any-return]
    _leave_out(answer, spoil.path, empty=spoil.how == "emptied")
    return answer


def _without_entries(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_entries(inner) for name, inner in value.items()}
    return [] if isinstance(value, list) else value


def _leave_out(value: Any, path: Path, *, empty: bool) -> None:
    name, rest = path[0], path[1:]
    if name == "*":
        for entry in value:
            if rest:
                _leave_out(entry, rest, empty=empty)
        return
    if not isinstance(value, dict) or name not in value:
        return
    if rest:
        _leave_out(value[name], rest, empty=empty)
    elif empty:
        value[name] = []
    else:
        del value[name]
