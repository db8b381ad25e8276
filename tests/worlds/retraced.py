"""An account that is asked once: whoever asks the same in the same order hears what the first one heard.

    walks = Walks(account)
    begin(walks.port())      # asks the account
    begin(walks.port())      # does not, as long as its questions are those of one before it, in the same order

At the first question that is another one, the account is asked all that was asked before it, so that it is where it
would be; that question and all behind it are asked of the account itself, and kept. So the account must stand where the
first walk began whenever one begins; a step that only asks leaves it there.

What is heard is everybody's: who changes it takes a copy, as `Spoilt` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from phases.aws import AwsError, AwsPort
from phases.checks.api_model import ApiModels

Asked: TypeAlias = "tuple[str, str, dict[str, Any]]"  # service, operation, parameters
Heard: TypeAlias = "list[dict[str, Any]] | AwsError"  # the pages, or what was raised
Ask = Callable[[], list[dict[str, Any]]]


@dataclass(frozen=True)
class Place:
    """A question that was asked at one place of a walk, what was heard, and the questions that came next.

    The first one, where all walks begin, is no question.
    """

    asked: Asked | None = None
    heard: Heard = field(default_factory=list)
    next: list[Place] = field(default_factory=list)

    def on(self, asked: Asked) -> Place | None:
        return next((each for each in self.next if each.asked == asked), None)


class Walks:
    """What was asked of an account from where it stands, and what was heard."""

    def __init__(self, account: AwsPort) -> None:
        self.account, self.begin = account, Place()

    def port(self) -> Retraced:
        """The account, for one more walk."""
        return Retraced(self.account, self.begin)


class Retraced:
    """See the module."""

    def __init__(self, account: AwsPort, begin: Place) -> None:
        self._account, self._here = account, begin
        self._passed: list[Ask] | None = []  # how the account would have been asked so far; None: it is asked itself

    @property
    def region(self) -> str:
        return self._account.region

    @property
    def sandbox(self) -> bool:
        return self._account.sandbox

    @property
    def models(self) -> ApiModels:
        return self._account.models

    def at(self, _region: str) -> Retraced:
        return self

    def endpoint(self, service: str) -> str:
        return self._account.endpoint(service)

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        return self._hear(
            (service, operation, params), lambda: [dict(self._account.call(service, operation, **params))]
        )[0]

    def pages(self, service: str, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        yield from self._hear(
            (service, f"pages of {operation}", params),
            lambda: [dict(page) for page in self._account.pages(service, operation, **params)],
        )

    def _hear(self, asked: Asked, ask: Ask) -> list[dict[str, Any]]:
        there = self._here.on(asked) if self._passed is not None else None
        if there is None:
            for each in self._passed or ():
                _answer(each)
            self._passed = None
            there = Place(asked, _answer(ask))
            self._here.next.append(there)
        elif self._passed is not None:
            self._passed.append(ask)
        self._here = there
        if isinstance(there.heard, AwsError):
            raise there.heard
        return there.heard


def _answer(ask: Ask) -> Heard:
    try:
        return ask()
    except AwsError as error:
        return error
