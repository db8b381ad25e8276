"""Does every pair of contracts arrive, by the fewest updates, without a rollback; or is it refused before anything?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from phases.contract.model import Contract, Index, Key, Table
from phases.contract.reader import read_contract
from phases.stage_06.live.live_schema import compare_table
from phases.stage_06.template.template import build_template, load_template, minified
from phases.stage_06.update.chain import Update, next_change, updates
from phases.stage_06.update.deployed_tables import tables_in
from phases.stage_06.update.refusals import refusals
from tests.worlds.contract_pairs import pair
from tests.worlds.deploying import REGION
from tests.worlds.planned_tables import an_index, of_several, table
from workflow.sandbox.inprocess import Sandbox

STACK = "shop"


def contract(document: dict[str, Any]) -> Contract:
    return read_contract(json.dumps(document).encode(), path="contract.json")


def template(of: Contract) -> str:
    return minified(build_template(of))


def bound(was: Contract, wanted: Contract) -> int:
    """The most indexes that one table creates and deletes, one for the rest: counted from names alone."""
    names, goals = ({each.name: {index.name for index in each.indexes} for each in of.tables} for of in (was, wanted))
    most = max((len(names[name] ^ goals[name]) for name in names.keys() & goals.keys()), default=0)
    return max(most + (list(names) != list(goals)), 1)


class Deployed:
    """A stack that is brought on by change sets, without a run."""

    def __init__(self, sandbox: Sandbox, of: Contract) -> None:
        self.sandbox = sandbox
        self.cloudformation = sandbox.client("cloudformation", REGION)
        self.dynamodb = sandbox.client("dynamodb", REGION)
        self.cloudformation.create_stack(StackName=STACK, TemplateBody=template(of))
        assert sandbox.settle(STACK, REGION) == "CREATE_COMPLETE"

    def tables(self) -> tuple[Table, ...]:
        body = self.cloudformation.get_template(StackName=STACK)["TemplateBody"]
        return tables_in(load_template(json.dumps(body).encode()))

    def live(self, name: str) -> Any:
        return self.dynamodb.describe_table(TableName=name)["Table"]

    def bring(self, update: Update, number: int) -> None:
        name = f"update-{number}"
        self.cloudformation.create_change_set(
            StackName=STACK, ChangeSetName=name, TemplateBody=template(update.contract)
        )
        described = self.cloudformation.describe_change_set(StackName=STACK, ChangeSetName=name)
        described = self.cloudformation.describe_change_set(StackName=STACK, ChangeSetName=name)
        assert described["Status"] == "CREATE_COMPLETE", described
        self.cloudformation.execute_change_set(StackName=STACK, ChangeSetName=name)
        assert self.sandbox.settle(STACK, REGION) == "UPDATE_COMPLETE"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(16))
def test_a_pair_arrives_by_as_many_updates_as_the_bound_or_is_refused(sandbox: Sandbox, seed: int) -> None:
    before, after, never = pair(seed)
    was, wanted = contract(before), contract(after)
    stack = Deployed(sandbox, was)
    refused = list(refusals(stack.tables(), {each.name: stack.live(each.name) for each in was.tables}, wanted))
    assert bool(refused) == never, refused
    if refused:
        return
    chain = updates(stack.tables(), wanted)
    assert len(chain) == bound(was, wanted)
    if build_template(was) == build_template(wanted):
        return  # nothing to execute
    for number, _ in enumerate(chain):
        left = updates(stack.tables(), wanted)  # worked out again from where the stack stands, as a resumed run does
        assert len(left) == len(chain) - number
        stack.bring(left[0], number)
    failed = [each for table in wanted.tables for each in compare_table(table, stack.live(table.name))]
    assert [each for each in failed if each.verdict == "fail"] == []


def test_the_pairs_hold_every_kind_of_change() -> None:
    lengths = set()
    never = 0
    for seed in range(40):
        before, after, refused = pair(seed)
        never += refused
        if not refused:
            lengths.add(len(updates(contract(before).tables, contract(after))))
    assert lengths >= {1, 2, 3, 4}
    assert never >= 5


def test_what_a_template_says_of_tables_makes_the_same_template_again() -> None:
    for seed in range(10):
        made = build_template(contract(pair(seed)[0]))
        again = Contract(tables_in(load_template(minified(made).encode())), "0" * 64)
        assert build_template(again) == made


@pytest.mark.parametrize(
    ("have", "want", "verb"),
    [
        pytest.param([an_index("Old")], [an_index("New", "b")], "create", id="one comes before another goes"),
        pytest.param([an_index("Old")], [an_index("New", "a", "N")], "delete", id="its attribute has another type"),
        pytest.param(
            [of_several("Old", Key("x", "S"), Key("a", "S"))],
            [of_several("New", Key("y", "S"), Key("a", "N"))],
            "delete",
            id="the second attribute of its key has another type",
        ),
        pytest.param(
            [an_index(f"I{number}") for number in range(20)],
            [an_index(f"I{number}") for number in range(1, 21)],
            "delete",
            id="a table has twenty indexes at most",
        ),
        pytest.param(
            [an_index("Old", projected=60)], [an_index("New", projected=60)], "delete", id="too many are projected"
        ),
    ],
)
def test_an_index_goes_first_only_where_the_new_one_cannot_stand_beside_it(
    have: list[Index], want: list[Index], verb: str
) -> None:
    change = next_change(table(*have), table(*want))
    assert change is not None
    assert change.verb == verb


def test_tables_change_their_indexes_in_the_same_updates_and_the_rest_comes_last() -> None:
    was = Contract((table(), table(name="Users")), "0" * 64)
    goal = Contract(
        (table(an_index("A"), an_index("B")), table(an_index("C"), name="Users"), table(name="New")), "1" * 64
    )
    chain = updates(was.tables, goal)
    assert [[(each.table, each.verb) for each in update.indexes] for update in chain] == [
        [("Orders", "create"), ("Users", "create")],
        [("Orders", "create")],
        [],
    ]
    assert [update.final for update in chain] == [False, False, True]


def test_an_index_change_alone_needs_no_update_for_a_rest() -> None:
    goal = Contract((table(an_index("A")),), "1" * 64)
    assert [update.final for update in updates([table()], goal)] == [True]
    assert len(updates([replace(table(), source_table="x")], goal)) == 2
