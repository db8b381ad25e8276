"""Templates: what is read, what is refused, and how refusals name the culprit."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.worlds.sandbox_world import DOCUMENT, TRUST, World, alarm, refusal, stack_of, table, topic
from workflow.sandbox.cloudformation.errors import ServiceError
from workflow.sandbox.cloudformation.template import DEEPEST, parse

pytestmark = pytest.mark.slow

YAML = """
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Prefix: {Type: String, Default: dev}
Conditions:
  Real: !Not [!Equals [!Ref Prefix, dev]]
Mappings:
  Periods: {dev: {seconds: 300}}
Resources:
  Users:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "${Prefix}-users"
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      DeletionProtectionEnabled: !If [Real, true, !Ref "AWS::NoValue"]
  Never:
    Type: AWS::SNS::Topic
    Condition: Real
  Throttled:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: !Join ["-", [!Ref Prefix, !Select [1, !Split ["/", "a/throttled"]]]]
      AlarmDescription: !Sub ["${what} of ${Users.Arn} in ${AWS::Region}", {what: throttling}]
      Namespace: AWS/DynamoDB
      MetricName: ReadThrottleEvents
      Dimensions: [{Name: TableName, Value: !Ref Users}]
      Statistic: Sum
      Period: !FindInMap [Periods, !Ref Prefix, seconds]
      EvaluationPeriods: "1"
      Threshold: 1
      ComparisonOperator: GreaterThanThreshold
Outputs:
  Escaped: {Value: !Sub "${!Literal} ${AWS::AccountId}"}
  Arn: {Value: !GetAtt Users.Arn}
  Absent: {Condition: Real, Value: !Ref Never}
