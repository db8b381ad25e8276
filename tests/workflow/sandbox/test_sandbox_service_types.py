"""Functions, WebSocket APIs and user pools in a template: made, changed, made anew, refused, rolled back, removed."""

from __future__ import annotations

import datetime
import io
import json
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.worlds.sandbox_world import TRUST, World, stack_of
from workflow.sandbox.cloudformation.resource_types import lambda_function

ROLE = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "runner", "AssumeRolePolicyDocument": TRUST}}
URI = (
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:us-east-1:123456789012:function:worker/invocations"
)


def of_type(kind: str, **properties: Any) -> dict[str, Any]:
    given = {key: value for key, value in properties.items() if value is not None}
    return {"Type": f"AWS::{kind}", "Properties": given}


def function(**changes: Any) -> dict[str, Any]:
    properties = {
        "FunctionName": "worker",
        "Runtime": "python3.11",
        "Handler": "index.handle",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": "def handle(event, context): return 1\n"},
        **changes,
    }
    return of_type("Lambda::Function", **properties)


def permission(**changes: Any) -> dict[str, Any]:
    properties = {"FunctionName": {"Ref": "Worker"}, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    return of_type("Lambda::Permission", **{**properties, **changes})


def api(**changes: Any) -> dict[str, Any]:
    properties = {"Name": "chat", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}
    return of_type("ApiGatewayV2::Api", **{**properties, **changes})


def part(kind: str, **properties: Any) -> dict[str, Any]:
    return of_type(f"ApiGatewayV2::{kind}", ApiId={"Ref": "Api"}, **properties)


def chat(**more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """An API with an authorizer, a way in and a stage that deploys by itself."""
    return {
        "Api": api(),
        "Asked": part("Authorizer", Name="asked", AuthorizerType="REQUEST", AuthorizerUri=URI),
        "Behind": part("Integration", IntegrationType="AWS_PROXY", IntegrationUri=URI),
        "Connect": part(
            "Route",
            RouteKey="$connect",
            AuthorizationType="CUSTOM",
            AuthorizerId={"Ref": "Asked"},
            Target={"Fn::Sub": "integrations/${Behind}"},
        ),
        "Stage": {**part("Stage", StageName="prod", AutoDeploy=True), "DependsOn": "Connect"},
        **more,
    }


def pool(**properties: Any) -> dict[str, Any]:
    return of_type("Cognito::UserPool", **{"UserPoolName": "people", **properties})


def pool_client(**properties: Any) -> dict[str, Any]:
    return of_type("Cognito::UserPoolClient", **{"UserPoolId": {"Ref": "Pool"}, "ClientName": "app", **properties})


def the_api(world: World) -> str:
    (found,) = world.client("apigatewayv2").get_apis()["Items"]
    return str(found["ApiId"])


def items(world: World, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = getattr(world.client("apigatewayv2"), f"get_{what}")(ApiId=the_api(world))["Items"]
    return found


def why_refused(world: World, **resources: dict[str, Any]) -> str:
    kind = "UPDATE" if world.exists("s") else "CREATE"
    return world.found(world.change_set(stack_of(**resources), kind=kind))


# --- functions ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_function_lives_with_its_code_settings_and_tags(world: World) -> None:
    lambda_ = world.client("lambda")
    tag = [{"Key": "team", "Value": "one"}]
    made = function(MemorySize=256, Timeout="30", Environment={"Variables": {"STAGE": "dev", "AT": 1}}, Tags=tag)
    assert world.deploy(stack_of(Role=ROLE, Worker=made)) == "CREATE_COMPLETE"
    found = lambda_.get_function_configuration(FunctionName="worker")
    assert (found["MemorySize"], found["Timeout"], found["State"]) == (256, 30, "Active")
    assert found["Environment"]["Variables"] == {"STAGE": "dev", "AT": "1"}
    first = found["CodeSha256"]

    changed = function(Code={"ZipFile": "def handle(event, context): return 2\n"}, ReservedConcurrentExecutions=5)
    assert world.deploy(stack_of(Role=ROLE, Worker=changed)) == "UPDATE_COMPLETE"
    found = lambda_.get_function_configuration(FunctionName="worker")
    assert found["CodeSha256"] != first
    assert (found["MemorySize"], found["Timeout"], "Environment" in found) == (128, 3, False)
    assert "team" not in lambda_.get_function(FunctionName="worker")["Tags"]
    assert lambda_.get_function_concurrency(FunctionName="worker")["ReservedConcurrentExecutions"] == 5
    assert world.delete() == "DELETE_COMPLETE"
    assert lambda_.list_functions()["Functions"] == []


@pytest.mark.slow
def test_code_comes_from_a_bucket_and_a_missing_object_rolls_back(world: World) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "def handle(event, context): return 3\n")
    world.client("s3").create_bucket(Bucket="code")
    world.client("s3").put_object(Bucket="code", Key="one.zip", Body=packed.getvalue())
    there = stack_of(Role=ROLE, Worker=function(Code={"S3Bucket": "code", "S3Key": "one.zip"}))
    assert world.deploy(there) == "CREATE_COMPLETE"
    missing = stack_of(Role=ROLE, Worker=function(Code={"S3Bucket": "code", "S3Key": "two.zip"}))
    assert world.deploy(missing) == "UPDATE_ROLLBACK_COMPLETE"
    assert "NoSuchKey" in world.reason("Worker") or "key does not exist" in world.reason("Worker")


def test_a_function_is_made_over_no_other(world: World) -> None:
    world.deploy(stack_of(Role=ROLE, Worker=function()))
    other = stack_of(Worker=function(Role="arn:aws:iam::123456789012:role/runner", MemorySize=512))
    assert "already exists" in world.found(world.change_set(other, stack="early"))
    assert world.deploy(other, stack="t", DisableValidation=True) == "ROLLBACK_COMPLETE"
    assert "worker already exists in stack" in world.reason("Worker", "t")
    assert world.client("lambda").get_function_configuration(FunctionName="worker")["MemorySize"] == 128


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"MemorySize": 64}, "#/MemorySize: 64 is not greater or equal to 128"),
        ({"Timeout": 901}, "#/Timeout: 901 is not less or equal to 900"),
        ({"Runtime": "python3.7"}, "#/Runtime: python3.7 is not a valid enum value"),
        ({"Handler": None}, "#: Handler is mandatory for functions created with deployment packages"),
        ({"Runtime": "java21"}, "#/Code/ZipFile: is for Node.js and Python only, found: java21"),
        ({"Code": {"S3Bucket": "code"}}, "exactly one of ZipFile, and S3Bucket with S3Key"),
        ({"FunctionName": "a b"}, "#/FunctionName: string [a b] does not match pattern"),
        ({"Environment": {"Variables": {"1": "x"}}}, "extraneous key [1] is not permitted"),
        ({"Environment": {"Variables": {"LONG": "x" * 4100}}}, "environment variables exceed the 4096 bytes limit"),
        ({"VpcConfig": {}}, "the phasegate sandbox does not implement key [VpcConfig]"),
        ({"Memory": 128}, "extraneous key [Memory] is not permitted"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_function_is_refused_for(world: World, changes: dict[str, Any], said: str) -> None:
    role = "arn:aws:iam::123456789012:role/runner"  # faults of the whole are found when every property is known
    assert said in why_refused(world, Worker=function(**{"Role": role, **changes}))


@pytest.mark.slow
def test_the_runtimes_are_those_that_aws_made_functions_with_on_the_day(world: World) -> None:
    (package,) = find_spec("cfnlint").submodule_search_locations
    data = Path(package) / "data"
    files = json.loads((data / "schemas/providers/us-east-1.json").read_text())
    schema = json.loads((data / "schemas/resources" / f"{files['AWS::Lambda::Function']}.json").read_text())
    ends = json.loads((data / "AdditionalSpecs/LmbdRuntimeLifecycle.json").read_text())
    datetime.date.fromisoformat(lambda_function.RUNTIMES_OF)
    known = schema["properties"]["Runtime"]["enum"]
    made = {r for r in known if not (ends.get(r, {}).get("create-block") or "9999") <= lambda_function.RUNTIMES_OF}
    assert set(lambda_function.RUNTIMES) == made


@pytest.mark.slow
def test_a_permission_stands_in_the_policy_of_its_function_until_it_is_taken_back(world: World) -> None:
    def statements() -> list[dict[str, Any]]:
        policy = world.client("lambda").get_policy(FunctionName="worker")["Policy"]
        found: list[dict[str, Any]] = json.loads(policy)["Statement"]
        return found

    other = permission(Principal="sns.amazonaws.com", SourceAccount="123456789012")
    world.deploy(stack_of(Role=ROLE, Worker=function(), One=permission(), Two=other))
    assert sorted(s["Principal"]["Service"] for s in statements()) == ["s3.amazonaws.com", "sns.amazonaws.com"]
    changed = permission(SourceArn="arn:aws:s3:::bucket")
    assert world.deploy(stack_of(Role=ROLE, Worker=function(), One=changed)) == "UPDATE_COMPLETE"
    (left,) = statements()
    assert left["Condition"] == {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::bucket"}}
    assert world.deploy(stack_of(Role=ROLE, Worker=function())) == "UPDATE_COMPLETE"
    with pytest.raises(ClientError, match="ResourceNotFound"):
        statements()
    assert "#/Action: string [invoke] does not match" in why_refused(
        world, Role=ROLE, Worker=function(), One=permission(Action="invoke")
    )


# --- WebSocket APIs -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_websocket_api_lives_with_its_parts(world: World) -> None:
    client = world.client("apigatewayv2")
    output = {"Outputs": {"Where": {"Value": {"Fn::Sub": "${Api.ApiEndpoint}/${Stage}"}}}}
    assert world.deploy({**stack_of(**chat()), **output}) == "CREATE_COMPLETE"
    where = world.stack()["Outputs"][0]["OutputValue"]
    assert where == f"wss://{the_api(world)}.execute-api.us-east-1.amazonaws.com/prod"
    (route,), (authorizer,), (stage,) = items(world, "routes"), items(world, "authorizers"), items(world, "stages")
    assert (route["AuthorizationType"], route["AuthorizerId"]) == ("CUSTOM", authorizer["AuthorizerId"])
    assert route["Target"] == f"integrations/{items(world, 'integrations')[0]['IntegrationId']}"
    assert items(world, "integrations")[0]["TimeoutInMillis"] == 29000
    first = stage["DeploymentId"]

    settings = {"ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 2}
    ping = part("Route", RouteKey="ping", Target={"Fn::Sub": "integrations/${Behind}"})
    changed = chat(
        Ping=ping,
        Api=api(Name="chat-two", Tags={"team": "one"}),
        Behind=part("Integration", IntegrationType="AWS_PROXY", IntegrationUri=URI, TimeoutInMillis=1000),
        Connect=part("Route", RouteKey="$connect", Target={"Fn::Sub": "integrations/${Behind}"}),
        Stage=part(
            "Stage",
            StageName="prod",
            AutoDeploy=True,
            DefaultRouteSettings=settings,
            StageVariables={"a": "1"},
            Tags={"team": "one"},
        ),
    )
    del changed["Asked"]
    assert world.deploy(stack_of(**changed)) == "UPDATE_COMPLETE"
    (stage,) = items(world, "stages")
    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 5.0, "ThrottlingBurstLimit": 2}
    assert (stage["StageVariables"], stage["Tags"]["team"]) == ({"a": "1"}, "one")
    assert stage["DeploymentId"] != first and stage["LastDeploymentStatusMessage"].startswith("Successfully")
    routes = {route["RouteKey"]: route["AuthorizationType"] for route in items(world, "routes")}
    assert routes == {"$connect": "NONE", "ping": "NONE"}
    found = client.get_api(ApiId=the_api(world))
    assert (found["Name"], found["Tags"]["team"]) == ("chat-two", "one")
    assert items(world, "authorizers") == []

    changed["Stage"] = part("Stage", StageName="prod", AutoDeploy=True)
    changed["Api"] = api()
    assert world.deploy(stack_of(**changed)) == "UPDATE_COMPLETE"
    (stage,) = items(world, "stages")
    assert (stage["DefaultRouteSettings"], stage["StageVariables"], "team" in stage["Tags"]) == ({}, {}, False)
    assert world.delete() == "DELETE_COMPLETE"
    assert client.get_apis()["Items"] == []


def test_a_stage_holds_its_deployment_until_it_has_another(world: World) -> None:
    resources = chat(Deployment={**part("Deployment", Description="one"), "DependsOn": "Connect"})
    resources["Stage"] = part("Stage", StageName="prod", DeploymentId={"Ref": "Deployment"})
    assert world.deploy(stack_of(**resources)) == "CREATE_COMPLETE"
    (before,) = items(world, "deployments")
    client = world.client("apigatewayv2")
    with pytest.raises(ClientError, match="Active stages pointing to this deployment"):
        client.delete_deployment(ApiId=the_api(world), DeploymentId=before["DeploymentId"])
    resources["Second"] = {**part("Deployment", Description="two"), "DependsOn": "Connect"}
    resources["Stage"] = part("Stage", StageName="prod", DeploymentId={"Ref": "Second"})
    del resources["Deployment"]
    assert world.deploy(stack_of(**resources)) == "UPDATE_COMPLETE"
    (after,) = items(world, "deployments")
    assert (after["Description"], items(world, "stages")[0]["DeploymentId"]) == ("two", after["DeploymentId"])


def test_a_deployment_needs_a_route_and_one_that_fails_leaves_no_api(world: World) -> None:
    assert world.deploy(stack_of(Api=api(), Deployment=part("Deployment"))) == "ROLLBACK_COMPLETE"
    assert "At least one route is required before deploying the Api." in world.reason("Deployment")
    assert world.client("apigatewayv2").get_apis()["Items"] == []


def test_a_second_route_of_one_key_rolls_the_update_back(world: World) -> None:
    world.deploy(stack_of(**chat()))
    again = part("Route", RouteKey="$connect")
    assert world.deploy(stack_of(**chat(Again=again))) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Route with key $connect already exists for this API" in world.reason("Again")
    assert len(items(world, "routes")) == 1


@pytest.mark.parametrize(
    ("name", "resource", "said"),
    [
        ("Api", api(RouteSelectionExpression=None), "#: required key [RouteSelectionExpression] not found"),
        ("Api", api(ProtocolType="SOCKET"), "#/ProtocolType: SOCKET is not a valid enum value"),
        ("Api", api(Body={}), "the phasegate sandbox does not implement key [Body]"),
        ("Connect", part("Route", RouteKey="$connect", AuthorizationType="CUSTOM"), "required key [AuthorizerId]"),
        ("Asked", part("Authorizer", Name="asked", AuthorizerType="REQUEST"), "required key [AuthorizerUri]"),
        ("Behind", part("Integration", IntegrationType="AWS_PROXY"), "required key [IntegrationUri] not found"),
        ("Stage", part("Stage", StageName="a b"), "#/StageName: string [a b] does not match pattern"),
        ("Stage", part("Stage", StageName="p", DefaultRouteSettings={"Rate": 1}), "extraneous key [Rate]"),
        ("Stage", part("Stage", StageName="p", AutoDeploy=True, DeploymentId="d"), "when AutoDeploy is true"),
    ],
    ids=["no expression", "a protocol", "a body", "custom", "no uri", "no target", "a name", "a setting", "both"],
)
def test_a_part_of_an_api_is_refused_for(world: World, name: str, resource: dict[str, Any], said: str) -> None:
    resource["Properties"] = {k: "abc" if k == "ApiId" else v for k, v in resource["Properties"].items()}
    assert said in why_refused(world, **{name: resource})


# --- users --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_user_pool_and_its_client_go_through_an_update(world: World) -> None:
    cognito = world.client("cognito-idp")
    policy = {"PasswordPolicy": {"MinimumLength": 12}}
    mail = {"UsernameAttributes": ["email"], "UserPoolTags": {"team": "one"}}
    flows = {"ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"], "AccessTokenValidity": 1}
    world.deploy(stack_of(Pool=pool(Policies=policy, **mail), App=pool_client(**flows)))
    client_id = world.cloudformation.describe_stack_resource(StackName="s", LogicalResourceId="App")
    pool_id, _, client = client_id["StackResourceDetail"]["PhysicalResourceId"].partition("|")

    changed = stack_of(Pool=pool(UserPoolName="persons", **mail), App=pool_client(IdTokenValidity=2))
    assert world.deploy(changed) == "UPDATE_COMPLETE"
    found = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert (found["Name"], found["UsernameAttributes"], found["UserPoolTags"]["team"]) == ("persons", ["email"], "one")
    assert found["Policies"]["PasswordPolicy"]["MinimumLength"] == 8
    app = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client)["UserPoolClient"]
    assert (app["IdTokenValidity"], "AccessTokenValidity" in app, "ExplicitAuthFlows" in app) == (2, False, False)

    secret = stack_of(Pool=pool(UserPoolName="persons", **mail), App=pool_client(GenerateSecret=True))
    assert world.deploy(secret) == "UPDATE_COMPLETE"
    (only,) = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=5)["UserPoolClients"]
    assert only["ClientId"] != client
    assert world.delete() == "DELETE_COMPLETE"
    assert cognito.list_user_pools(MaxResults=5)["UserPools"] == []


