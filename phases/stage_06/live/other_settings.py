"""Is anything set on a live table beyond contract and template? Read from every API that has a setting of tables.

DescribeTable's own are `described_settings.py`. The others: time to live, the window of point-in-time recovery,
policies on the table and on its stream, contributor insights, streaming to Kinesis, and whose key encrypts it.

Rules:
- An answer that lacks what the check rests on, or that the caller may not have, is "not-checked".
- What somebody wants to stay is named in the answer to `keep-settings`; it becomes a note with the person's name, which
  the approver sees. It never passes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from phases.aws import AwsError, AwsPort, ExpiredToken, NoCredentials, NoRegion, NotFound, Throttled, Unreachable
from phases.stage_06.live.described_settings import described_settings
from phases.stage_06.live.named_settings import NOTHING, as_notes, listed, names_in, only
from phases.step import Check, Question, StepContext
from state.counted import counted
from state.evidence import Verdict

if TYPE_CHECKING:
    from phases.described_table import TableDescription
    from phases.stage_06.live.live_features import Backups

KEEP = "keep-settings"
DAYS = 35  # where the template names no window. Source: API_PointInTimeRecoverySpecification.html
OWN_ALIAS = "alias/aws/dynamodb"  # Source: developerguide/encryption.howitworks.html ("AWS managed key")
NO_POLICY = "PolicyNotFoundException"

Seen: TypeAlias = tuple[str, Verdict]


def other_settings(aws: AwsPort, name: str, live: TableDescription, backups: Backups) -> list[Check]:
    """Everything that can be set on one table and is not asked for, as checks.

    Args:
        live: the `Table` structure of DescribeTable.
        backups: the `ContinuousBackupsDescription` of DescribeContinuousBackups.
    """
    looks: list[tuple[str, str, Callable[[], Seen]]] = [
        ("time to live", "DISABLED", lambda: _time_to_live(aws, name)),
        ("recovery window", f"{DAYS} days", lambda: _window(backups)),
        ("resource policy", NOTHING, lambda: _policy(aws, live.get("TableArn"))),
        ("resource policy of the stream", NOTHING, lambda: _policy(aws, live.get("LatestStreamArn"))),
        ("contributor insights", "DISABLED", lambda: _insights(aws, name)),
        ("streaming to Kinesis", NOTHING, lambda: _kinesis(aws, name)),
        ("encryption key", OWN_ALIAS, lambda: _key(aws, live.get("SSEDescription", {}).get("KMSMasterKeyArn"))),
    ]
    for index in live.get("GlobalSecondaryIndexes", []):
        of_index = index.get("IndexName", "")
        look = (f"contributor insights of {of_index}", "DISABLED", lambda at=of_index: _insights(aws, name, at))
        looks.append(look)
    asked = [_asked(f"{name}: {what}", expected, look, name) for what, expected, look in looks]
    return [*described_settings(name, live), *asked]


def kept(ctx: StepContext, checks: Sequence[Check]) -> list[Check]:
    """The checks, where what a person says shall stay is a note with that person's name.

    Asks only where something is set that nobody asked for.
    """
    found = [check.name for check in checks if check.verdict == "fail"]
    if not found:
        return list(checks)
    stays, by = set(names_in(ctx.ask(question(found)))), ctx.given_by(KEEP)
    said = f"it shall stay, by {by}" if by else "it shall stay"
    return as_notes(checks, lambda check: said if check.name in stays else "")


def question(found: Sequence[str] = ()) -> Question:
    """Which of these settings shall stay; nothing does unless it is named."""
    text = f"Neither contract nor template asks for what is set on live tables{listed(found)}. Which of it shall stay?"
    return Question("keep-settings", text, default=NOTHING, problem_with=only(found), suggest=False)


def _asked(name: str, expected: str, look: Callable[[], Seen], where: str) -> Check:
    try:
        seen, verdict = look()
    except (ExpiredToken, NoCredentials, NoRegion, Throttled, Unreachable):
        raise  # to sign in or to wait helps here: the task is resumed, the look not passed over
    except AwsError as error:
        return Check(name, expected, f"not checked: {error.message}", "not-checked", where)
    return Check(name, expected, seen, verdict, where)


def _time_to_live(aws: AwsPort, name: str) -> Seen:
    found = aws.call("dynamodb", "describe_time_to_live", TableName=name).get("TimeToLiveDescription", {})
    status = found.get("TimeToLiveStatus")
    if status is None:
        return _silent("TimeToLiveStatus")
    return (status, "pass") if status == "DISABLED" else (f"{status} on {found.get('AttributeName')}", "fail")


def _window(backups: Backups) -> Seen:
    days = backups.get("PointInTimeRecoveryDescription", {}).get("RecoveryPeriodInDays")
    if days is None:
        return _silent("RecoveryPeriodInDays")
    return counted(days, "day"), "pass" if days == DAYS else "fail"


def _policy(aws: AwsPort, arn: str | None) -> Seen:
    if not arn:
        return "not checked: AWS gave no ARN to ask about", "not-checked"
    try:
        policy = aws.call("dynamodb", "get_resource_policy", ResourceArn=arn).get("Policy")
    except NotFound as error:
        if error.code != NO_POLICY:  # the table or stream itself is not found: that says nothing about its policy
            raise
        return NOTHING, "pass"
    return (str(policy), "fail") if policy else _silent("Policy")


def _insights(aws: AwsPort, name: str, index: str = "") -> Seen:
    of_index = {"IndexName": index} if index else {}
    found = aws.call("dynamodb", "describe_contributor_insights", TableName=name, **of_index)
    status = found.get("ContributorInsightsStatus")
    if status is None:
        return _silent("ContributorInsightsStatus")
    return str(status), "pass" if status == "DISABLED" else "fail"


def _kinesis(aws: AwsPort, name: str) -> Seen:
    """An empty list is believed where the answer says which table it is about."""
    found = aws.call("dynamodb", "describe_kinesis_streaming_destination", TableName=name)
    destinations = found.get("KinesisDataStreamDestinations")
    if destinations is None or not found.get("TableName"):
        return _silent("TableName and KinesisDataStreamDestinations")
    live = [each for each in destinations if each.get("DestinationStatus") != "DISABLED"]
    said = ", ".join(f"{each.get('StreamArn')} {each.get('DestinationStatus')}" for each in live)
    return said or NOTHING, "fail" if live else "pass"


def _key(aws: AwsPort, arn: str | None) -> Seen:
    """Whether it is the account's key for DynamoDB; DescribeKey takes an alias."""
    if not arn:
        return "not checked: AWS names no key", "not-checked"
    own = aws.call("kms", "describe_key", KeyId=OWN_ALIAS).get("KeyMetadata", {}).get("Arn")
    if own is None:
        return _silent("KeyMetadata.Arn")
    return (OWN_ALIAS, "pass") if own == arn else (arn, "fail")


def _silent(field: str) -> Seen:
    return f"not checked: the answer has no {field}", "not-checked"
