"""How is an answer of AWS read so that silence is no fact?

Rules:
- A list is read to its end, or it counts for nothing: one that goes on where boto3 cannot follow is Incomplete.
- What signing in or waiting helps is raised: the run pauses. Any other failure is "not checked", with AWS's words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from phases.aws import (
    AwsError,
    AwsPort,
    ExpiredToken,
    Incomplete,
    NoCredentials,
    Throttled,
    Unreachable,
    goes_on,
)
from phases.checks.answered import Item
from phases.step import Check

PAUSES = (ExpiredToken, NoCredentials, Throttled, Unreachable)  # the run goes on when these are over


def entries(aws: AwsPort, service: str, operation: str, member: str, **params: object) -> list[Any]:
    """What that member of the answer lists, of all pages.

    Raises Incomplete when a page has no such member or when there are more pages than boto3 can follow, else as `call`.
    """
    found: list[Any] = []
    further = ""
    for page in aws.pages(service, operation, **params):
        found += page[member]
        further = goes_on(page)
    if further:
        raise Incomplete(
            f"the answer to {service} {operation} goes on ({further}) and boto3 cannot follow it",
            service=service,
            operation=operation,
        )
    return found


def looked_at(
    look: Callable[[], Check], item: Item, name: str, expected: str, where: str = "", *, far: bool = False
) -> Check:
    """What `look` finds; not checked, with AWS's words, where AWS does not say. Raises what pauses a run.

    `far`: of a service of another region, which a network may have no way to: a run that waited for it would never end.
    """
    try:
        return look()
    except PAUSES as error:
        if not far or not isinstance(error, Unreachable):
            raise
        return not_checked(item, name, expected, error.message, where)
    except AwsError as error:
        return not_checked(item, name, expected, error.message, where)


def not_checked(item: Item, name: str, expected: str, why: str, where: str = "") -> Check:
    """A check of that item for which there was nothing to look at."""
    return item.check(name, expected, f"not checked: {why}", "not-checked", where)
