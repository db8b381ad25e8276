"""A criterion is as good as the worst that it rests on; one that nothing covers is for a person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shop_world import PLAN, STEPS, TASKS, ShopWorld, check

from phases.aws_deploy.exit_criteria import RESTS_ON, resting, with_exit_criteria
from phases.checks.definition import plain
from phases.step import Check, Verdict
from state.errors import Waiting


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (("pass", "pass"), "pass"),
        (("pass", "note", "attested"), "pass"),
        (("note",), "pass"),
        (("attested", "attested"), "attested"),
        (("pass", "not-checked"), "not-checked"),
        (("attested", "not-checked"), "not-checked"),
        (("pass", "not-checked", "fail"), "fail"),
    ],
)
def test_the_worst_counts(verdicts: tuple[Verdict, ...], verdict: str) -> None:
    checks = [Check(f"1.{number} x", "", "", each) for number, each in enumerate(verdicts)]
    assert resting("So it is", checks).verdict == verdict


def test_every_criterion_of_the_runbook_rests_on_something() -> None:
    said = {plain(criterion) for task in PLAN.tasks for criterion in task.exit_criteria}
    assert said == set(RESTS_ON)


def test_a_criterion_that_a_runbook_adds_is_asked_unless_something_failed(shop: ShopWorld) -> None:
    shop.world.task = replace(TASKS["Phase 1"], exit_criteria=("The mayor has been told",))
    shop.world.defaults = False
    with pytest.raises(Waiting, match="phase-1-the-mayor-has-been-told"):
        with_exit_criteria(shop.world, [Check("1.1 x", "", "", "pass")])
    assert len(with_exit_criteria(shop.world, [Check("1.1 x", "", "", "fail")])) == 1

    shop.world.given["phase-1-the-mayor-has-been-told"] = "yes"
    (_, found) = with_exit_criteria(shop.world, [Check("1.1 x", "", "", "pass")])
    assert (found.name, found.verdict) == ("The mayor has been told", "attested")


def test_a_declared_check_answers_a_criterion_in_the_runbooks_own_words(shop: ShopWorld) -> None:
    shop.put("checks.yaml", """checks:
  - id: tables
    name: there is a table
    tasks: [Phase 3]
    criterion: The tables are there
    service: dynamodb
    operation: list_tables
    expression: TableNames
    expect: present
""")  # fmt: skip
    shop.commit("Checks")
    shop.resources()
    shop.up_to("Phase 2")
    shop.world.defaults = False
    shop.world.given |= {"applied-1": "applied"}
    work = shop.world.run(STEPS["Phase 3"], task=replace(TASKS["Phase 3"], exit_criteria=("The tables are there.",)))
    assert check(work, "exit: The tables are there.").verdict == "pass"
