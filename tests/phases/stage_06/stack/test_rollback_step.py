"""Rolling stage 06 back: what stands is listed with how it is removed, what is said of it is verified."""

from __future__ import annotations

import pytest

from phases.stage_06.paths import ROLLBACK
from phases.stage_06.rollback import look_at_what_is_left
from state.errors import Waiting
from tests.worlds.deploying import REGION, STACK, Deploying, failed_names


def test_before_anything_was_done_outside_there_is_nothing_to_take_back(deploying: Deploying) -> None:
    deploying.world.aws = None  # AWS is not even asked
    work = deploying.world.run(look_at_what_is_left)
    assert [check.verdict for check in work.checks] == ["pass"]
    assert "Nothing of this run stands" in deploying.text(ROLLBACK)


def test_a_change_set_that_was_not_executed_is_a_stack_in_review(deploying: Deploying) -> None:
    deploying.up_to("3.1")
    work = deploying.world.run(look_at_what_is_left)
    assert [(check.name, check.seen, check.verdict) for check in work.checks] == [(STACK, "REVIEW_IN_PROGRESS", "note")]
    assert f"aws cloudformation delete-stack --stack-name {STACK} --region {REGION}" in deploying.text(ROLLBACK)


@pytest.mark.slow
def test_what_was_deployed_is_listed_and_stays(deploying: Deploying) -> None:
    deploying.up_to("3.2")
    deploying.client("dynamodb").put_item(TableName="audit-log", Item={"Digest": {"B": b"x"}})
    before = deploying.sandbox.calls.copy()
    work = deploying.world.run(look_at_what_is_left)
    seen = {check.name: check.seen for check in work.checks}
    assert seen[STACK] == "CREATE_COMPLETE"
    assert seen["Users"] == "CREATE_COMPLETE, empty, retained and protected"
    assert seen["audit-log"] == "CREATE_COMPLETE, holds items, retained and protected"
    assert {check.verdict for check in work.checks} == {"note"}
    text = deploying.text(ROLLBACK)
    assert "It stays, on purpose." in text
    for command in ("create-backup", "update-table", "delete-table"):
        assert f"aws dynamodb {command} --table-name Users" in text
    asked = [name for _service, name in deploying.sandbox.calls[len(before) :]]
    assert not [name for name in asked if not name.startswith(("Describe", "List", "Scan", "Get"))]


@pytest.mark.slow
def test_tables_that_a_deleted_stack_left_behind_are_found(deploying: Deploying) -> None:
    deploying.up_to("3.2")
    deploying.client("cloudformation").delete_stack(StackName=STACK)
    work = deploying.world.run(look_at_what_is_left)
    orphan = "without a stack, empty, retained and protected"
    assert {check.name: check.seen for check in work.checks} == {"Users": orphan, "audit-log": orphan}


@pytest.mark.slow
def test_what_is_said_to_be_removed_must_be_gone(deploying: Deploying) -> None:
    deploying.up_to("3.1")
    deploying.world.given["rollback-left"] = "removed"
    work = deploying.world.run(look_at_what_is_left)
    assert failed_names(work) == {STACK}
    removed = deploying.client("cloudformation").delete_stack

    def remove_when_asked(line: str) -> None:
        if STACK in line:
            removed(StackName=STACK)

    deploying.world.person.progress = remove_when_asked  # type: ignore[method-assign]
    work = deploying.world.run(look_at_what_is_left, attempt=2)
    assert [(check.seen, check.verdict) for check in work.checks] == [("gone", "pass")]
    assert "Removed by hand." in deploying.text(ROLLBACK)


def test_nobody_says_for_a_person_that_it_stays(deploying: Deploying) -> None:
    deploying.up_to("3.1")
    deploying.world.defaults = False
    with pytest.raises(Waiting, match="rollback-left"):
        deploying.world.run(look_at_what_is_left)
