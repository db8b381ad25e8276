"""A criterion is as good as the worst that it rests on; one that nothing covers is for a person."""

from __future__ import annotations

import pytest

from phases.aws_deploy.verify.exit_criteria import with_exit_criteria
from phases.aws_deploy.verify.items import SCOPE
from state.errors import Waiting
from tests.worlds.shop_world import STEPS, TASKS, ShopWorld, check

pytestmark = pytest.mark.slow


def test_a_criterion_that_a_runbook_adds_is_asked_unless_something_failed(shop: ShopWorld) -> None:
    shop.world.begin(TASKS["Phase 1"]._replace(exit_criteria=("The mayor has been told",)))
    shop.world.defaults = False
    with pytest.raises(Waiting, match="phase-1-the-mayor-has-been-told"):
        with_exit_criteria(shop.world.ctx(), [SCOPE.check("x", "", "", "pass")])
    assert len(with_exit_criteria(shop.world.ctx(), [SCOPE.check("x", "", "", "fail")])) == 1

    shop.world.given["phase-1-the-mayor-has-been-told"] = "yes"
    (_, found) = with_exit_criteria(shop.world.ctx(), [SCOPE.check("x", "", "", "pass")])
    assert (found.name, found.verdict) == ("The mayor has been told", "attested")


def test_a_declared_check_answers_a_criterion_in_the_runbooks_own_words(shop: ShopWorld) -> None:
    shop.put(
        "checks.yaml",
        """checks:
  - id: tables
    name: there is a table
    tasks: [Phase 3]
    criterion: The tables are there
    service: dynamodb
    operation: list_tables
    expression: TableNames
    expect: present
""",
    )
    shop.commit("Checks")
    shop.resources()
    shop.ready_for("Phase 3")
    shop.world.defaults = False
    shop.world.given |= {"applied-1": "applied"}
    work = shop.world.run(STEPS["Phase 3"], task=TASKS["Phase 3"]._replace(exit_criteria=("The tables are there.",)))
    assert check(work, "exit: The tables are there.").verdict == "pass"
