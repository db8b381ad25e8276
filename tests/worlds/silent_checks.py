"""Does a declared check pass on an answer that says nothing? A good answer of AWS, spoilt in each way in turn.

A member is made wrong first: a check that fails then rests on it, and may not pass without it, or with it empty. What a
check begins with it rests on always, and on an answer at all. One that looks through a list may not pass when every one
is empty.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from phases.aws import Answer, AwsError, AwsPort, Denied
from phases.checks.definition import DeclaredCheck
from phases.checks.evaluate import evaluate
from phases.checks.local.here import Here
from tests.worlds.checking import AnswersPages
from tests.worlds.spoilt_answers import (
    DENIED,
    EMPTIED,
    EMPTY,
    GOES_ON,
    LEFT_OUT,
    NOTHING,
    WRONG,
    Path,
    Spoil,
    members,
    spoilt,
)

DEPTH = 5  # names of a path, lists apart


@dataclass
class Answering(AnswersPages):
    """An `AwsPort` that answers each call with these pages, or with that error."""

    pages_of: Sequence[Answer] | AwsError

    def pages(self, _service: str, _operation: str, **_params: object) -> Iterator[Answer]:
        if isinstance(self.pages_of, AwsError):
            raise self.pages_of
        return iter(self.pages_of)


def passes(check: DeclaredCheck, pages: Sequence[Answer] | AwsError, here: Here | None = None) -> bool:
    """Whether it passes on this answer, asked once."""
    asked: AwsPort = Answering(pages)
    return evaluate(check, asked, here=here, wait=lambda _seconds: None).verdict == "pass"


def silent_passes(check: DeclaredCheck, pages: Sequence[Answer], here: Here | None = None) -> tuple[int, list[str]]:
    """How many answers were spoilt, and those on which the check passes all the same."""
    assert passes(check, pages, here), check.id  # or what follows proves nothing
    found = list(_ways(check, pages, here))
    return len(found), [f"{check.id} passes, with {spoil}" for spoil in found if _passes(check, pages, spoil, here)]


def _ways(check: DeclaredCheck, pages: Sequence[Answer], here: Here | None) -> Iterator[Spoil]:
    call = (check.operation.service, check.operation.name, "")
    yield from (Spoil(call, how) for how in (NOTHING, DENIED))
    if not check.operation.pages:
        yield Spoil(call, GOES_ON)
    begins, lists = check.expression.looks_at(check.operation)
    if lists:
        yield Spoil(call, EMPTIED)
    for path in _paths(pages):
        if path in [(name,) for name in begins] or not _passes(check, pages, Spoil(call, WRONG, path), here):
            yield from (Spoil(call, how, path) for how in (LEFT_OUT, EMPTY))


def _paths(pages: Sequence[Answer]) -> list[Path]:
    found = {path for page in pages for path, _is_list in members(page, ())}
    return sorted(path for path in found if len([name for name in path if name != "*"]) <= DEPTH)


def _passes(check: DeclaredCheck, pages: Sequence[Answer], spoil: Spoil, here: Here | None) -> bool:
    if spoil.how == DENIED:
        return passes(
            check, Denied("denied", service=spoil.call[0], operation=spoil.call[1], code="AccessDenied"), here
        )
    changed: list[dict[str, Any]] = [spoilt(copy.deepcopy(dict(page)), spoil) for page in pages]
    return passes(check, changed, here)
