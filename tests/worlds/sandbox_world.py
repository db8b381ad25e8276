"""Templates to change one thing in, and an account to deploy them into."""

from __future__ import annotations

import copy
import json
from typing import Any

from botocore.exceptions import ClientError

from workflow.sandbox.inprocess import Sandbox

DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def table(name: str | None = "Users", **changes: Any) -> dict[str, Any]:
    """A table with one key; a change of None takes the property out."""
    properties: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        **changes,
    }
    given = {key: value for key, value in properties.items() if value is not None}
    return {"Type": "AWS::DynamoDB::Table", "Properties": given}


def index(name: str, attribute: str = "gk", **changes: Any) -> dict[str, Any]:
    key = [{"AttributeName": attribute, "KeyType": "HASH"}]
    return {"IndexName": name, "KeySchema": key, "Projection": {"ProjectionType": "ALL"}, **changes}


def attributes(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def alarm(table_name: Any = "Users", **changes: Any) -> dict[str, Any]:
    properties = {
        "Namespace": "AWS/DynamoDB",
        "MetricName": "ReadThrottleEvents",
        "Dimensions": [{"Name": "TableName", "Value": table_name}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        **changes,
    }
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def topic(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": properties}


def retained(resource: dict[str, Any]) -> dict[str, Any]:
    return {**resource, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


def stack_of(**resources: dict[str, Any]) -> dict[str, Any]:
    return {"Resources": copy.deepcopy(resources)}


class World:
    """An account, the region us-east-1, and short ways to the things that the tests do over and over."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.cloudformation = sandbox.client("cloudformation")
        self.faults = sandbox.faults
        self._named = 0

    def client(self, service: str) -> Any:
        return self.sandbox.client(service)

    def change_set(self, template: dict[str, Any], *, kind: str = "CREATE", name: str = "", **more: Any) -> str:
        """Create a change set, under a new name unless one is given, and wait for it; its ARN."""
        self._named += 1
        made = self.cloudformation.create_change_set(
            StackName=more.pop("stack", "s"),
            ChangeSetName=name or f"c{self._named}",
            ChangeSetType=kind,
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            **more,
        )
        self.cloudformation.describe_change_set(ChangeSetName=made["Id"])
        return str(made["Id"])

    def described(self, change_set: str) -> dict[str, Any]:
        described: dict[str, Any] = self.cloudformation.describe_change_set(
            ChangeSetName=change_set, IncludePropertyValues=True
        )
        return described

    def found(self, change_set: str) -> str:
        """What early validation found, a line a finding: `FAIL /Resources/Users: reason`."""
        events = self.cloudformation.describe_events(ChangeSetName=change_set)["OperationEvents"]
        return "\n".join(
            f"{each['ValidationFailureMode']} {each['ValidationPath']}: {each['ValidationStatusReason']}"
            for each in events
            if each["EventType"] == "VALIDATION_ERROR"
        )

    def changes(self, template: dict[str, Any], **more: Any) -> dict[str, dict[str, Any]]:
        """What an update would change: logical id -> resource change."""
        described = self.described(self.change_set(template, kind="UPDATE", **more))
        self.cloudformation.delete_change_set(ChangeSetName=described["ChangeSetId"])
        return {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in described["Changes"]}

    def deploy(
        self, template: dict[str, Any], *, stack: str = "s", execute: dict[str, Any] | None = None, **more: Any
    ) -> str:
        """Change set, execution, end: the stack's status."""
        kind = "UPDATE" if self.exists(stack) else "CREATE"
        change_set = self.change_set(template, kind=kind, stack=stack, **more)
        self.cloudformation.execute_change_set(ChangeSetName=change_set, **(execute or {}))
        return self.sandbox.settle(stack)

    def exists(self, stack: str) -> bool:
        summaries = self.cloudformation.list_stacks()["StackSummaries"]
        gone = {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}
        return any(s["StackName"] == stack and s["StackStatus"] not in gone for s in summaries)

    def delete(self, stack: str = "s", **more: Any) -> str:
        stack_id = self.stack(stack)["StackId"]
        self.cloudformation.delete_stack(StackName=stack, **more)
        return self.sandbox.settle(stack_id)

    def stack(self, name: str = "s") -> dict[str, Any]:
        stack: dict[str, Any] = self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return stack

    def events(self, stack: str = "s") -> list[str]:
        """The history, oldest first, as `Users CREATE_COMPLETE`."""
        events = self.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        return [f"{event['LogicalResourceId']} {event['ResourceStatus']}" for event in reversed(events)]

    def reason(self, logical_id: str, stack: str = "s") -> str:
        """The newest reason that a resource's events give."""
        for event in self.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]:
            if event["LogicalResourceId"] == logical_id and event.get("ResourceStatusReason"):
                return str(event["ResourceStatusReason"])
        raise AssertionError(f"no event of {logical_id} gives a reason")

    def tables(self) -> list[str]:
        names: list[str] = self.client("dynamodb").list_tables()["TableNames"]
        return names

    def table(self, name: str = "Users") -> dict[str, Any]:
        found: dict[str, Any] = self.client("dynamodb").describe_table(TableName=name)["Table"]
        return found


def refusal(error: Any) -> str:
    """`Code: message` of a ClientError that pytest caught."""
    assert isinstance(error.value, ClientError)
    answer = error.value.response["Error"]
    return f"{answer['Code']}: {answer['Message']}"
