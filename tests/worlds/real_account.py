"""An account that is not the sandbox: its port says so, and answers as a test has written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from phases.aws import AwsPort, answer_of
from phases.checks.api_model import ApiModels

Answers = Mapping[
    tuple[str, str], Any
]  # (service, operation) -> an answer, a list of answers in turn, or what is raised


class RealAccount:
    """Everything that is not written down goes to the sandbox behind it.

    Attributes:
        asked: every call that was answered here: (service, operation, parameters).
    """

    sandbox = False

    def __init__(self, behind: AwsPort, answers: Answers) -> None:
        self._behind = behind
        self._answers = dict(answers)
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    @property
    def region(self) -> str:
        return self._behind.region

    @property
    def models(self) -> ApiModels:
        return self._behind.models

    def at(self, region: str) -> RealAccount:
        return self

    def endpoint(self, service: str) -> str:
        return self._behind.endpoint(service)

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        if (service, operation) not in self._answers:
            return self._behind.call(service, operation, **params)
        self.asked.append((service, operation, params))
        answer = self._answers[service, operation]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return answer_of(service, operation, answer)

    def pages(self, service: str, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        if (service, operation) in self._answers:
            yield self.call(service, operation, **params)
        else:
            yield from self._behind.pages(service, operation, **params)
