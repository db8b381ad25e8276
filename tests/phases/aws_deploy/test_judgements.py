"""What the phases judge by: plain values in, verdicts and findings out."""

from __future__ import annotations

from typing import Any

import pytest

from phases.aws_deploy.recover.executed_effects import executed_effects
from phases.aws_deploy.verify.configuration_changes import changes
from phases.aws_deploy.verify.items import ANSWERED_BY
from phases.aws_deploy.verify.permissions import principal_of
from phases.aws_deploy.verify.placeholders import placeholders
from phases.aws_deploy.verify.resources import parse_arn
from phases.aws_deploy.verify.security import is_everybody, is_whole, open_ports, wildcards
from phases.checks.answered import plain
from phases.step import PastEffect
from tests.worlds.shop_world import PLAN


@pytest.mark.parametrize(
    ("arn", "parts"),
    [
        ("arn:aws:dynamodb:eu-west-1:123456789012:table/orders", ("dynamodb", "table", "orders")),
        ("arn:aws:lambda:eu-west-1:123456789012:function:orders", ("lambda", "function", "orders")),
        (
            "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/orders:*",
            ("logs", "log-group", "/aws/lambda/orders"),
        ),
        ("arn:aws:sns:eu-west-1:123456789012:notices", ("sns", "", "notices")),
        ("arn:aws:s3:::a-bucket", ("s3", "", "a-bucket")),
        ("arn:aws:iam::123456789012:role/team/deployer", ("iam", "role", "team/deployer")),
    ],
)
def test_an_arn_says_what_it_is(arn: str, parts: tuple[str, str, str]) -> None:
    found = parse_arn(arn)
    assert (found.service, found.kind, found.name) == parts


@pytest.mark.parametrize(
    ("caller", "principal"),
    [
        ("arn:aws:sts::123456789012:assumed-role/Deployer/ada", "arn:aws:iam::123456789012:role/Deployer"),
        ("arn:aws-cn:iam::123456789012:user/team/ada", "arn:aws-cn:iam::123456789012:user/team/ada"),
        ("arn:aws:iam::123456789012:root", ""),
        ("arn:aws:sts::123456789012:federated-user/ada", ""),
    ],
)
def test_who_can_be_simulated(caller: str, principal: str) -> None:
    assert principal_of(caller) == principal


@pytest.mark.parametrize(
    ("line", "path", "found"),
    [
        ("URL=https://CHANGEME/", "a.env", ["CHANGEME"]),
        ("KEY=YOUR_BUCKET_NAME", "a.env", ["YOUR_BUCKET_NAME"]),
        ("ID=XXXXXXXX", "a.env", ["XXXXXXXX"]),
        ("A={{ account }}", "a.env", ["{{ account }}"]),
        ("A=${ACCOUNT} $REGION", "a.env", []),
        ("# A=<ACCOUNT>", "a.env", []),
        ("[section]", "a.ini", []),
        ("services: [dynamodb]", "a.yaml", []),
        ("name: <STACK>", "a.yaml", ["<STACK>"]),
        ("<name>shop</name>", "a.xml", []),
        ("if a < b and c > d", "a.env", []),
    ],
)
def test_what_is_a_placeholder(line: str, path: str, found: list[str]) -> None:
    assert [text for _number, text in placeholders(line, path)] == found


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ({"Effect": "Allow", "Action": ["s3:GetObject"]}, []),
        ({"Effect": "Allow", "Action": "s3:Get*"}, ["s3:Get*"]),
        ({"Effect": "Allow", "Action": "s3:?etObject"}, ["s3:?etObject"]),
        ({"Effect": "Deny", "Action": "*"}, []),
        ({"Effect": "Allow", "NotAction": "iam:*"}, ["NotAction"]),
        (
            [{"Effect": "Allow", "Action": ["sqs:*", "s3:*"]}, {"Effect": "Allow", "Action": "*"}],
            ["*", "s3:*", "sqs:*"],
        ),
    ],
)
def test_what_is_a_wildcard(statement: Any, found: list[str]) -> None:
    assert wildcards({"Statement": statement}) == found


