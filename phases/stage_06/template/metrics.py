"""Which DynamoDB metrics exist, and by which dimensions? An alarm on anything else watches nothing and never fires.

Rules:
- `SERIES` is the table; `dimension_fault` judges one series against it. Every alarm of a template goes through it.
- Most error metrics are sent only when they are not zero: an alarm needs `TreatMissingData: notBreaching`.

Source: Amazon DynamoDB Developer Guide, "DynamoDB metrics and dimensions"
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html).
"""

from __future__ import annotations

from collections.abc import Iterable

NAMESPACE = "AWS/DynamoDB"

_TABLE = frozenset({"TableName"})
_INDEX = frozenset({"TableName", "GlobalSecondaryIndexName"})
_OPERATION = frozenset({"TableName", "Operation"})
_ACCOUNT: frozenset[str] = frozenset()

SERIES: dict[str, frozenset[frozenset[str]]] = {
    "ReadThrottleEvents": frozenset({_TABLE, _INDEX}),
    "WriteThrottleEvents": frozenset({_TABLE, _INDEX}),
    "ConsumedReadCapacityUnits": frozenset({_TABLE, _INDEX}),
    "ConsumedWriteCapacityUnits": frozenset({_TABLE, _INDEX}),
    "ThrottledRequests": frozenset({_OPERATION}),
    "SystemErrors": frozenset({_OPERATION}),
    "SuccessfulRequestLatency": frozenset({_OPERATION}),
    "ReturnedItemCount": frozenset({_OPERATION}),
    "UserErrors": frozenset({_ACCOUNT}),
    "ConditionalCheckFailedRequests": frozenset({_TABLE}),
    "TimeToLiveDeletedItemCount": frozenset({_TABLE}),
}

# The operations on items, as CloudWatch names them in the dimension `Operation`. Nine of ten: an alarm has room for
# these and their sum, and the one left out, TransactGetItems, reads by the same paths as GetItem and BatchGetItem.
OPERATIONS = (
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "TransactWriteItems",
    "UpdateItem",
)

MAX_METRICS_IN_ALARM = 10  # Amazon CloudWatch User Guide, "CloudWatch service quotas"


def dimension_fault(metric: str, dimensions: Iterable[str]) -> str | None:
    """What is wrong with watching `metric` by dimensions of these names, or None.

    `dimension_fault("SystemErrors", ["TableName"])` says that it exists by Operation + TableName only.
    """
    known = SERIES.get(metric)
    if known is None:
        return f"{NAMESPACE} has no metric {metric}; known are {', '.join(SERIES)}"
    seen = frozenset(dimensions)
    if seen in known:
        return None
    ways = " or ".join(sorted(_names(way) for way in known))
    return f"{metric} exists by {ways}, seen {_names(seen)}: no such series, the alarm would never fire"


def _names(dimensions: frozenset[str]) -> str:
    return " + ".join(sorted(dimensions)) or "no dimension"
