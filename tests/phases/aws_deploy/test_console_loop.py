"""Phase 3: a person applies, the run looks, what does not agree is listed, until nothing is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from state.errors import Waiting
from tests.worlds.shop_world import REGION, TAGS, ShopWorld, check, failed

pytestmark = pytest.mark.slow

CHECKS = """checks:
  - id: on-demand
    name: the table is paid per request
    tasks: [Phase 3]
    criterion: No discrepancies between console and CLI
    service: dynamodb
    operation: describe_table
    parameters: {TableName: "{name}-orders"}
    expression: Table.BillingModeSummary.BillingMode
    expect: {equals: PAY_PER_REQUEST}
"""


@pytest.fixture
def ready(shop: ShopWorld) -> ShopWorld:
    shop.put("checks.yaml", CHECKS)
    shop.commit("What must be so")
    shop.resources()
    shop.ready_for("Phase 3")
    return shop


def wildcard(shop: ShopWorld) -> None:
    shop.permit("dynamodb:*")


def open_port(shop: ShopWorld) -> None:
    ec2 = shop.client("ec2")
    group = ec2.create_security_group(
        GroupName="shop-group",
        Description="a hole",
        TagSpecifications=[
            {"ResourceType": "security-group", "Tags": [{"Key": key, "Value": value} for key, value in TAGS.items()]}
        ],
    )["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    shop.planned(configuration={"files": ["test.env"]})


def paid_otherwise(shop: ShopWorld) -> None:
    shop.client("dynamodb").update_table(
        TableName="shop-orders",
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )


def bucket_without_name(shop: ShopWorld) -> None:
    shop.client("sns").create_topic(Name="Notices2", Tags=[{"Key": "project", "Value": "shop"}])


def nothing_there(shop: ShopWorld) -> None:
    shop.planned(inventory={"tags": {"project": "boats"}, "services": ["dynamodb"], "names": "shop-*"})


def test_a_person_who_applied_everything_is_believed_and_looked_after(ready: ShopWorld) -> None:
    work = ready.run("Phase 3")
    assert not failed(work)
    assert check(work, "3.1 applied, round 1").verdict == "attested"
    assert check(work, "exit: User confirms all infrastructure changes applied").verdict == "attested"
    assert check(work, "3.2 the table is paid per request").verdict == "pass"
    assert check(work, "exit: No discrepancies between console and CLI").verdict == "pass"
    assert work.data["rounds"] == [{"round": 1, "discrepancies": []}]
    assert "begins phase 4 at once: in account 123456789012, region " in work.review[-2].body
    assert "it deploys stock" in work.review[-2].body
    assert "deploy stock" in work.review[-1].body  # what phase 4 will do is shown before it is done


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        pytest.param(wildcard, "3.3 role shop-role: ", id="a role with a wildcard"),
        pytest.param(open_port, "3.3 security group sg-", id="a port open to everybody"),
        pytest.param(paid_otherwise, "3.2 the table is paid per request: ", id="a wrong setting"),
        pytest.param(bucket_without_name, "3.3 names: ", id="a name against the convention"),
        pytest.param(nothing_there, "3.2 resources by tag: ", id="nothing was made"),
    ],
)
def test_what_does_not_agree_is_listed_and_asked_about(
    ready: ShopWorld, spoil: Callable[[ShopWorld], None], told: str
) -> None:
    spoil(ready)
    with pytest.raises(Waiting, match="applied-2"):
        ready.run("Phase 3")
    (line,) = [line for line in ready.world.lines if "does not agree" in line]
    assert line.strip().removeprefix("does not agree: ").startswith(told)


def test_mended_it_is_clean_and_the_round_is_remembered(ready: ShopWorld) -> None:
    wildcard(ready)
    with pytest.raises(Waiting):
        ready.run("Phase 3")
    ready.permit("dynamodb:GetItem")
    ready.world.given["applied-2"] = "applied"
    work = ready.run("Phase 3")
    first, second = work.data["rounds"]
    assert (first["discrepancies"][0].split(":")[0], second["discrepancies"]) == ("3.3 role shop-role", [])
    document = (ready.root / "artifacts/aws-deploy/03-infrastructure.md").read_text()
    assert "dynamodb:\\*" in document or "dynamodb:*" in document


def test_what_the_teams_command_said_is_kept_over_the_rounds(ready: ShopWorld) -> None:
    ready.planned(infrastructure={"apply": "echo the stack is up"})
    wildcard(ready)
    with pytest.raises(Waiting):
        ready.run("Phase 3")
    ready.permit("dynamodb:GetItem")
    ready.world.given["applied-2"] = "applied"
    assert not failed(ready.run("Phase 3"))
    assert "the stack is up" in (ready.root / "artifacts/aws-deploy/03-infrastructure.md").read_text()


def test_a_look_made_in_another_process_is_made_anew_for_the_evidence(ready: ShopWorld) -> None:
    ready.world.dies_at("look-1", recorded=True)
    with pytest.raises(KeyboardInterrupt):
        ready.run("Phase 3")
    wildcard(ready)
    work = ready.run("Phase 3")
    assert failed(work) == ["3.3 role shop-role"]


def test_the_teams_own_command_applies_once_and_a_failure_of_it_is_one(ready: ShopWorld) -> None:
    ready.planned(infrastructure={"apply": ready.logs("apply in $AWS_REGION")})
    work = ready.run("Phase 3")
    assert (failed(work), ready.ran()[-1]) == ([], f"apply in {REGION}")
    assert check(work, "3.1 applied, round 1").verdict == "pass"
    assert check(work, "exit: User confirms all infrastructure changes applied").verdict == "attested"

    ready.planned(infrastructure={"apply": "echo no such stack; exit 1"})
    work = ready.run("Phase 3", attempt=2)
    assert failed(work) == ["3.1 applied, round 1"]
    assert check(work, "3.1 applied, round 1").seen == "exit code 1: no such stack"
    assert work.data["rounds"] == []  # nobody is asked to mend what was never applied


@pytest.mark.parametrize(("said", "runs"), [("done", 1), ("repeat", 2)])
def test_a_command_cut_off_by_a_crash_is_asked_about(ready: ShopWorld, said: str, runs: int) -> None:
    ready.planned(infrastructure={"apply": ready.logs("apply")})
    ready.world.dies_at("apply-1")
    with pytest.raises(KeyboardInterrupt):
        ready.run("Phase 3")
    with pytest.raises(Waiting, match="apply-1-interrupted-1"):
        ready.run("Phase 3")
    ready.world.given["apply-1-interrupted-1"] = said
    work = ready.run("Phase 3")
    assert ready.ran().count("apply") == runs
    assert check(work, "3.1 applied, round 1").verdict == ("attested" if said == "done" else "pass")


def test_the_checks_file_is_refused_with_line_and_column(ready: ShopWorld) -> None:
    from state.errors import BadInput

    ready.put("checks.yaml", CHECKS.replace("describe_table", "delete_table"))
    ready.commit("Other checks")
    with pytest.raises(BadInput) as refused:
        ready.run("Phase 3")
    assert any(str(problem).startswith("checks.yaml:7:") for problem in refused.value.problems)