@pytest.mark.parametrize("action", ["*", "s3:*", "s3:**", "s3:?*", "s*:GetObject", "NotAction"])
def test_what_allows_all_of_a_service(action: str) -> None:
    assert is_whole(action)
    assert not is_whole("s3:Get*")


@pytest.mark.parametrize("block", ["0.0.0.0/0", "128.0.0.0/1", "::/0", "2000::/3", "no block"])
def test_who_is_everybody(block: str) -> None:
    assert is_everybody(block)
    assert not is_everybody("10.0.0.0/8")
    assert not is_everybody("2001:db8::/32")


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
            [("tcp 22 from 0.0.0.0/0", False)],
        ),
        (
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
            [("tcp 443 from ::/0", True)],
        ),
        (
            {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
            [("tcp 80-443 from 0.0.0.0/0", False)],
        ),
        ({"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, [("all 0-65535 from 0.0.0.0/0", False)]),
        ({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}, []),
    ],
)
def test_what_is_open(rule: dict[str, Any], found: list[tuple[str, bool]]) -> None:
    assert open_ports({"IpPermissions": [rule]}) == found


BACKUP = "arn:aws:dynamodb:eu-west-1:123456789012:table/users/backup/1"


def test_every_criterion_of_the_runbook_rests_on_items_of_its_phase() -> None:
    phase = {plain(criterion): task.id[-1:] for task in PLAN.tasks for criterion in task.exit_criteria}
    assert phase == {criterion: items[0].number[:1] for criterion, items in ANSWERED_BY.items()}
    assert all(item.number[:1] == phase[criterion] for criterion, items in ANSWERED_BY.items() for item in items)


def past(
    task: str, name: str, intent: dict[str, Any] | None = None, result: dict[str, Any] | None = None
) -> PastEffect:
    return PastEffect(task, "", 1, name, intent or {}, result)


def test_what_was_done_is_told_the_latest_first_and_what_is_in_doubt_counts() -> None:
    found = executed_effects(
        [
            past("Phase 2", "backup-users", {"table": "users"}, {"arn": BACKUP, "items": 2}),
            past("Phase 2", "backup-lost", {"table": "lost"}),
            past("Phase 3", "apply-1", {}, {"exit_code": 0}),
            past("Phase 4", "smoke-test-stock", {}, {"exit_code": 0}),
            past("Phase 4", "deploy-stock", {}, {"exit_code": 0}),
            past("Phase 4", "deploy-orders"),
            past("Phase 4", "deploy-stock", {}, {"exit_code": 0}),
            past("Phase 4", "deploy-cart", {}, {"exit_code": 1}),
            past("Phase 6", "set-off-one", {}, {}),
            past("Phase 6", "put-back-one", {}, {}),
            past("Phase 6", "set-off-two", {}, {}),
            past("Phase 7", "rehearse-deploy-other", {}, {}),
        ]
    )
    assert found.components == ("cart", "stock", "orders")
    assert (found.applied, found.before) == (True, ("lost", "users"))
    assert found.backups == ({"table": "users", "arn": BACKUP, "items": 2},)
    assert found.set_off == ("two",)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": {"x": 1}}, {"a": {"x": 1}}, []),
        ({"a": {"x": {"y": [1, 2]}}}, {"a": {"x": {"y": [1, 3]}}}, [("a", "x.y[1]", "2", "3")]),
        ({"a": {"x": 1}}, {"a": {}}, [("a", "x", "1", "not set")]),
        ({"a": {}}, {"b": {}}, [("a", "the resource", "there", "gone"), ("b", "the resource", "not there", "there")]),
        ({"a": {"ItemCount": 1}}, {"a": {"ItemCount": 9}}, []),
    ],
)
def test_what_has_changed(
    before: dict[str, Any], after: dict[str, Any], found: list[tuple[str, str, str, str]]
) -> None:
    assert changes(before, after) == found