@pytest.mark.slow
def test_what_signs_in_cannot_be_changed_and_the_update_goes_back(world: World) -> None:
    world.deploy(stack_of(Pool=pool(UsernameAttributes=["email"])))
    assert world.deploy(stack_of(Pool=pool(UsernameAttributes=["phone_number"]))) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Updates are not allowed for property - UsernameAttributes." in world.reason("Pool")


def test_attributes_are_added_to_a_pool_and_never_taken_away(world: World) -> None:
    rank = {"Name": "rank", "AttributeDataType": "String"}
    world.deploy(stack_of(Pool=pool()))
    assert world.deploy(stack_of(Pool=pool(Schema=[rank]))) == "UPDATE_COMPLETE"
    (found,) = world.client("cognito-idp").list_user_pools(MaxResults=5)["UserPools"]
    described = world.client("cognito-idp").describe_user_pool(UserPoolId=found["Id"])["UserPool"]
    assert "custom:rank" in {attribute["Name"] for attribute in described["SchemaAttributes"]}
    assert world.deploy(stack_of(Pool=pool())) == "UPDATE_ROLLBACK_COMPLETE"
    assert "cannot be modified or deleted" in world.reason("Pool")


def test_a_protected_pool_stays(world: World) -> None:
    world.deploy(stack_of(Pool=pool(DeletionProtection="ACTIVE")))
    assert world.delete() == "DELETE_FAILED"
    assert "deletion protection is activated" in world.reason("Pool")


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (pool(AliasAttributes=["email"], UsernameAttributes=["email"]), "only one of AliasAttributes"),
        (pool(MfaConfiguration="ON"), "does not implement ON and OPTIONAL"),
        (pool(Policies={"PasswordPolicy": {"MinimumLength": 5}}), "5 is not greater or equal to 6"),
        (pool_client(UserPoolId="us-east-1_a", AccessTokenValidity=25), "Invalid range for token validity: 90000 s"),
        (pool_client(UserPoolId="us-east-1_a", ExplicitAuthFlows=["ALLOW_X"]), "ALLOW_X is not a valid enum value"),
        (pool_client(UserPoolId="pool"), "#/UserPoolId: string [pool] does not match pattern"),
        (
            pool_client(UserPoolId="us-east-1_a", ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH", "USER_PASSWORD_AUTH"]),
            "with and without the prefix ALLOW_ cannot be mixed",
        ),
    ],
    ids=["two kinds of names", "mfa", "a short password", "a long token", "a flow", "no pool", "old and new flows"],
)
def test_a_pool_or_a_client_is_refused_for(world: World, resource: dict[str, Any], said: str) -> None:
    assert said in why_refused(world, One=resource)
