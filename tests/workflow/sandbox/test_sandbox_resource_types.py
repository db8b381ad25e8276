"""The resource types: true to AWS's own schemas, and each goes through its whole life."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.worlds.sandbox_world import DOCUMENT, TRUST, World, alarm, retained, stack_of, table, topic
from workflow.sandbox.cloudformation.resource_types import RESOURCE_TYPES
from workflow.sandbox.cloudformation.resource_types.shapes import ListOf, Number, Record, Text

# Where the sandbox differs from the schema's create-only list, and why.
KNOWN_REPLACEMENTS = {
    "AWS::DynamoDB::Table": {"KeySchema", "LocalSecondaryIndexes"},  # conditional in the schema
    "AWS::DynamoDB::GlobalTable": {"KeySchema", "LocalSecondaryIndexes"},  # so here
    "AWS::IAM::Policy": {"PolicyName", "Groups", "Roles", "Users"},  # in place on AWS, anew here
    "AWS::SNS::TopicPolicy": {"Topics"},  # in place on AWS, anew here
}


@cache
def schema(type_name: str) -> dict[str, Any]:
    (package,) = find_spec("cfnlint").submodule_search_locations  # importing it takes as long as a dozen tests
    data = Path(package) / "data" / "schemas"
    files = json.loads((data / "providers" / "us-east-1.json").read_text())
    found: dict[str, Any] = json.loads((data / "resources" / f"{files[type_name]}.json").read_text())
    return found


def names(pointers: list[str] | None) -> set[str]:
    return {pointer.removeprefix("/properties/") for pointer in pointers or []}


@pytest.mark.slow
@pytest.mark.parametrize("type_name", sorted(RESOURCE_TYPES))
def test_a_type_has_exactly_the_properties_of_its_schema(type_name: str) -> None:
    ours, theirs = RESOURCE_TYPES[type_name], schema(type_name)
    writable = set(theirs["properties"]) - names(theirs.get("readOnlyProperties"))
    assert set(ours.shape.members) | ours.shape.beyond_sandbox == writable
    assert not set(ours.shape.members) & ours.shape.beyond_sandbox


@pytest.mark.slow
@pytest.mark.parametrize("type_name", sorted(RESOURCE_TYPES))
def test_a_type_replaces_on_what_its_schema_says(type_name: str) -> None:
    ours, theirs = RESOURCE_TYPES[type_name], schema(type_name)
    create_only = names(theirs.get("createOnlyProperties")) & set(ours.shape.members)
    assert ours.replaced_by - KNOWN_REPLACEMENTS.get(type_name, set()) == create_only
    assert ours.attributes <= set(theirs["properties"])
    if ours.identifier is not None:
        assert names(theirs["primaryIdentifier"]) == {ours.identifier}


@pytest.mark.slow
@pytest.mark.parametrize("type_name", sorted(set(RESOURCE_TYPES) - {"AWS::CloudWatch::Alarm"}))
def test_a_type_demands_what_its_schema_demands(type_name: str) -> None:
    assert RESOURCE_TYPES[type_name].shape.required == set(schema(type_name).get("required", []))


def role(**changes: Any) -> dict[str, Any]:
    properties = {"RoleName": "deployer", "AssumeRolePolicyDocument": TRUST, **changes}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


@pytest.mark.slow
def test_a_role_lives_with_its_policies(world: World) -> None:
    iam = world.client("iam")
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    inline = [{"PolicyName": "read", "PolicyDocument": DOCUMENT}]
    world.deploy(stack_of(Role=role(Policies=inline, ManagedPolicyArns=[basic], Description="one")))
    assert iam.list_role_policies(RoleName="deployer")["PolicyNames"] == ["read"]
    assert iam.list_attached_role_policies(RoleName="deployer")["AttachedPolicies"][0]["PolicyArn"] == basic
    changed = role(
        Policies=[{"PolicyName": "write", "PolicyDocument": DOCUMENT}], Description="two", MaxSessionDuration=7200
    )
    assert world.deploy(stack_of(Role=changed)) == "UPDATE_COMPLETE"
    assert iam.list_role_policies(RoleName="deployer")["PolicyNames"] == ["write"]
    assert iam.list_attached_role_policies(RoleName="deployer")["AttachedPolicies"] == []
    found = iam.get_role(RoleName="deployer")["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("two", 7200)
    assert world.delete() == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_role(RoleName="deployer")


def test_policies_are_put_on_roles_changed_and_taken_off(world: World) -> None:
    iam = world.client("iam")

    def template(action: str) -> dict[str, Any]:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
        holders = {"Roles": [{"Ref": "Role"}], "PolicyDocument": document}
        return stack_of(
            Role=role(),
            Inline={"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "inline", **holders}},
            Managed={"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": "managed", **holders}},
        )

    assert world.deploy(template("dynamodb:GetItem")) == "CREATE_COMPLETE"
    assert world.deploy(template("dynamodb:PutItem")) == "UPDATE_COMPLETE"
    inline = iam.get_role_policy(RoleName="deployer", PolicyName="inline")["PolicyDocument"]
    assert inline["Statement"][0]["Action"] == "dynamodb:PutItem"
    (attached,) = iam.list_attached_role_policies(RoleName="deployer")["AttachedPolicies"]
    policy = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
    version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    assert version["Document"]["Statement"][0]["Action"] == "dynamodb:PutItem"
    assert world.delete() == "DELETE_COMPLETE"
    assert iam.list_policies(Scope="Local")["Policies"] == []


def test_topics_subscriptions_and_policies_go_through_an_update(world: World) -> None:
    sns = world.client("sns")

    def template(endpoint: str, sid: str, raw: bool) -> dict[str, Any]:
        document = {"Version": "2012-10-17", "Statement": [{"Sid": sid, "Effect": "Allow", "Action": "sns:Publish"}]}
        return stack_of(
            Topic=topic(DisplayName=endpoint, Subscription=[{"Protocol": "email", "Endpoint": endpoint}]),
            Queue={
                "Type": "AWS::SNS::Subscription",
                "Properties": {
                    "TopicArn": {"Ref": "Topic"},
                    "Protocol": "sqs",
                    "Endpoint": "arn:aws:sqs:us-east-1:123456789012:q",
                    "RawMessageDelivery": raw,
                },
            },
            Policy={
                "Type": "AWS::SNS::TopicPolicy",
                "Properties": {"Topics": [{"Ref": "Topic"}], "PolicyDocument": document},
            },
        )

    assert world.deploy(template("a@example.com", "One", False)) == "CREATE_COMPLETE"
    assert world.deploy(template("b@example.com", "Two", True)) == "UPDATE_COMPLETE"
    subscriptions = sns.list_subscriptions()["Subscriptions"]
    assert {s["Endpoint"] for s in subscriptions} == {"b@example.com", "arn:aws:sqs:us-east-1:123456789012:q"}
    queue = next(s["SubscriptionArn"] for s in subscriptions if s["Protocol"] == "sqs")
    assert sns.get_subscription_attributes(SubscriptionArn=queue)["Attributes"]["RawMessageDelivery"] == "true"
    found = sns.get_topic_attributes(TopicArn=subscriptions[0]["TopicArn"])["Attributes"]
    assert found["DisplayName"] == "b@example.com" and '"Two"' in found["Policy"]
    assert world.delete() == "DELETE_COMPLETE"
    assert sns.list_topics()["Topics"] == [] and sns.list_subscriptions()["Subscriptions"] == []


def test_a_log_group_changes_its_retention(world: World) -> None:
    def group(**properties: Any) -> dict[str, Any]:
        return stack_of(Log={"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/app", **properties}})

    def retention() -> int | None:
        (found,) = world.client("logs").describe_log_groups()["logGroups"]
        days: int | None = found.get("retentionInDays")
        return days

    world.deploy(group(RetentionInDays=7))
    assert retention() == 7
    assert world.deploy(group(Tags=[{"Key": "a", "Value": "b"}])) == "UPDATE_COMPLETE"
    assert retention() is None
    change_set = world.change_set(group(RetentionInDays=8), kind="UPDATE")
    assert "#/RetentionInDays: 8 is not a valid enum value" in world.found(change_set)
    assert world.delete() == "DELETE_COMPLETE"


def test_a_dashboard_must_be_json_and_is_updated_in_place(world: World) -> None:
    def dashboard(body: str) -> dict[str, Any]:
        properties = {"DashboardName": "ops", "DashboardBody": body}
        return stack_of(Board={"Type": "AWS::CloudWatch::Dashboard", "Properties": properties})

    assert "#/DashboardBody: not a JSON document" in world.found(world.change_set(dashboard("{widgets")))
    world.deploy(dashboard('{"widgets": []}'))
    assert world.deploy(dashboard('{"widgets": [], "start": "-PT1H"}')) == "UPDATE_COMPLETE"
    assert "-PT1H" in world.client("cloudwatch").get_dashboard(DashboardName="ops")["DashboardBody"]
    assert world.delete() == "DELETE_COMPLETE"
    assert world.client("cloudwatch").list_dashboards()["DashboardEntries"] == []


def math_alarm(metrics: int) -> dict[str, Any]:
    stat = {"Metric": {"Namespace": "AWS/DynamoDB", "MetricName": "SystemErrors"}, "Period": 60, "Stat": "Sum"}
    queries = [{"Id": f"m{n}", "MetricStat": stat, "ReturnData": False} for n in range(metrics - 1)]
    properties = {
        "Metrics": [{"Id": "e", "Expression": "SUM(METRICS())", "ReturnData": True}, *queries],
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def test_an_alarm_of_metric_math_is_deployed(world: World) -> None:
    assert world.deploy(stack_of(Errors=math_alarm(10))) == "CREATE_COMPLETE"
    (found,) = world.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert len(found["Metrics"]) == 10


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (math_alarm(11), "#/Metrics: expected maximum item count: 10, found: 11"),
        (alarm(ComparisonOperator="MoreThan"), "MoreThan is not a valid enum value"),
        (alarm(TreatMissingData="not breaching"), "not breaching is not a valid enum value"),
        (alarm(Metrics=[]), "exactly one of MetricName and Metrics"),
        (alarm(ExtendedStatistic="p99"), "exactly one of Statistic and ExtendedStatistic"),
        (alarm(Period="often"), "#/Period: expected type: Integer, found: String"),
    ],
    ids=["eleven metrics", "an unknown comparison", "an unknown treatment", "both kinds", "two statistics", "a word"],
)
def test_an_alarm_is_refused_for(world: World, resource: dict[str, Any], said: str) -> None:
    assert said in world.found(world.change_set(stack_of(Throttled=resource)))


def test_an_alarm_over_an_existing_one_is_refused_and_leaves_it(world: World) -> None:
    existing = alarm(AlarmName="mine")["Properties"]
    world.client("cloudwatch").put_metric_alarm(**existing)
    assert (
        world.deploy(stack_of(A=alarm(AlarmName="mine", Threshold=99)), DisableValidation=True) == "ROLLBACK_COMPLETE"
    )
    assert world.client("cloudwatch").describe_alarms()["MetricAlarms"][0]["Threshold"] == 1


def test_a_replaced_alarm_keeps_nothing_of_the_old_one(world: World) -> None:
    world.deploy(stack_of(A=retained(alarm(AlarmName="one")), U=table()))
    assert world.deploy(stack_of(A=alarm(AlarmName="two"), U=table())) == "UPDATE_COMPLETE"
    assert {a["AlarmName"] for a in world.client("cloudwatch").describe_alarms()["MetricAlarms"]} == {"one", "two"}


# The types whose nested shapes, values and bounds are held against the schema, too; where they differ, and why.
HELD_DEEP = [name for name in RESOURCE_TYPES if name.split("::")[1] in {"ApiGatewayV2", "Cognito", "Lambda"}]
KNOWN_DIFFERENCES = {
    "AWS::Lambda::Function/Runtime": "what functions are made with on the day, see the test of runtimes",
    "AWS::Lambda::Function/Timeout": "5,400 s is for functions on managed instances",
}


def resolved(theirs: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """A schema's node, its reference followed."""
    if "$ref" not in theirs:
        return theirs
    found: dict[str, Any] = whole["definitions"][theirs["$ref"].rpartition("/")[2]]
    return resolved(found, whole)


