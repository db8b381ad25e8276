"""Every problem of a checks file is told at once: of its settings, its names, its profiles and lookups, its runbook."""

from __future__ import annotations

import pytest

from phases.checks.reader import read_checks
from state.errors import BadInput
from state.model import Plan
from tests.worlds.checking import MODELS
from workflow.runbook.reader import read_runbook

RUNBOOK = b"""# Ship

## Build

- [ ] Built
- [ ] Packed

## Ship

- [ ] Shipped
- [ ] All shipped

## After

- [ ] Told
"""
VPCS = "service: ec2, operation: describe_vpcs, expression: 'Vpcs[].VpcId'"
ROUTES = "service: ec2, operation: describe_route_tables, expression: 'RouteTables[].VpcId'"
# one line of each kind of problem: what the file has, and how its message begins
EVERYTHING = (
    ("profiles:", ""),
    (
        "  dev: {values: {place: a}, leaves-out: [Biuld], lines: [3]}",
        "profile dev: no task of ship.md is called",
    ),
    ("  Prod: {values: {place: b}}", "profile: expected small letters"),
    ("  qa: {values: {}, oddly: 1}", "'oddly' is not a setting here"),
    ("lookups:", ""),
    (
        f"  a: {{{VPCS}, parameters: {{VpcIds: ['{{b}}']}}}}",
        "lookups: a",
    ),
    (
        f"  b: {{{VPCS}, parameters: {{VpcIds: ['{{a}}']}}}}",
        "lookups: b",
    ),
    ("  c: {service: ec3, operation: describe_vpcs, expression: 'Vpcs[].VpcId'}", "there is no service 'ec3'"),
    (
        f"  d: {{{VPCS}, surely: 1}}",
        "'surely' is not a setting",
    ),
    ("checks:", ""),
    ("  - {id: first, name: First, file: {path: /etc/x, oddly: 1}, line: 5}", "'oddly' is not a setting here"),
    ("  - {id: typed, name: Typed, file: {path: x}, line: five}", "line: expected a whole number"),
    ("  - {id: first, name: Again, file: {path: x}, line: 5}", "id 'first' is given twice"),
    ("  - {id: unknown, name: Unknown, file: {path: x}, criterion: Bulit, odd: 1}", "'odd' is not a setting here"),
    (
        "  - {id: nowhere, name: Nowhere, file: {path: x}, tasks: [Shop], line: 4}",
        "no task of ship.md is called",
    ),
    ("  - {id: it, name: It, file: {path: x}, tasks: [Build], item: box 9}", "expected one box of ship.md with the id"),
    ("  - {id: f1, name: F1, follows-from: {tasks: [Nothing]}, line: 10}", "no task of ship.md is called 'Nothing'"),
    (
        "  - {id: f2, name: F2, follows-from: {lines: [11]}, line: 10}",
        "line 11 is of Ship, the very task",
    ),
    ("  - {id: f3, name: F3, follows-from: {tasks: [After]}, line: 11}", "'After' names After, a later task"),
    ("  - {id: f4, name: F4, follows-from: {lines: [2, x]}, line: 15}", "lines, entry 2: expected a whole number"),
    (
        "  - {id: q, name: Q, service: sqs, operation: list_queus, expression: x, expect: {is: 1}}",
        "'is' is",
    ),
    ("  - just words", "expected settings, `name: value` a line"),
)
# and a second one in the same line
AND_ALSO = (
    "profile dev: line 3 of ship.md has no box",
    "profile qa has no value for place",
    "path: ",
    "sqs has no operation 'list_queus'",
    "ship.md has no exit criterion and no box 'Bulit'",
    "line 4 of ship.md has no box",
)


def plan() -> Plan:
    return read_runbook(RUNBOOK, name="ship", path="ship.md")


def refused(text: str, plan: Plan | None = None) -> list[tuple[int, str]]:
    with pytest.raises(BadInput) as error:
        read_checks(text.encode(), "ship.checks.yaml", MODELS, plan=plan)
    assert error.value.exit_code == 2
    wheres = [each.where.rsplit(":", 2) for each in error.value.problems]
    assert all(where[0] == "ship.checks.yaml" for where in wheres)
    return [(int(where[1]), each.message) for where, each in zip(wheres, error.value.problems, strict=True)]


def test_all_are_told_at_once_each_at_its_line() -> None:
    found = refused("\n".join(line for line, _said in EVERYTHING) + "\n", plan())
    for number, (line, said) in enumerate(EVERYTHING, 1):
        told = [message for at, message in found if at == number]
        assert any(each.startswith(said) for each in told) if said else not told, (line, told)
    for said in AND_ALSO:
        assert any(message.startswith(said) for _at, message in found), (said, found)
    assert [at for at, _message in found] == sorted(at for at, _message in found)
    assert len(found) == len(set(found))


def test_what_follows_from_itself_is_found_without_a_runbook_too() -> None:
    text = """checks:
  - {id: a, name: A, follows-from: {lines: [12]}, line: 10}
  - {id: b, name: B, follows-from: {lines: [14]}, line: 12}
  - {id: c, name: C, follows-from: {lines: [10, 4]}, line: 14}
  - {id: d, name: D, follows-from: {lines: [20]}, line: 20}
"""
    assert refused(text) == [
        (2, "line 12 follows from line 10 itself, so neither ever counts"),
        (3, "line 14 follows from line 12 itself, so neither ever counts"),
        (4, "line 10 follows from line 14 itself, so neither ever counts"),
        (5, "line 20 follows from line 20 itself, so neither ever counts"),
    ]


def test_lookups_may_stand_in_any_order_where_none_needs_itself() -> None:
    text = f"""checks: []
lookups:
  route: {{{ROUTES}, parameters: {{RouteTableIds: ['{{table}}']}}}}
  table: {{{ROUTES}, parameters: {{RouteTableIds: ['{{vpc}}']}}}}
  vpc: {{{VPCS}}}
"""
    assert [each.id for each in read_checks(text.encode(), "f", MODELS).lookups] == ["vpc", "table", "route"]
    looped = text.replace("describe_vpcs,", "describe_vpcs, parameters: {VpcIds: ['{route}']},")
    assert [message for _at, message in refused(looped)] == [
        "lookups: route needs table, vpc, which needs it: neither can be made first",
        "lookups: table needs route, vpc, which needs it: neither can be made first",
        "lookups: vpc needs route, table, which needs it: neither can be made first",
    ]
