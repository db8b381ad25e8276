"""Is a template that differs from the contract, or breaks a limit, always seen? One change at a time."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from phases.contract.reader import read_contract
from phases.stage_06.template.limits import MAX_TABLES, limit_checks, refuse_beyond_limits
from phases.stage_06.template.lint import lint_checks
from phases.stage_06.template.metrics import OPERATIONS, SERIES, dimension_fault
from phases.stage_06.template.template import build_template, render
from phases.stage_06.template.template_comparison import compare_with_contract
from phases.step import Check
from state.errors import BadInput
from tests.worlds.contract_builder import index, read, table

ROOT = Path(__file__).parents[4]
SAMPLE = read_contract((ROOT / "artifacts/stage-02/migrationContract.json").read_bytes(), path="sample")
TEMPLATE = build_template(SAMPLE)

Template = dict[str, Any]
Change = Callable[[Template], None]


def failed(checks: list[Check]) -> set[str]:
    return {check.name for check in checks if check.verdict == "fail"}


def changed(change: Change) -> Template:
    template = deepcopy(TEMPLATE)
    change(template)
    return template


def put(path: str, value: Any) -> Change:
    """Set the value at `Resources/CustomersTable/...`; `...` removes it."""

    def change(template: Template) -> None:
        *parts, last = [int(part) if part.isdigit() else part for part in path.split("/")]
        holder: Any = template
        for part in parts:
            holder = holder[part]
        if value is ...:
            del holder[last]
        else:
            holder[last] = value

    return change


C = "Resources/CustomersTable"
CP = f"{C}/Properties"
COMPARED: dict[str, tuple[Change, str]] = {
    "table gone": (put("Resources/ProductsTable", ...), "tables"),
    "table renamed": (put(f"{CP}/TableName", "Clients"), "tables"),
    "partition key": (put(f"{CP}/KeySchema/0/AttributeName", "Email"), "Customers: keys"),
    "sort key gone": (put(f"{CP}/KeySchema/1", ...), "Customers: keys"),
    "sort key added": (
        lambda template: template["Resources"]["ProductsTable"]["Properties"]["KeySchema"].append(
            {"AttributeName": "Price", "KeyType": "RANGE"}
        ),
        "Products: keys",
    ),
    "key types swapped": (put(f"{CP}/KeySchema/0/KeyType", "RANGE"), "Customers: keys"),
    "key's type": (put(f"{CP}/AttributeDefinitions/0/AttributeType", "N"), "Customers: keys"),
    "index key's type": (put(f"{CP}/AttributeDefinitions/4/AttributeType", "S"), "Customers: attribute definitions"),
    "attribute too many": (
        lambda template: template["Resources"]["CustomersTable"]["Properties"]["AttributeDefinitions"].append(
            {"AttributeName": "FullName", "AttributeType": "S"}
        ),
        "Customers: attribute definitions",
    ),
    "attribute missing": (put(f"{CP}/AttributeDefinitions/2", ...), "Customers: attribute definitions"),
    "billing": (put(f"{CP}/BillingMode", "ON_DEMAND"), "Customers: billing"),
    "encryption": (put(f"{CP}/SSESpecification/SSEEnabled", False), "Customers: encryption"),
    "no encryption": (put(f"{CP}/SSESpecification", ...), "Customers: encryption"),
    "recovery": (put(f"{CP}/PointInTimeRecoverySpecification", ...), "Customers: point-in-time recovery"),
    "stream": (put(f"{CP}/StreamSpecification/StreamViewType", "KEYS_ONLY"), "Customers: stream"),
    "index gone": (put(f"{CP}/GlobalSecondaryIndexes/0", ...), "Customers: indexes"),
    "index renamed": (put(f"{CP}/GlobalSecondaryIndexes/0/IndexName", "ByMail"), "Customers: indexes"),
    "index key": (
        put(f"{CP}/GlobalSecondaryIndexes/0/KeySchema/0/AttributeName", "Record"),
        "Customers: index ByEmail",
    ),
    "index sort key gone": (put(f"{CP}/GlobalSecondaryIndexes/1/KeySchema/1", ...), "Customers: index OrdersByStatus"),
    "projection": (
        put(f"{CP}/GlobalSecondaryIndexes/0/Projection/ProjectionType", "ALL"),
        "Customers: index ByEmail",
    ),
    "projected attribute gone": (
        put(f"{CP}/GlobalSecondaryIndexes/1/Projection/NonKeyAttributes/1", ...),
        "Customers: index OrdersByStatus",
    ),
    "deletion policy": (put(f"{C}/DeletionPolicy", "Delete"), "Customers: deletion policy"),
    "update-replace policy": (put(f"{C}/UpdateReplacePolicy", ...), "Customers: update-replace policy"),
    "deletion protection": (put(f"{CP}/DeletionProtectionEnabled", False), "Customers: deletion protection"),
    "tag gone": (put(f"{CP}/Tags/1", ...), "Customers: tags"),
    "alarm gone": (put("Resources/CustomersTableSystemErrors", ...), "Customers: alarms on"),
    "parameter gone": (put("Parameters/AlarmEmail", ...), "parameters"),
    "output gone": (
        put("Outputs/ProductsTableStreamArn", ...),
        "Products: outputs ProductsTableName, ProductsTableArn, ProductsTableStreamArn",
    ),
    "output of another table": (
        put("Outputs/ProductsTableArn/Value", {"Fn::GetAtt": ["CustomersTable", "Arn"]}),
        "Products: outputs ProductsTableName, ProductsTableArn, ProductsTableStreamArn",
    ),
    "stack's output gone": (put("Outputs/AlarmTopicArn", ...), "outputs of the stack"),
    "export name without Fn::Sub": (
        put("Outputs/ProductsTableArn/Export/Name", {"Ref": "AWS::StackName"}),
        "exports not named by stack and output",
    ),
}


def test_the_built_template_says_what_the_contract_says() -> None:
    checks = compare_with_contract(TEMPLATE, SAMPLE, upto="2.1")
    assert failed(checks) == set()
    assert len({check.name for check in checks}) == len(checks)


@pytest.mark.parametrize("case", COMPARED)
def test_a_difference_from_the_contract_is_seen(case: str) -> None:
    change, check = COMPARED[case]
    assert check in failed(compare_with_contract(changed(change), SAMPLE, upto="2.1"))


def test_a_layer_is_not_asked_for_what_the_next_one_adds() -> None:
    assert failed(compare_with_contract(build_template(SAMPLE, upto="1.2"), SAMPLE, upto="1.2")) == set()
    assert failed(compare_with_contract(build_template(SAMPLE, upto="1.2"), SAMPLE, upto="1.3")) != set()
    # Attributes that no key uses yet are refused by CloudFormation, so 1.2 must not have them either.
    ahead = failed(compare_with_contract(build_template(SAMPLE, upto="1.3"), SAMPLE, upto="1.2"))
    assert "Customers: attribute definitions" in ahead


A = "Resources/CustomersTableReadThrottle/Properties"
M = f"{A}/Metrics/1/MetricStat/Metric"
D = "Resources/Dashboard/Properties/DashboardBody"
LIMITED: dict[str, tuple[Change, str]] = {
    "duplicate table name": (put(f"{CP}/TableName", "Products"), "table and index names"),
    "bad table name": (put(f"{CP}/TableName", "a b"), "table and index names"),
    "bad index name": (put(f"{CP}/GlobalSecondaryIndexes/0/IndexName", "x"), "table and index names"),
    "21 indexes": (put(f"{CP}/GlobalSecondaryIndexes", [{}] * 21), "index and projection limits"),
    "INCLUDE without attributes": (
        put(f"{CP}/GlobalSecondaryIndexes/1/Projection/NonKeyAttributes", ...),
        "index and projection limits",
    ),
    "attributes without INCLUDE": (
        put(f"{CP}/GlobalSecondaryIndexes/1/Projection/ProjectionType", "ALL"),
        "index and projection limits",
    ),
    "21 projected attributes": (
        put(f"{CP}/GlobalSecondaryIndexes/1/Projection/NonKeyAttributes", [str(number) for number in range(21)]),
        "index and projection limits",
    ),
    "alarm by the wrong dimension": (
        put(f"{M}/Dimensions/0/Name", "Table"),
        "alarm series",
    ),
    "SystemErrors by table only": (
        put(f"{M}/MetricName", "SystemErrors"),
        "alarm series",
    ),
    "a plain alarm on ThrottledRequests by table": (
        put(
            A,
            {
                "Namespace": "AWS/DynamoDB",
                "MetricName": "ThrottledRequests",
                "Dimensions": [{"Name": "TableName", "Value": "Customers"}],
                "AlarmActions": ["arn"],
                "TreatMissingData": "notBreaching",
            },
        ),
        "alarm series",
    ),
    "alarm on nothing": (put(f"{A}/Metrics", []), "alarm series"),
    "alarm of another service": (put(f"{M}/Namespace", "AWS/EC2"), "alarm series"),
    "alarm without an action": (put(f"{A}/AlarmActions", []), "alarm series"),
    "alarm that rings without data": (put(f"{A}/TreatMissingData", "breaching"), "alarm series"),
    "alarm of eleven metrics": (put(f"{A}/Metrics", [{"Expression": "x"}] * 11), "alarm series"),
    "dashboard that is no JSON": (put(f"{D}/Fn::Sub", "{'widgets': []}"), "dashboard"),
    "dashboard without widgets": (put(D, "{}"), "dashboard"),
    "dashboard of a series that is not there": (
        put(D, '{"widgets": [{"properties": {"metrics": [["AWS/DynamoDB", "UserErrors", "TableName", "x"]]}}]}'),
        "dashboard",
    ),
    "501 resources": (put("Resources", {f"R{number}": {} for number in range(501)}), "resources"),
    "201 outputs": (put("Outputs", {f"O{number}": {} for number in range(201)}), "outputs"),
    "201 parameters": (put("Parameters", {f"P{number}": {} for number in range(201)}), "parameters"),
}


def test_the_built_template_keeps_every_limit() -> None:
    assert {check.verdict for check in limit_checks(TEMPLATE, render(SAMPLE))} == {"pass"}


@pytest.mark.parametrize("case", LIMITED)
def test_a_broken_limit_is_seen(case: str) -> None:
    change, check = LIMITED[case]
    assert check in failed(limit_checks(changed(change), b""))


def test_over_51200_bytes_is_a_note_and_over_a_million_a_failure() -> None:
    padded = changed(put("Description", "x" * 60_000))
    sizes = {check.name: check.verdict for check in limit_checks(padded, b"y" * 1_000_001)}
    assert sizes["size inline, minified [bytes]"] == "note"
    assert sizes["template size [bytes]"] == "fail"


def test_a_table_with_twenty_indexes_is_watched_whole_in_alarms_of_ten() -> None:
    contract = read(table(gsis=[index(f"Index{number}") for number in range(20)]))
    template = build_template(contract)
    assert failed(limit_checks(template, b"")) == set()
    reads = [resource for name, resource in template["Resources"].items() if "ReadThrottle" in name]
    sizes = [len(alarm["Properties"]["Metrics"]) for alarm in reads]
    assert sizes == [10, 10, 4]
    watched = [
        tuple(each["Value"] for each in query["MetricStat"]["Metric"]["Dimensions"][1:])
        for alarm in reads
        for query in alarm["Properties"]["Metrics"][1:]
    ]
    assert watched == [(), *((f"Index{number}",) for number in range(20))]


def test_the_largest_contract_keeps_its_dashboard_within_2500_metrics() -> None:
    contract = read(*(table(f"Table{number}", gsis=[index(f"Index{at}") for at in range(12)]) for number in range(60)))
    assert failed(limit_checks(build_template(contract), b"")) == set()


def test_66_tables_fit_into_one_stack() -> None:
    refuse_beyond_limits(read(*(table(f"Table{number}") for number in range(MAX_TABLES))), path="c.json")


def test_67_tables_are_refused_by_name_before_anything_is_made() -> None:
    contract = read(*(table(f"Table{number}") for number in range(67)))
    with pytest.raises(BadInput, match="more than one CloudFormation template can hold") as refused:
        refuse_beyond_limits(contract, path="c.json")
    assert [problem.message for problem in refused.value.problems] == [
        "at most 66 tables in one template (200 outputs), seen 67"
    ]
    assert refused.value.next_command.startswith("$EDITOR c.json   # split it")


def test_more_than_500_resources_are_refused_by_name() -> None:
    many = [index(f"Index{number}") for number in range(20)]
    with pytest.raises(BadInput) as refused:
        refuse_beyond_limits(read(*(table(f"Table{number}", gsis=many) for number in range(64))), path="c.json")
    assert "at most 500 resources in one template, seen 515" in str(refused.value)


def test_two_names_with_one_logical_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # Four hex digits can meet by chance; here they are made to.
    monkeypatch.setattr("phases.stage_06.template.limits.logical_id", lambda _name: "Same")
    with pytest.raises(BadInput, match="Other and Orders have the same logical id"):
        refuse_beyond_limits(read(table(), table("Other")), path="c.json")


@pytest.mark.parametrize("metric", SERIES)
def test_every_known_series_is_accepted_and_a_made_up_dimension_is_not(metric: str) -> None:
    for dimensions in SERIES[metric]:
        assert dimension_fault(metric, dimensions) is None
    assert "no such series" in str(dimension_fault(metric, ["TableName", "Stage"]))


@pytest.mark.parametrize("metric", ["ThrottledRequests", "SystemErrors"])
def test_the_alarms_of_the_published_design_are_refused(metric: str) -> None:
    assert "exists by Operation + TableName" in str(dimension_fault(metric, ["TableName"]))


def test_an_unknown_metric_is_refused() -> None:
    assert "has no metric ThrottleEvents" in str(dimension_fault("ThrottleEvents", ["TableName"]))


def test_operations_and_their_sum_fit_into_one_alarm() -> None:
    assert len(OPERATIONS) + 1 == 10


@pytest.mark.slow
@pytest.mark.parametrize(
    "contract",
    [
        SAMPLE,
        read(table(gsis=[index(f"Index{number}", projection="KEYS_ONLY") for number in range(20)])),
        read(table("only-keys", gsis=[], sk=None)),
    ],
    ids=["the sample", "twenty indexes", "one key"],
)
def test_cfn_lint_finds_nothing(contract: Any) -> None:
    assert [check.verdict for check in lint_checks(render(contract), region="us-east-1")] == ["pass"]


@pytest.mark.slow
def test_what_cfn_lint_finds_closes_the_gate_with_its_place() -> None:
    data = render(SAMPLE).replace(b"BillingMode: PAY_PER_REQUEST", b"BillingMode: ON_DEMAND", 1)
    checks = lint_checks(data, region="us-east-1")
    line = data.decode().splitlines().index("      BillingMode: ON_DEMAND") + 1
    assert {check.verdict for check in checks} == {"fail"}
    assert len({check.name for check in checks}) == len(checks)
    place = f"artifacts/stage-06/dynamodb-infrastructure.yaml:{line}:"
    assert any(check.where.startswith(place) and "ON_DEMAND" in check.seen for check in checks)