def differences(ours: Any, theirs: dict[str, Any], whole: dict[str, Any], path: str) -> Iterator[str]:
    theirs = resolved(theirs, whole)
    if isinstance(ours, Record):
        names_of_both = set(ours.members) | ours.beyond_sandbox, set(theirs.get("properties", {}))
        if path.count("/") and names_of_both[0] != names_of_both[1]:
            yield f"{path}: {sorted(names_of_both[0] ^ names_of_both[1])}"
        for name, member in ours.members.items():
            yield from differences(member, theirs.get("properties", {}).get(name, {}), whole, f"{path}/{name}")
    elif isinstance(ours, ListOf):
        if theirs.get("maxItems", ours.max_items) != ours.max_items:
            yield f"{path}: maxItems {theirs['maxItems']}"
        yield from differences(ours.item, theirs.get("items", {}), whole, f"{path}[]")
    elif isinstance(ours, Text) and set(ours.enum) != set(theirs.get("enum", ours.enum)):
        yield f"{path}: {sorted(set(ours.enum) ^ set(theirs['enum']))}"
    elif isinstance(ours, Number):
        theirs_of = (theirs.get("minimum", ours.minimum), theirs.get("maximum", ours.maximum))
        if theirs_of != (ours.minimum, ours.maximum):
            yield f"{path}: {theirs_of}"


