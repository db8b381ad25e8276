"""How is an AWS::CloudWatch::Dashboard made, changed and removed?

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-dashboard.html
"""

from __future__ import annotations

from collections.abc import Mapping

from botocore.exceptions import ClientError

from workflow.sandbox.cloudformation.resource_types.model import Placement, Properties, ResourceType
from workflow.sandbox.cloudformation.resource_types.shapes import Json, Record, Text

SHAPE = Record(
    {"DashboardName": Text(min_length=1, max_length=255), "DashboardBody": Json()},
    frozenset({"DashboardBody"}),
    frozenset({"Tags"}),
)


def create(place: Placement, name: str, properties: Properties) -> str:
    """The dashboard's name."""
    place.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=properties["DashboardBody"])
    return name


def update(place: Placement, name: str, _old: Properties, new: Properties) -> None:
    """Put the new body."""
    place.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=new["DashboardBody"])


def read(place: Placement, name: str) -> Mapping[str, str] | None:
    """No attributes: the type has none."""
    try:
        place.client("cloudwatch").get_dashboard(DashboardName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFound":
            return None
        raise
    return {}


def delete(place: Placement, name: str) -> None:
    """Remove the dashboard; one that is gone is fine."""
    if read(place, name) is not None:
        place.client("cloudwatch").delete_dashboards(DashboardNames=[name])


DASHBOARD = ResourceType(
    name="AWS::CloudWatch::Dashboard",
    shape=SHAPE,
    create=create,
    read=read,
    update=update,
    delete=delete,
    custom_name="DashboardName",
    replaced_by=frozenset({"DashboardName"}),
    identifier="DashboardName",
)
