"""Which settings of a table does moto not have at all? Those that checks must see unset, and people may set.

moto 5.2.5 has no contributor insights, no streaming to Kinesis, and no policy on a stream; it drops the caps on demand
of a table. Here they are kept on moto's own table, so that they are in the snapshot: set, described, set back. Nothing
is counted and nothing is streamed. A table that was made in EXPRESS is CREATING for some polls (`ready_after`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def installed() -> Iterator[None]:
    """Within this context moto's DynamoDB has them."""
    from moto.dynamodb.models.table import Table
    from moto.dynamodb.responses import DynamoHandler

    actions: dict[str, Callable[[Any], Any]] = {
        "describe_contributor_insights": _describe_insights,
        "update_contributor_insights": _update_insights,
        "describe_kinesis_streaming_destination": _describe_kinesis,
        "enable_kinesis_streaming_destination": _enable_kinesis,
        "disable_kinesis_streaming_destination": _disable_kinesis,
    }
    with ExitStack() as patches:
        for name, action in actions.items():
            patches.enter_context(patch.object(DynamoHandler, name, action, create=True))
        for name in ("get_resource_policy", "put_resource_policy", "delete_resource_policy"):
            original = getattr(DynamoHandler, name)
            patches.enter_context(patch.object(DynamoHandler, name, _on_streams(name, original)))
        for name in ("create_table", "update_table"):
            patches.enter_context(patch.object(DynamoHandler, name, _remembering_caps(getattr(DynamoHandler, name))))
        patches.enter_context(patch.object(Table, "describe", _with_caps(Table.describe)))
        yield


def ready_after(account: str, region: str, name: str, polls: int) -> None:
    """Let DescribeTable say CREATING that often before it says ACTIVE."""
    from moto.backends import get_backend

    _kept(get_backend("dynamodb")[account][region].get_table(name), "unready")["polls"] = polls


def _kept(table: Any, what: str) -> dict[str, Any]:
    """What is kept on this table under that name."""
    kept: dict[str, Any] = table.__dict__.setdefault(f"phasegate_{what}", {})
    return kept


def _table(handler: Any) -> Any:
    """The table of the request, whether it is named by its name or its ARN."""
    return handler.dynamodb_backend.get_table(handler.body["TableName"].rpartition("/")[2])


def _answer(body: dict[str, Any]) -> Any:
    from moto.core.responses import ActionResult

    return ActionResult(body)


# --- contributor insights -----------------------------------------------------------------------------------------


def _insights(handler: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is kept of the table or index of the request, and the answer's head."""
    table, index = _table(handler), handler.body.get("IndexName", "")
    head = {"TableName": table.name, **({"IndexName": index} if index else {})}
    return _kept(table, "insights").setdefault(index, {"ContributorInsightsStatus": "DISABLED"}), head


def _describe_insights(handler: Any) -> Any:
    kept, head = _insights(handler)
    return _answer({**head, **kept})


def _update_insights(handler: Any) -> Any:
    kept, head = _insights(handler)
    kept["ContributorInsightsStatus"] = f"{handler.body['ContributorInsightsAction']}D"
    if mode := handler.body.get("ContributorInsightsMode"):
        kept["ContributorInsightsMode"] = mode
    return _answer({**head, **kept})


# --- streaming to Kinesis -----------------------------------------------------------------------------------------


def _describe_kinesis(handler: Any) -> Any:
    table = _table(handler)
    destinations = [{"StreamArn": arn, "DestinationStatus": status} for arn, status in _kept(table, "kinesis").items()]
    return _answer({"TableName": table.name, "KinesisDataStreamDestinations": destinations})


def _enable_kinesis(handler: Any) -> Any:
    return _set_kinesis(handler, "ACTIVE")


def _disable_kinesis(handler: Any) -> Any:
    return _set_kinesis(handler, "DISABLED")


def _set_kinesis(handler: Any, status: str) -> Any:
    table, arn = _table(handler), handler.body["StreamArn"]
    _kept(table, "kinesis")[arn] = status
    return _answer({"TableName": table.name, "StreamArn": arn, "DestinationStatus": status})


# --- policies on streams ------------------------------------------------------------------------------------------


def _on_streams(name: str, original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The action on policies, which knows streams, too: they are named `TABLE-ARN/stream/LABEL`."""

    def method(handler: Any) -> Any:
        from moto.dynamodb.exceptions import PolicyNotFoundException

        arn = handler.body["ResourceArn"]
        of_table, is_stream, _label = arn.partition("/stream/")
        if not is_stream:
            return original(handler)
        policies = _kept(handler.dynamodb_backend.get_table(of_table.rpartition("/")[2]), "stream_policies")
        if name == "put_resource_policy":
            policies[arn] = {"Policy": handler.body["Policy"], "RevisionId": str(len(policies) + 1)}
            return _answer({"RevisionId": policies[arn]["RevisionId"]})
        if arn not in policies:
            raise PolicyNotFoundException(f"Resource-based policy not found for the provided ResourceArn: {arn}")
        return _answer(policies[arn]) if name == "get_resource_policy" else _answer(policies.pop(arn) and {})

    return method


# --- caps on demand -----------------------------------------------------------------------------------------------


def _remembering_caps(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """CreateTable and UpdateTable that keep the caps of a table; -1 takes one away."""

    def method(handler: Any) -> Any:
        body = handler.body
        answer = original(handler)
        if caps := body.get("OnDemandThroughput"):
            kept = _kept(handler.dynamodb_backend.get_table(body["TableName"]), "caps")
            kept |= caps
        return answer

    return method


def _with_caps(original: Callable[..., Any]) -> Callable[..., Any]:
    """DescribeTable that shows them, and that a table is not ready yet."""

    def method(table: Any, base_key: str = "TableDescription") -> Any:
        described = original(table, base_key)
        if caps := {name: value for name, value in _kept(table, "caps").items() if value != -1}:
            described[base_key]["OnDemandThroughput"] = caps
        if base_key == "Table" and (left := _kept(table, "unready").pop("polls", 0)):
            described[base_key]["TableStatus"] = "CREATING"
            _kept(table, "unready").update({"polls": left - 1} if left > 1 else {})
        return described

    return method
