"""Which keys does moto give a table that DynamoDB refuses? Refused here, before moto makes anything.

moto 5.2.5 takes two HASH elements for a table and two RANGE elements for a local index; an index without a HASH, with a
RANGE before a HASH, with more than four of a kind, or with an attribute twice. Queries through keys of several
attributes it judges as DynamoDB does: all HASH by equality, RANGE from the left.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html. The
wording for a table's own keys is DynamoDB's; for an index's it is the sandbox's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from workflow.sandbox.cloudformation.resource_types.dynamodb_table import index_key_fault

Schema = Sequence[Mapping[str, str]]


@contextmanager
def installed() -> Iterator[None]:
    """Within this context moto's CreateTable and UpdateTable refuse them."""
    from moto.dynamodb.responses import DynamoHandler

    with ExitStack() as patches:
        for name in ("create_table", "update_table"):
            patches.enter_context(patch.object(DynamoHandler, name, _judging(getattr(DynamoHandler, name))))
        yield


def _judging(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def method(handler: Any) -> Any:
        from moto.dynamodb.exceptions import MockValidationException

        for fault in _faults(handler.body):
            raise MockValidationException(f"Invalid KeySchema: {fault}")
        return original(handler)

    return method


def _faults(body: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the keys of a request, in DynamoDB's order."""
    own = [body.get("KeySchema") or [], *(each["KeySchema"] for each in body.get("LocalSecondaryIndexes") or [])]
    made = [each["Create"] for each in body.get("GlobalSecondaryIndexUpdates") or [] if "Create" in each]
    yield from filter(None, map(_own_key_fault, own))
    for index in [*(body.get("GlobalSecondaryIndexes") or []), *made]:
        if fault := index_key_fault(index["KeySchema"]):
            yield f"{fault}, index: {index['IndexName']}"


def _own_key_fault(schema: Schema) -> str | None:
    """What is wrong with the keys of a table or a local index."""
    kinds = [key["KeyType"] for key in schema]
    if len(kinds) > 2:
        return "Member must have length less than or equal to 2"
    if kinds and kinds[0] != "HASH":
        return "The first KeySchemaElement is not a HASH key type"
    if len(kinds) > 1 and kinds[1] != "RANGE":
        return "The second KeySchemaElement is not a RANGE key type"
    return None
