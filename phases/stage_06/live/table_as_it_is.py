"""Which properties would a template give a live table that change nothing of it? What an import hands over.

Rules:
- Pure: what AWS answers in, properties of AWS::DynamoDB::Table out.
- Everything that the stage's own template says of a table is there, as it is live, so that the update behind the import
  changes exactly what differs: CloudFormation does not compare on import, and would never see it otherwise.
- What that template never says (time to live, policies, a class, caps) is left out: an update that takes a property
  out of a template would unset it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phases.stage_06.live.live_schema import BILLING, billing_mode

if TYPE_CHECKING:
    from phases.described_table import IndexDescription, TableDescription
    from phases.stage_06.live.live_features import Backups
    from phases.stage_06.template.template_shape import Properties

_CAPACITY = ("ReadCapacityUnits", "WriteCapacityUnits")
OURS = "aws:"  # tags that begin so are AWS's own, and no template may have them


def as_it_is(live: TableDescription, backups: Backups, tags: Mapping[str, str]) -> Properties:
    """The properties of the table.

    Args:
        live: the `Table` structure of DescribeTable.
        backups: the `ContinuousBackupsDescription` of DescribeContinuousBackups.
        tags: all tags of the table.
    """
    provisioned = billing_mode(live) != BILLING
    recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED"
    properties: dict[str, object] = {
        "TableName": live["TableName"],
        "BillingMode": billing_mode(live),
        "AttributeDefinitions": live["AttributeDefinitions"],
        "KeySchema": live["KeySchema"],
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": recovery},
        "DeletionProtectionEnabled": live.get("DeletionProtectionEnabled", False),
        **(_capacity(live) if provisioned else {}),
    }
    if indexes := live.get("GlobalSecondaryIndexes"):
        properties["GlobalSecondaryIndexes"] = [_index(each, provisioned=provisioned) for each in indexes]
    if live.get("SSEDescription", {}).get("Status") == "ENABLED":
        properties["SSESpecification"] = {"SSEEnabled": True}
    if view := live.get("StreamSpecification", {}).get("StreamViewType"):
        properties["StreamSpecification"] = {"StreamViewType": view}
    if own := {key: value for key, value in tags.items() if not key.startswith(OURS)}:
        properties["Tags"] = [{"Key": key, "Value": value} for key, value in sorted(own.items())]
    return properties


def _index(live: IndexDescription, *, provisioned: bool) -> dict[str, object]:
    projection = live["Projection"]
    kept = {"ProjectionType": projection["ProjectionType"]}
    names = {"NonKeyAttributes": list(projection["NonKeyAttributes"])} if projection.get("NonKeyAttributes") else {}
    return {
        "IndexName": live["IndexName"],
        "KeySchema": live["KeySchema"],
        "Projection": {**kept, **names},
        **(_capacity(live) if provisioned else {}),
    }


def _capacity(of: Mapping[str, Any]) -> dict[str, object]:
    return {"ProvisionedThroughput": {name: of["ProvisionedThroughput"][name] for name in _CAPACITY}}