"""


def test_yaml_with_short_forms_is_deployed_as_it_reads(world: World) -> None:
    world.cloudformation.create_stack(StackName="s", TemplateBody=YAML)
    assert world.sandbox.settle("s") == "CREATE_COMPLETE"
    (found,) = world.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (found["AlarmName"], found["Period"], found["EvaluationPeriods"]) == ("dev-throttled", 300, 1)
    assert found["AlarmDescription"] == (
        "throttling of arn:aws:dynamodb:us-east-1:123456789012:table/dev-users in us-east-1"
    )
    assert world.tables() == ["dev-users"]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in world.stack()["Outputs"]}
    assert outputs["Escaped"] == "${Literal} 123456789012" and set(outputs) == {"Escaped", "Arn"}
    assert world.cloudformation.get_template(StackName="s")["TemplateBody"] == YAML


def body(template: Any) -> str:
    return template if isinstance(template, str) else json.dumps(template)


def with_outputs(count: int) -> dict[str, Any]:
    return {**stack_of(T=topic()), "Outputs": {f"O{n}": {"Value": "x"} for n in range(count)}}


def with_parameters(count: int) -> dict[str, Any]:
    return {**stack_of(T=topic()), "Parameters": {f"P{n}": {"Type": "String"} for n in range(count)}}


CYCLE = {"A": {**topic(), "DependsOn": "B"}, "B": topic(DisplayName={"Ref": "A"})}
REFUSALS = {
    "not a template at all": ("[1, 2]", "Template format error"),
    "broken json": ('{"Resources": ', "JSON not well-formed. (line 1, column"),
    "broken yaml": ("Resources: [", "YAML not well-formed. (line"),
    "no resources": ({"Resources": {}}, "At least one Resources member must be defined"),
    "an unknown section": (
        {**stack_of(T=topic()), "Resorces": {}},
        "Invalid template property or properties [Resorces]",
    ),
    "a transform": ({**stack_of(T=topic()), "Transform": "AWS::Serverless-2016-10-31"}, "NotImplemented"),
    "an unknown type": (stack_of(Fn={"Type": "AWS::Lambda::Funktion"}), "AWS::Lambda::Funktion (Fn)"),
    "an unknown attribute of a resource": (stack_of(T={**topic(), "Propertys": {}}), "'Propertys' [/Resources/T]"),
    "an unknown deletion policy": (stack_of(T={**topic(), "DeletionPolicy": "Keep"}), "Keep for resource T"),
    "a name that is not alphanumeric": ({"Resources": {"My-Topic": topic()}}, "My-Topic is non alphanumeric"),
    "a reference to nothing": (stack_of(A=alarm({"Ref": "Nobody"})), "Unresolved resource dependencies [Nobody]"),
    "a Sub of nothing": (stack_of(A=alarm({"Fn::Sub": "${Nobody}"})), "Unresolved resource dependencies [Nobody]"),
    "DependsOn nothing": (stack_of(T={**topic(), "DependsOn": "Nobody"}), "[Nobody] in the Resources block"),
    "an attribute that a type has not": (
        stack_of(U=table(), A=alarm({"Fn::GetAtt": ["U", "Colour"]})),
        "resource U does not support attribute type Colour",
    ),
    "a condition that is not declared": (stack_of(T={**topic(), "Condition": "Maybe"}), "Maybe for resource T"),
    "a cycle": ({"Resources": CYCLE}, "Circular dependency between resources: [A, B]"),
    "an output without a value": ({**stack_of(T=topic()), "Outputs": {"O": {}}}, "Output O must have a Value"),
    "an intrinsic that is not implemented": (stack_of(T=topic(DisplayName={"Fn::GetAZs": ""})), "Fn::GetAZs"),
    "501 resources": (
        {"Resources": {f"T{n}": {"Type": "AWS::SNS::Topic"} for n in range(501)}},
        "Number of resources, 501, is greater than maximum allowed, 500",
    ),
    "201 outputs": (with_outputs(201), "Number of outputs, 201, is greater than maximum allowed, 200"),
    "201 parameters": (with_parameters(201), "Number of parameters, 201, is greater than maximum allowed, 200"),
    "51,201 bytes inline": (json.dumps(stack_of(T=topic())).ljust(51_201), "less than or equal to 51200"),
}


@pytest.mark.parametrize("case", REFUSALS, ids=list(REFUSALS))
def test_a_template_is_refused_for(world: World, case: str) -> None:
    template, said = REFUSALS[case]
    with pytest.raises(ClientError) as error:
        world.cloudformation.create_change_set(
            StackName="s", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=body(template)
        )
    assert said in refusal(error)
    assert world.cloudformation.list_stacks()["StackSummaries"] == []


@pytest.mark.parametrize("count", [200])
def test_the_limits_themselves_are_allowed(world: World, count: int) -> None:
    assert world.cloudformation.validate_template(TemplateBody=body(with_outputs(count)))
    assert world.cloudformation.validate_template(TemplateBody=body(with_parameters(count)))
    exactly = json.dumps(stack_of(T=topic())).ljust(51_200)
    assert world.cloudformation.validate_template(TemplateBody=exactly)


@pytest.mark.parametrize(
    "url",
    [
        "https://plans.s3.us-east-1.amazonaws.com/big.json",
        "https://plans.s3.amazonaws.com/big.json",
        "https://s3.us-east-1.amazonaws.com/plans/big.json",
        "http://127.0.0.1:4566/plans/big.json",
        "http://plans.localhost:4566/big.json",
    ],
)
def test_a_template_from_s3_may_be_larger(world: World, url: str) -> None:
    storage = world.client("s3")
    storage.create_bucket(Bucket="plans")
    storage.put_object(Bucket="plans", Key="big.json", Body=json.dumps(stack_of(T=topic())).ljust(60_000).encode())
    made = world.cloudformation.create_stack(StackName="s", TemplateURL=url)
    assert made["StackId"] and world.sandbox.settle("s") == "CREATE_COMPLETE"


def test_a_template_from_s3_has_a_limit_too_and_must_exist(world: World) -> None:
    storage = world.client("s3")
    storage.create_bucket(Bucket="plans")
    storage.put_object(Bucket="plans", Key="big.json", Body=json.dumps(stack_of(T=topic())).ljust(1_000_001).encode())
    for key, said in (("big.json", "may not exceed 1000000 bytes"), ("none.json", "S3 error")):
        with pytest.raises(ClientError) as error:
            world.cloudformation.validate_template(TemplateURL=f"https://s3.amazonaws.com/plans/{key}")
        assert said in refusal(error)


ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
NAMED_ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, "RoleName": "deployer"}}


@pytest.mark.parametrize(
    ("resource", "acknowledged", "missing"),
    [
        (ROLE, [], "CAPABILITY_IAM"),
        (ROLE, ["CAPABILITY_IAM"], None),
        (ROLE, ["CAPABILITY_NAMED_IAM"], None),
        (NAMED_ROLE, ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
        (NAMED_ROLE, ["CAPABILITY_NAMED_IAM"], None),
    ],
    ids=["nothing", "a role", "more than a role", "less than a named role", "a named role"],
)
def test_iam_resources_are_refused_unless_acknowledged_as(
    world: World, resource: dict[str, Any], acknowledged: list[str], missing: str | None
) -> None:
    request = {"StackName": "s", "TemplateBody": body(stack_of(R=resource)), "Capabilities": acknowledged}
    if missing is None:
        assert world.cloudformation.create_stack(**request)
        return
    with pytest.raises(ClientError) as error:
        world.cloudformation.create_stack(**request)
    assert refusal(error) == f"InsufficientCapabilitiesException: Requires capabilities : [{missing}]"


@pytest.mark.parametrize(
    ("declaration", "value", "said"),
    [
        ({"Type": "String", "AllowedValues": ["a", "b"]}, "c", "Parameter 'P' must be one of AllowedValues"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "A1", "must match pattern [a-z]+"),
        ({"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "small"}, "A", "constraint: small"),
        ({"Type": "String", "MinLength": 3}, "ab", "at least 3 characters"),
        ({"Type": "String", "MaxLength": 3}, "abcd", "at most 3 characters"),
        ({"Type": "Number"}, "many", "must be a number"),
        ({"Type": "Number", "MaxValue": 5}, "6", "not greater than 5"),
        ({"Type": "Number", "MinValue": 5}, "4", "not less than 5"),
        ({"Type": "String"}, None, "Parameters: [P] must have values"),
        ({"Type": "Strin"}, "x", "Unrecognized parameter type: Strin [P]"),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, "x", "AWS::SSM::Parameter::Value<String> [P]"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_parameter_is_refused(world: World, declaration: dict[str, Any], value: str | None, said: str) -> None:
    template = {**stack_of(T=topic()), "Parameters": {"P": declaration}}
    given = [] if value is None else [{"ParameterKey": "P", "ParameterValue": value}]
    with pytest.raises(ClientError) as error:
        world.cloudformation.create_stack(StackName="s", TemplateBody=body(template), Parameters=given)
    assert said in refusal(error)


def test_a_parameter_that_the_template_has_not_is_refused(world: World) -> None:
    with pytest.raises(ClientError, match=r"Parameters: \[Q\] do not exist in the template"):
        world.change_set(stack_of(T=topic()), Parameters=[{"ParameterKey": "Q", "ParameterValue": "x"}])


def test_a_list_parameter_becomes_a_list_and_a_secret_is_masked(world: World) -> None:
    template = stack_of(A=alarm(AlarmActions={"Ref": "Targets"}))
    template["Parameters"] = {"Targets": {"Type": "CommaDelimitedList"}, "Key": {"Type": "String", "NoEcho": True}}
    given = {"Targets": "arn:aws:sns:us-east-1:123456789012:a, arn:aws:sns:us-east-1:123456789012:b", "Key": "hush"}
    world.deploy(template, Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()])
    (found,) = world.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert found["AlarmActions"] == [arn.strip() for arn in given["Targets"].split(",")]
    shown = {p["ParameterKey"]: p["ParameterValue"] for p in world.stack()["Parameters"]}
    assert shown["Key"] == "****"


@pytest.mark.parametrize(
    ("name", "said"),
    [("1st", "'stackName' failed to satisfy constraint"), ("under_score", "regular expression pattern")],
)
def test_a_malformed_stack_name_is_refused(world: World, name: str, said: str) -> None:
    with pytest.raises(ClientError) as error:
        world.change_set(stack_of(T=topic()), stack=name)
    assert said in refusal(error)


def test_a_template_summary_lists_what_it_declares_and_demands(world: World) -> None:
    template = {**stack_of(U=table(), R=ROLE), "Parameters": {"P": {"Type": "Number", "Default": 4}}}
    summary = world.cloudformation.get_template_summary(TemplateBody=body(template))
    assert summary["ResourceTypes"] == ["AWS::DynamoDB::Table", "AWS::IAM::Role"]
    assert summary["Capabilities"] == ["CAPABILITY_IAM"]
    assert summary["Parameters"][0]["DefaultValue"] == "4"
    identifiers = {s["ResourceType"]: s["ResourceIdentifiers"] for s in summary["ResourceIdentifierSummaries"]}
    assert identifiers["AWS::DynamoDB::Table"] == ["TableName"]


def test_an_iam_policy_condition_is_data_and_not_a_template_condition(world: World) -> None:
    statement = {**DOCUMENT["Statement"][0], "Condition": {"Bool": {"aws:SecureTransport": "true"}}}  # type: ignore[dict-item]
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    role = {**ROLE, "Properties": {**ROLE["Properties"], "Policies": [policy], "RoleName": "r"}}  # type: ignore[dict-item]
    assert world.deploy(stack_of(R=role)) == "CREATE_COMPLETE"
    found = world.client("iam").get_role_policy(RoleName="r", PolicyName="p")["PolicyDocument"]
    assert found["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "true"}}


def test_a_template_of_too_many_levels_is_refused_and_one_of_many_is_read() -> None:
    deep = DEEPEST - 4
    nested = "[" * deep + "]" * deep
    read = parse(f"Metadata:\n  A: {nested}\nResources:\n  T: {{Type: 'AWS::SNS::Topic'}}\n")
    assert str(read.metadata).count("[") == deep
    with pytest.raises(ServiceError, match="nested more than 200 levels deep"):
        parse("Metadata:\n  A: " + "[" * 250 + "]" * 250 + "\n")
