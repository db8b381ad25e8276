"""Are the production features that the template configures really on? Template values against what AWS reads back.

Rules:
- Pure: both sides are arguments. Every property that the template gives is compared; what AWS adds by itself (ARNs,
  defaults, its own tags) is not.
- Without an SSEDescription a table is encrypted with a key that AWS owns, not with the KMS key that `SSEEnabled: true`
  asks for: that is a failure here.
  Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSEDescription.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from phases.step import Check, compare

if TYPE_CHECKING:
    from datetime import datetime

    from phases.described_table import TableDescription
    from phases.stage_06.template.template_shape import TableProperties

# Names and descriptions are for people, tags are compared by themselves.
_NOT_COMPARED = frozenset({"AlarmName", "AlarmDescription", "Tags"})
_OWN_KEY = "AWS owned key (no SSEDescription)"
_LIST_KEYS = ("Id", "Name")  # what an alarm's queries and dimensions are told apart by; their order means nothing


class Recovery(TypedDict, total=False):
    """The `PointInTimeRecoveryDescription` of a table."""

    PointInTimeRecoveryStatus: str
    RecoveryPeriodInDays: int
    EarliestRestorableDateTime: datetime
    LatestRestorableDateTime: datetime


class Backups(TypedDict, total=False):
    """The `ContinuousBackupsDescription` of a table."""

    ContinuousBackupsStatus: str
    PointInTimeRecoveryDescription: Recovery


def table_checks(
    name: str, wanted: TableProperties, live: TableDescription, backups: Backups, tags: Mapping[str, str]
) -> list[Check]:
    """The features of one table.

    Args:
        wanted: the table's properties in the template, resolved.
        live: the `Table` structure of DescribeTable.
        backups: the `ContinuousBackupsDescription` of DescribeContinuousBackups.
        tags: the table's tags.
    """
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    checks = [
        compare(f"{name}: continuous backups", "ENABLED", backups.get("ContinuousBackupsStatus"), where=name),
        compare(
            f"{name}: point-in-time recovery",
            _on(wanted["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]),
            recovery.get("PointInTimeRecoveryStatus"),
            where=name,
        ),
        _restorable(name, recovery),
        compare(f"{name}: encryption at rest", encryption(wanted), live_encryption(live), where=name),
        compare(
            f"{name}: deletion protection",
            _on(wanted["DeletionProtectionEnabled"]),
            _on(live.get("DeletionProtectionEnabled", False)),
            where=name,
        ),
        compare(
            f"{name}: stream",
            wanted.get("StreamSpecification", {}).get("StreamViewType", "off"),
            live.get("StreamSpecification", {}).get("StreamViewType", "off"),
            where=name,
        ),
    ]
    expected = {tag["Key"]: str(tag["Value"]) for tag in wanted.get("Tags", [])}
    seen = {key: tags.get(key, "missing") for key in expected}
    return [*checks, compare(f"{name}: tags", _listed(expected), _listed(seen), where=name)]


def encryption(wanted: TableProperties) -> str:
    """What the template asks for, as `live_encryption` says it."""
    return "KMS, ENABLED" if wanted.get("SSESpecification", {}).get("SSEEnabled") else _OWN_KEY


def live_encryption(live: TableDescription) -> str:
    """`KMS, ENABLED` with a key in the account's KMS."""
    found = live.get("SSEDescription")
    return f"{found.get('SSEType', 'no SSEType')}, {found.get('Status')}" if found else _OWN_KEY


def alarm_checks(name: str, wanted: Mapping[str, object], live: Mapping[str, object] | None) -> list[Check]:
    """One alarm: that it is there, watches exactly what the template says, and tells somebody."""
    if live is None:
        return [Check(f"alarm {name}", "exists", "no such alarm", "fail")]
    different = [
        f"{key} {_short(live.get(key))} instead of {_short(value)}"
        for key, value in wanted.items()
        if key not in _NOT_COMPARED and not _holds(value, live.get(key))
    ]
    seen = "; ".join(different) or "as in the template"
    return [
        Check(f"alarm {name}", "as in the template", seen, "fail" if different else "pass"),
        _actions(name, live.get("ActionsEnabled")),
    ]


def _actions(name: str, on: object) -> Check:
    what = f"alarm {name}: actions"
    if on is None:
        return Check(what, "enabled", "not checked: the answer has no ActionsEnabled", "not-checked")
    return compare(what, "enabled", _enabled(bool(on)))


def dashboard_check(name: str, wanted: str, live: str | None) -> Check:
    """A dashboard's body against the template's, as JSON."""
    if live is None:
        return Check(f"dashboard {name}", "exists", "no such dashboard", "fail")
    same = json.loads(wanted) == json.loads(live)
    return Check(
        f"dashboard {name}",
        "as in the template",
        "as in the template" if same else "another body",
        "pass" if same else "fail",
    )


def subscription_check(address: str, subscriptions: Sequence[Mapping[str, str]]) -> Check:
    """Whether alarms reach the address, or nobody when there is none.

    Args:
        subscriptions: of the alarm topic, as ListSubscriptionsByTopic has them.
    """
    emails = {each["Endpoint"]: str(each["SubscriptionArn"]) for each in subscriptions if each["Protocol"] == "email"}
    if not address:
        return Check("alarm address", "none given", "alarms show on the dashboard only", "note")
    if address not in emails:
        return Check("alarm address", f"{address} subscribed", _listed(dict.fromkeys(emails, "")), "fail")
    if not emails[address].startswith("arn:"):  # `PendingConfirmation`
        seen = "not confirmed yet: its owner must follow the link in the message from AWS"
        return Check("alarm address", f"{address} confirmed", seen, "note")
    return Check("alarm address", f"{address} confirmed", "confirmed", "pass", emails[address])


def _restorable(name: str, recovery: Recovery) -> Check:
    """Point-in-time recovery works when AWS names times between which it can restore."""
    earliest, latest = recovery.get("EarliestRestorableDateTime"), recovery.get("LatestRestorableDateTime")
    seen = "restorable times are given" if earliest and latest else "no restorable time yet"
    # A table only just made may have none for some minutes.
    return Check(
        f"{name}: restorable", "restorable times are given", seen, "pass" if seen.endswith("given") else "note", name
    )


def _holds(wanted: object, live: object) -> bool:
    """Whether everything in `wanted` is in `live`; mappings may have more there, lists may not."""
    if isinstance(wanted, Mapping):
        return isinstance(live, Mapping) and all(_holds(value, live.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(live, list) or len(wanted) != len(live):
            return False
        pairs = zip(sorted(wanted, key=_order), sorted(live, key=_order), strict=True)
        return all(_holds(each, other) for each, other in pairs)
    return bool(wanted == live)


def _order(entry: object) -> str:
    if isinstance(entry, Mapping):
        return next((str(entry[key]) for key in _LIST_KEYS if key in entry), "")
    return str(entry)


def _on(enabled: bool) -> str:
    return "ENABLED" if enabled else "DISABLED"


def _enabled(on: bool) -> str:
    return "enabled" if on else "switched off"


def _short(value: object) -> str:
    text = json.dumps(value, default=str, sort_keys=True)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _listed(pairs: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" if value else key for key, value in sorted(pairs.items())) or "none"