@pytest.mark.slow
@pytest.mark.parametrize("type_name", HELD_DEEP)
def test_what_is_nested_in_a_type_is_as_its_schema_has_it(type_name: str) -> None:
    found = list(differences(RESOURCE_TYPES[type_name].shape, schema(type_name), schema(type_name), type_name))
    assert [said for said in found if said.partition(": ")[0] not in KNOWN_DIFFERENCES] == []


H, R = "HASH", "RANGE"


def keys(*elements: tuple[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in elements]


BAD_INDEX_KEYS = {
    "no HASH": keys(("a", R)),
    "a RANGE before a HASH": keys(("a", H), ("b", R), ("c", H)),
    "five HASH": keys(*((name, H) for name in "abcde")),
    "five RANGE": keys(("f", H), *((name, R) for name in "abcde")),
    "an attribute twice": keys(("a", H), ("a", R)),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", BAD_INDEX_KEYS)
def test_keys_of_an_index_that_dynamodb_refuses_are_refused_by_stack_and_api(world: World, what: str) -> None:
    schema_of = BAD_INDEX_KEYS[what]
    names = sorted({"pk", *(key["AttributeName"] for key in schema_of)})
    index = {"IndexName": "Several", "KeySchema": schema_of, "Projection": {"ProjectionType": "ALL"}}
    definitions = [{"AttributeName": name, "AttributeType": "S"} for name in names]
    own = keys(("pk", H))
    properties = {"KeySchema": own, "AttributeDefinitions": definitions, "GlobalSecondaryIndexes": [index]}
    with pytest.raises(ClientError, match="KeySchema"):
        world.client("dynamodb").create_table(TableName="Direct", BillingMode="PAY_PER_REQUEST", **properties)
    change_set = world.change_set(stack_of(Table=table("FromStack", **properties)))
    assert world.described(change_set)["Status"] == "FAILED"
    assert "Several/KeySchema" in world.found(change_set)
    assert world.client("dynamodb").list_tables()["TableNames"] == []


@pytest.mark.slow
@pytest.mark.parametrize("own", [keys(("a", H), ("b", H)), keys(("a", R)), keys(("a", H), ("b", R), ("c", R))])
def test_a_tables_own_keys_are_one_hash_and_one_range_at_most(world: World, own: list[dict[str, str]]) -> None:
    definitions = [{"AttributeName": key["AttributeName"], "AttributeType": "S"} for key in own]
    with pytest.raises(ClientError, match="ValidationException"):
        world.client("dynamodb").create_table(
            TableName="Direct", BillingMode="PAY_PER_REQUEST", KeySchema=own, AttributeDefinitions=definitions
        )


def global_table(*regions: Any, **changes: Any) -> dict[str, Any]:
    """As CDK's TableV2 makes it, by its tests' snapshot: one replica, by `AWS::Region`."""
    own = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}, "DeletionProtectionEnabled": True}
    tags = [{"Key": "team", "Value": "shop"}]
    properties = {
        "TableName": "Global",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": keys(("pk", H)),
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "Replicas": [{"Region": each, "Tags": tags, **own} for each in regions or ({"Ref": "AWS::Region"},)],
        "SSESpecification": {"SSEEnabled": False},
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        **changes,
    }
    return {"Type": "AWS::DynamoDB::GlobalTable", "Properties": properties}


