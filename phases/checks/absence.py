"""Does a check pass on something that is not there, and was there anything in which it could have been?

Rules:
- A check is about absence when what it expects holds of an answer without anything in it: `absent`, a count of at most
  N, `equals: []`. What it looks through must then be there: the members that its expression begins with, not empty,
  and each list that it filters or flattens.
- AWS's own word that the resource does not exist is a fact; an answer with nothing in it is silence.
- A file and a command's output are JSON without a model: what the expression begins with must not be empty.
"""

from __future__ import annotations

from collections.abc import Sequence

from phases.checks.definition import DeclaredCheck
from phases.checks.expectation import Expectation
from phases.checks.expression import Expression
from phases.checks.leads import BadExpression
from phases.documents.regular_expression import Undecided
from state.json_values import Json

NOTHING: tuple[Json, ...] = (None, [], {}, "")


def is_of_absence(check: DeclaredCheck, answer: Json) -> bool:
    """Whether the check would hold as well if AWS had answered with nothing, or with empty lists."""
    return any(_holds(check.expression, check.expect, nothing) for nothing in ({}, _emptied(answer)))


def nothing_to_look_at(check: DeclaredCheck, answer: Json) -> str:
    """The member of the answer that had to be there for the check to see anything in it, or "" when all are."""
    given = answer if isinstance(answer, dict) else {}
    begins, through = check.expression.looks_at(check.operation)
    for name in begins:
        if given.get(name) in NOTHING:
            return name
    return next((".".join(path) for path in through if not _is_there(given, path)), "")


def nothing_in_document(expression: Expression, expect: Expectation, document: Json) -> str:
    """The empty member of a JSON document that a pass rests on, or "the document"; "" for a pass on something."""
    if not any(_holds(expression, expect, nothing) for nothing in ({}, [], _emptied(document))):
        return ""
    given = document if isinstance(document, dict) else {}
    silent = [name for name in expression.begins() if (given.get(name) if name else document) in NOTHING]
    return (silent[0] or "the document") if silent else ""


def _holds(expression: Expression, expect: Expectation, answer: Json) -> bool:
    try:
        return expect.holds(expression.search(answer))
    except (BadExpression, Undecided):
        return False


def _emptied(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _emptied(inner) for name, inner in value.items()}
    return [] if isinstance(value, list) else value


def _is_there(value: Json, path: Sequence[str]) -> bool:
    """Whether the member is there, in every entry of the lists on its way."""
    if isinstance(value, list):
        return all(_is_there(entry, path) for entry in value)
    if not path:
        return value is not None
    return isinstance(value, dict) and path[0] in value and _is_there(value[path[0]], path[1:])
