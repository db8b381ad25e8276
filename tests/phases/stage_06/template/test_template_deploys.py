"""Do the tables come into being as the contract says? Each layer as a stack of the sandbox, read back from DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from phases.contract.model import Contract
from phases.contract.reader import read_contract
from phases.stage_06.template.outputs import output_names
from phases.stage_06.template.template import LAYERS, Layer, build_template, minified, render
from tests.worlds.contract_builder import index, read, table
from tests.worlds.example_programs import key_schema
from workflow.sandbox.inprocess import Sandbox

ROOT = Path(__file__).parents[4]
PUBLISHED = ROOT.parent / "shared/contracts/published-migrationContract.json"
SAMPLE = read_contract((ROOT / "artifacts/stage-02/migrationContract.json").read_bytes(), path="sample")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as entered:
        yield entered


def create(sandbox: Sandbox, text: str, **parameters: str) -> dict[str, Any]:
    """Create the stack and return its description."""
    client = sandbox.client("cloudformation")
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    client.create_stack(StackName="shop", TemplateBody=text, Parameters=given)
    assert sandbox.settle("shop") == "CREATE_COMPLETE"
    stack: dict[str, Any] = client.describe_stacks(StackName="shop")["Stacks"][0]
    return stack


def assert_tables(sandbox: Sandbox, contract: Contract, *, indexes: bool) -> None:
    client = sandbox.client("dynamodb")
    assert sorted(client.list_tables()["TableNames"]) == sorted(table.name for table in contract.tables)
    for planned in contract.tables:
        live = client.describe_table(TableName=planned.name)["Table"]
        assert live["KeySchema"] == key_schema(planned)
        types = {each["AttributeName"]: each["AttributeType"] for each in live["AttributeDefinitions"]}
        used = planned.key_attributes() if indexes else tuple(key for key in (planned.pk, planned.sk) if key)
        assert types == {key.name: key.type for key in used}
        built = {each["IndexName"]: each for each in live.get("GlobalSecondaryIndexes", [])}
        assert sorted(built) == sorted(each.name for each in planned.indexes if indexes)
        for each in planned.indexes if indexes else ():
            assert built[each.name]["KeySchema"] == key_schema(each)
            assert built[each.name]["Projection"]["ProjectionType"] == each.projection
            assert built[each.name]["Projection"].get("NonKeyAttributes", []) == list(each.projected)
        backups = client.describe_continuous_backups(TableName=planned.name)["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        assert live["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        assert live["SSEDescription"]["Status"] == "ENABLED"


@pytest.mark.slow
@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_of_the_sample_deploys_as_it_stands(sandbox: Sandbox, layer: Layer) -> None:
    create(sandbox, render(SAMPLE, upto=layer).decode())
    assert_tables(sandbox, SAMPLE, indexes=layer != "1.2")


@pytest.mark.slow
def test_outputs_are_the_names_arns_and_streams_of_the_tables(sandbox: Sandbox) -> None:
    stack = create(sandbox, minified(build_template(SAMPLE)))
    seen = {output["OutputKey"]: output for output in stack["Outputs"]}
    for planned in SAMPLE.tables:
        live = sandbox.client("dynamodb").describe_table(TableName=planned.name)["Table"]
        values = [seen[name]["OutputValue"] for name in output_names(planned.name)]
        assert values == [planned.name, live["TableArn"], live["LatestStreamArn"]]
        assert seen[output_names(planned.name)[1]]["ExportName"] == f"shop-{output_names(planned.name)[1]}"


@pytest.mark.slow
@pytest.mark.parametrize("address", ["", "ops@example.org"])
def test_a_subscription_is_made_for_an_address_and_only_then(sandbox: Sandbox, address: str) -> None:
    create(sandbox, render(SAMPLE).decode(), AlarmEmail=address, Environment="prod", Project="Web shop")
    subscriptions = sandbox.client("sns").list_subscriptions()["Subscriptions"]
    assert [each["Endpoint"] for each in subscriptions] == ([address] if address else [])
    topic = sandbox.client("sns").list_topics()["Topics"][0]["TopicArn"]
    alarms = sandbox.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert len(alarms) == 3 * len(SAMPLE.tables)
    assert all(alarm["AlarmActions"] == [topic] for alarm in alarms)
    arn = sandbox.client("dynamodb").describe_table(TableName="Products")["Table"]["TableArn"]
    tags = {
        tag["Key"]: tag["Value"] for tag in sandbox.client("dynamodb").list_tags_of_resource(ResourceArn=arn)["Tags"]
    }
    assert (tags["Environment"], tags["Project"], tags["SourceTable"]) == ("prod", "Web shop", "products")


@pytest.mark.slow
@pytest.mark.parametrize(
    "bad", [{"AlarmEmail": "nobody"}, {"AlarmEmail": "a b@c"}, {"Environment": "Prod"}, {"Project": "shop "}]
)
def test_parameters_that_make_no_sense_are_refused_by_the_template(sandbox: Sandbox, bad: dict[str, str]) -> None:
    with pytest.raises(Exception, match=r"failed to satisfy constraint|must match pattern|ValidationError"):
        create(sandbox, render(SAMPLE).decode(), **bad)


@pytest.mark.slow
def test_names_and_keys_of_any_spelling_deploy(sandbox: Sandbox) -> None:
    contract = read(
        table(
            "no-1", pk="größe\n", attributes=[{**table()["attributes"][0], "name": "größe\n"}, *table()["attributes"]]
        ),
        table("...", gsis=[index("___"), index("by-1.x", "Token", None, projection="KEYS_ONLY")]),
    )
    create(sandbox, render(contract).decode())
    assert_tables(sandbox, contract, indexes=True)


@pytest.mark.slow
@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published contract is not beside the repository")
def test_the_published_contract_deploys(sandbox: Sandbox) -> None:
    contract = read_contract(PUBLISHED.read_bytes(), path="published")
    create(sandbox, render(contract).decode())
    assert_tables(sandbox, contract, indexes=True)
