"""An account that is asked once answers the next ones as itself, and stands where it would when they turn elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from phases.aws import AwsError, Denied
from phases.checks.api_model import ApiModels
from tests.worlds.checking import MODELS
from tests.worlds.retraced import Walks


class Shelf:
    """An account with one shelf; it remembers what it was asked."""

    region, sandbox = "eu-west-1", True

    def __init__(self) -> None:
        self.items: list[str] = []
        self.asked: list[str] = []

    @property
    def models(self) -> ApiModels:
        return MODELS

    def at(self, _region: str) -> Shelf:
        return self

    def endpoint(self, service: str) -> str:
        return service

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        self.asked.append(operation)
        if operation == "put":
            self.items.append(params["item"])
        if operation == "deny":
            raise Denied("no", service=service, operation=operation, code="AccessDenied")
        return {"Items": list(self.items)}

    def pages(self, service: str, operation: str, **params: Any) -> Any:
        yield self.call(service, operation, **params)


def walk(walks: Walks, *steps: str) -> list[dict[str, Any]]:
    """What is heard at each step; `put:x` puts an x there."""
    port, heard = walks.port(), list[dict[str, Any]]()
    for step in steps:
        operation, _, item = step.partition(":")
        try:
            heard.append(port.call("shelf", operation, **({"item": item} if item else {})))
        except AwsError as error:
            heard.append({"refused": str(error)})
    return heard


def test_the_same_way_is_answered_without_the_account() -> None:
    shelf = Shelf()
    walks = Walks(shelf)
    first = walk(walks, "look", "put:a", "look", "deny")
    assert first == [{"Items": []}, {"Items": ["a"]}, {"Items": ["a"]}, {"refused": "no"}]
    shelf.asked.clear()
    assert walk(walks, "look", "put:a", "look", "deny") == first
    assert shelf.asked == []


@pytest.mark.parametrize("turn", ["count", "put:b"])
def test_who_turns_elsewhere_finds_the_account_where_it_would_be(turn: str) -> None:
    shelf = Shelf()
    walks = Walks(shelf)
    walk(walks, "look", "put:a", "look")
    shelf.items.clear()  # as at the beginning of every walk
    expected = ["a", *turn.split(":")[1:]]
    assert walk(walks, "look", "put:a", turn, "look")[2:] == [{"Items": expected}, {"Items": expected}]
    shelf.asked.clear()
    shelf.items.clear()
    assert walk(walks, "look", "put:a", turn, "look")[2:] == [{"Items": expected}, {"Items": expected}]
    assert shelf.asked == []  # this way, too, was gone before


def test_one_question_at_two_places_is_two() -> None:
    walks = Walks(Shelf())
    assert walk(walks, "look", "put:a", "look", "put:b", "look")[::2] == [
        {"Items": []},
        {"Items": ["a"]},
        {"Items": ["a", "b"]},
    ]
