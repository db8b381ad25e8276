"""Short ways to a check: written as in a file, filled, looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import yaml

from phases.aws import Answer, AwsPort
from phases.checks.api_model import ApiModels
from phases.checks.definition import Checks
from phases.checks.evaluate import Outcome, evaluate
from phases.checks.reader import read_checks
from state.model import Plan
from workflow.doors.aws.client import AwsDoor
from workflow.doors.aws.models import BotocoreModels
from workflow.sandbox.inprocess import Sandbox

MODELS = BotocoreModels()
TABLE: dict[str, Any] = {
    "id": "encrypted",
    "name": "The orders table is encrypted with a KMS key",
    "service": "dynamodb",
    "operation": "describe_table",
    "parameters": {"TableName": "orders"},
    "expression": "Table.SSEDescription.Status",
    "expect": {"equals": "ENABLED"},
}


class AnswersPages:
    """An `AwsPort` in any region that answers `pages`, which whoever extends it says; nothing else may be asked."""

    region: str = "us-east-1"
    sandbox: bool = False

    @property
    def models(self) -> ApiModels:
        return MODELS

    def at(self, _region: str) -> AwsPort:
        return self

    def endpoint(self, service: str) -> str:
        raise AssertionError(service)

    def call(self, service: str, operation: str, **params: object) -> Answer:
        raise AssertionError(f"{service} {operation} {params}")

    def pages(self, service: str, operation: str, **params: object) -> Iterator[Answer]:
        raise NotImplementedError


def written(*checks: dict[str, Any], plan: Plan | None = None) -> Checks:
    """The checks, as if they stood in `orders.checks.yaml`, beside the plan's runbook where one is given."""
    text = yaml.safe_dump({"checks": list(checks)}, sort_keys=False)
    return read_checks(text.encode(), "orders.checks.yaml", MODELS, plan=plan)


def table_check(**changes: Any) -> dict[str, Any]:
    """A sound check; a change of None takes the setting out."""
    return {name: value for name, value in {**TABLE, **changes}.items() if value is not None}


def check(service: str, operation: str, parameters: dict[str, Any], expression: str, expect: Any) -> dict[str, Any]:
    """A check of which only the question matters."""
    return table_check(
        service=service, operation=operation, parameters=parameters, expression=expression, expect=expect
    )


class Asking:
    """Looks at checks in an account; `waits` are the pauses it was told to make [s]."""

    def __init__(self, sandbox: Sandbox, **door: Any) -> None:
        self.sandbox = sandbox
        self.door = AwsDoor(sandbox=True, session=sandbox.session(), **door)
        self.waits: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None  # happens in each pause

    def evaluate(self, entry: dict[str, Any], **variables: str) -> Outcome:
        (filled,) = written(entry).filled(variables).checks
        return evaluate(filled, self.door, wait=self._wait)

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.meanwhile()