@pytest.mark.slow
def test_a_global_table_of_one_replica_lives_as_a_table(world: World) -> None:
    outputs = {name: {"Value": {"Fn::GetAtt": ["T", name]}} for name in ("Arn", "StreamArn", "TableId")}
    assert world.deploy({**stack_of(T=global_table()), "Outputs": outputs}) == "CREATE_COMPLETE"
    made = world.table("Global")
    (stack,) = world.cloudformation.describe_stacks(StackName="s")["Stacks"]
    values = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    assert (values["Arn"], values["StreamArn"]) == (made["TableArn"], made["LatestStreamArn"])
    assert len(values["TableId"]) == 36
    assert made["DeletionProtectionEnabled"]
    dynamodb = world.client("dynamodb")
    tags = dynamodb.list_tags_of_resource(ResourceArn=made["TableArn"])["Tags"]
    assert {"Key": "team", "Value": "shop"} in tags
    index = {"IndexName": "ByPk", "KeySchema": keys(("pk", H)), "Projection": {"ProjectionType": "ALL"}}
    changed = global_table(GlobalSecondaryIndexes=[index])
    changed["Properties"]["Replicas"][0] |= {
        "DeletionProtectionEnabled": False,
        "GlobalSecondaryIndexes": [{"IndexName": "ByPk"}],
    }
    assert world.deploy(stack_of(T=changed)) == "UPDATE_COMPLETE"
    assert [each["IndexName"] for each in world.table("Global")["GlobalSecondaryIndexes"]] == ["ByPk"]
    world.cloudformation.delete_stack(StackName="s")
    world.sandbox.settle("s")
    assert world.tables() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("resource", "said"),
    [
        pytest.param(global_table("us-east-1", "eu-west-1"), "one replica", id="two replicas"),
        pytest.param(global_table(BillingMode="PROVISIONED"), "PAY_PER_REQUEST alone", id="provisioned"),
        pytest.param(global_table(MultiRegionConsistency="STRONG"), "does not implement key", id="strong consistency"),
        pytest.param(global_table(KeySchema=keys(("pk", R))), "first key must be HASH", id="keys as of any table"),
    ],
)
def test_what_the_sandbox_cannot_do_of_a_global_table_is_refused_by_name(
    world: World, resource: dict[str, Any], said: str
) -> None:
    assert said in world.found(world.change_set(stack_of(T=resource)))


@pytest.mark.slow
def test_a_global_table_whose_one_replica_is_elsewhere_is_rolled_back(world: World) -> None:
    assert world.deploy(stack_of(T=global_table("eu-west-1"))) == "ROLLBACK_COMPLETE"
    assert world.tables() == []
