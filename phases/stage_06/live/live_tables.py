"""Which tables stand in the account and region? Look-ups that take "it is not there" for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phases.aws import AwsPort, NotFound

if TYPE_CHECKING:
    from phases.described_table import TableDescription

STACK_ID_TAG = "aws:cloudformation:stack-id"  # CloudFormation puts it on everything that it makes


def describe_table(aws: AwsPort, name: str) -> TableDescription | None:
    """The `Table` structure of DescribeTable, or None when there is no such table."""
    try:
        table: TableDescription = aws.call("dynamodb", "describe_table", TableName=name)["Table"]
    except NotFound:
        return None
    return table


def table_names(aws: AwsPort) -> set[str]:
    """The name of every table in the region."""
    return {str(name) for page in aws.pages("dynamodb", "list_tables") for name in page["TableNames"]}


def table_tags(aws: AwsPort, arn: str) -> dict[str, str]:
    """All tags of a table, those that CloudFormation put there too."""
    pages = aws.pages("dynamodb", "list_tags_of_resource", ResourceArn=arn)
    return {str(tag["Key"]): str(tag["Value"]) for page in pages for tag in page["Tags"]}


def is_empty(aws: AwsPort, name: str) -> bool:
    """Whether the table holds no item now. Read, because `ItemCount` is up to six hours old.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html (ItemCount)
    """
    page = aws.call("dynamodb", "scan", TableName=name, Limit=1, ConsistentRead=True)
    return not page["Items"]
