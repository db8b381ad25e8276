"""What a lookup itself has to know is asked as what a check has to: once, before anything is called."""

from __future__ import annotations

from phases.checks.reader import read_checks
from phases.manual.hand_work import placeholder_questions
from tests.worlds.checking import MODELS
from workflow.runbook.reader import read_runbook

PLAN = read_runbook(b"# Ship\n\n## Net\n- [ ] There\n\n## After\n- [ ] Told\n", name="ship", path="ship.md")
CHECKS = b"""\
lookups:
  vpc:
    service: ec2
    operation: describe_vpcs
    parameters: {Filters: [{Name: "tag:Name", Values: ["{vpc-name}"]}]}
    expression: Vpcs[].VpcId
checks:
  - id: there
    name: It is there
    service: ec2
    operation: describe_vpcs
    parameters: {VpcIds: ["{vpc}"]}
    expression: Vpcs[].State
    expect: present
    line: 4
"""


def test_the_placeholder_of_a_lookup_is_asked_where_a_check_needs_the_lookup() -> None:
    declared = read_checks(CHECKS, "ship.checks.yaml", MODELS, plan=PLAN)
    net, after = PLAN.tasks
    assert [each.name for each in placeholder_questions(net, declared, None, {})] == ["vpc-name"]
    assert placeholder_questions(net, declared, None, {"vpc-name": "shop"}) == []
    assert placeholder_questions(after, declared, None, {}) == []


def test_what_a_profile_may_give_is_asked_of_nobody_before_one_is_chosen() -> None:
    data = b"""profiles:
  dev: {values: {conf: dev.json}}
  production: {values: {conf: prod.json}}
checks:
  - {id: conf, name: C, file: {path: "{conf}", contains: "{who}"}, tasks: [Net]}
"""
    declared, net = read_checks(data, "c.checks.yaml", MODELS), PLAN.tasks[0]
    dev = declared.profiles[0]
    assert [each.name for each in placeholder_questions(net, declared, None, {})] == ["who"]
    assert [each.name for each in placeholder_questions(net, declared, dev, {})] == ["who"]
