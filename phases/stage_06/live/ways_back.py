"""How is a setting that was changed in the account brought back? By its stack, by one call, or by hand alone.

Rules:
- What the template says of a resource the stack itself brings back, by a drift-aware change set (REVERT_DRIFT); all of
  that at once, since that is how CloudFormation does it.
- What no template says of a table CloudFormation does not see: each such setting has one call that unsets it.
- Keys, another index under the same name, local indexes, replicas and what AWS may bring later: nobody but a person.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html; the operations in
the API references of Amazon DynamoDB and Amazon CloudWatch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from phases.aws import AwsPort
from phases.stage_06.live.live_tables import describe_table
from phases.stage_06.live.other_settings import DAYS
from phases.step import Check

_OF_INSIGHTS = "contributor insights of "
_TABLES_BY_STACK = frozenset(
    {
        "billing mode",
        "point-in-time recovery",
        "encryption at rest",
        "deletion protection",
        "stream",
        "tags",
    }
)
_ACTIONS = ": actions"


@dataclass(frozen=True, slots=True)
class Call:
    """One call to AWS that unsets something."""

    service: str
    operation: str
    params: Mapping[str, object]

    def __str__(self) -> str:
        return f"{self.service}:{self.operation} {', '.join(f'{key}={value}' for key, value in self.params.items())}"


def by_stack(check: Check) -> bool:
    """Whether the stack brings this back."""
    owner, _, what = check.name.partition(": ")
    if not what:
        return owner.startswith(("alarm ", "dashboard "))
    if owner.startswith("alarm "):
        return False
    return what in _TABLES_BY_STACK or (what in ("global indexes", "attribute types") and len(_missing(check)) == 1)


def _missing(check: Check) -> list[str]:
    """What of a list is not there any more, where nothing else is: an update creates one index."""
    wanted, seen = ([each for each in said.split(", ") if each != "none"] for said in (check.expected, check.seen))
    gone = [each for each in wanted if each not in seen]
    return gone if len(wanted) - len(gone) == len(seen) else []


def by_call(check: Check) -> bool:
    """Whether one call unsets it."""
    owner, _, what = check.name.partition(": ")
    if owner.startswith("alarm "):
        return check.name.endswith(_ACTIONS)
    return what in _CALLS or what.startswith(_OF_INSIGHTS)


def calls_for(aws: AwsPort, name: str) -> list[Call]:
    """The calls that bring back the setting of that check, from what is live now; none where nothing is left to do."""
    if name.endswith(_ACTIONS):
        alarm = name.removesuffix(_ACTIONS).removeprefix("alarm ")
        return [Call("cloudwatch", "enable_alarm_actions", {"AlarmNames": [alarm]})]
    table, _, what = name.partition(": ")
    if what.startswith(_OF_INSIGHTS):
        of_index = {"IndexName": what.removeprefix(_OF_INSIGHTS)}
        return [_on_table("update_contributor_insights", table, ContributorInsightsAction="DISABLE", **of_index)]
    return _CALLS[what](aws, table)


def _on_table(operation: str, table: str, **params: object) -> Call:
    return Call("dynamodb", operation, {"TableName": table, **params})


def _time_to_live(aws: AwsPort, table: str) -> list[Call]:
    found = aws.call("dynamodb", "describe_time_to_live", TableName=table)["TimeToLiveDescription"]
    if "AttributeName" not in found:
        return []
    off = {"Enabled": False, "AttributeName": found["AttributeName"]}
    return [_on_table("update_time_to_live", table, TimeToLiveSpecification=off)]


def _policy(field: str) -> Callable[[AwsPort, str], list[Call]]:
    def calls(aws: AwsPort, table: str) -> list[Call]:
        live: Mapping[str, object] = describe_table(aws, table) or {}
        return [Call("dynamodb", "delete_resource_policy", {"ResourceArn": live[field]})] if field in live else []

    return calls


def _kinesis(aws: AwsPort, table: str) -> list[Call]:
    found = aws.call("dynamodb", "describe_kinesis_streaming_destination", TableName=table)
    live = [each for each in found["KinesisDataStreamDestinations"] if each["DestinationStatus"] == "ACTIVE"]
    return [_on_table("disable_kinesis_streaming_destination", table, StreamArn=each["StreamArn"]) for each in live]


def _update(**params: object) -> Callable[[AwsPort, str], list[Call]]:
    return lambda _aws, table: [_on_table("update_table", table, **params)]


_CALLS: Mapping[str, Callable[[AwsPort, str], list[Call]]] = {
    "time to live": _time_to_live,
    "recovery window": lambda _aws, table: [
        _on_table(
            "update_continuous_backups",
            table,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": DAYS},
        )
    ],
    "resource policy": _policy("TableArn"),
    "resource policy of the stream": _policy("LatestStreamArn"),
    "contributor insights": lambda _aws, table: [
        _on_table("update_contributor_insights", table, ContributorInsightsAction="DISABLE")
    ],
    "streaming to Kinesis": _kinesis,
    "encryption key": _update(SSESpecification={"Enabled": True, "SSEType": "KMS"}),  # no key: the account's own
    "OnDemandThroughput": _update(OnDemandThroughput={"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1}),
    "TableClassSummary": _update(TableClass="STANDARD"),
}
