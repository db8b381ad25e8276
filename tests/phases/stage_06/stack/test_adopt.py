"""Tables that a failed deployment left are adopted by the new stack or removed: as a person types, and never both."""

from __future__ import annotations

import copy
import re
from datetime import datetime
from typing import Any

import pytest

from state.errors import BadInput, StepFailed, Waiting
from tests.worlds.deploying import CONTRACT, REGION, STACK, Deploying, failed_names
from workflow.doors.aws.client import AwsDoor

pytestmark = pytest.mark.slow  # each deploys a whole stack
ADOPT_BOTH = {"retry-failed-stack": STACK, "adopt-orphan-users": "Users", "adopt-orphan-audit-log": "audit-log"}


@pytest.fixture
def failed(deploying: Deploying) -> Deploying:
    return failing(deploying)


def failing(deploying: Deploying) -> Deploying:
    """A first attempt that was rolled back when both tables stood; deletion protection kept them."""
    assert "ended ROLLBACK_FAILED" in str(deploying.fails_at("Dashboard"))
    return deploying


def ids(deploying: Deploying) -> dict[str, datetime]:
    """Table -> when it was made, which tells it from another table of the same name."""
    client = deploying.client("dynamodb")
    names = client.list_tables()["TableNames"]
    return {name: client.describe_table(TableName=name)["Table"]["CreationDateTime"] for name in names}


def run(deploying: Deploying, *, attempt: int = 2) -> Any:
    """Task 3.2, by a person who types whichever digest is asked for."""
    world = deploying.world
    for _ in range(4):  # each of two digests is asked for, and then told
        try:
            return deploying.run("3.2", attempt=attempt)
        except (BadInput, Waiting) as asked:
            digest = re.search(r"answer to (consent-[a-z0-9-]+) refused: .*expected ([0-9a-f]{7})", str(asked))
            name = re.search(r"each with its answer: (consent-[a-z0-9-]+)", str(asked))
            if not digest and not name:
                raise
            world.given |= {digest[1]: digest[2]} if digest else {name[1]: "not the digest"} if name else {}
    return deploying.run("3.2", attempt=attempt)


def executed(deploying: Deploying) -> int:
    return deploying.sandbox.calls.count(("cloudformation", "ExecuteChangeSet"))


def statuses(deploying: Deploying) -> list[str]:
    """What the stack that stands went through, oldest first."""
    pages = deploying.client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
    return [event["ResourceStatus"] for event in reversed(pages) if event["LogicalResourceId"] == STACK]


def test_adopted_tables_stay_the_tables_they_are(failed: Deploying) -> None:
    before, made = ids(failed), executed(failed)
    failed.world.given = dict(ADOPT_BOTH)
    work = run(failed)
    assert not failed_names(work)
    assert ids(failed) == before
    assert executed(failed) == made + 2
    assert statuses(failed) == [
        "REVIEW_IN_PROGRESS",
        "IMPORT_IN_PROGRESS",
        "IMPORT_COMPLETE",
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_COMPLETE",
    ]
    assert {"consent-import-2", "consent-2"} <= failed.world.asked.keys()
    assert "remove-orphan-users" not in failed.world.asked
    for task in ("3.3", "4.1"):
        assert not failed_names(failed.run(task))


def test_one_is_adopted_and_the_other_is_removed(failed: Deploying) -> None:
    before = ids(failed)
    failed.world.given = {
        "retry-failed-stack": STACK,
        "adopt-orphan-users": "Users",
        "adopt-orphan-audit-log": "no",
        "remove-orphan-audit-log": "audit-log",
    }
    assert not failed_names(run(failed))
    after = ids(failed)
    assert (after["Users"] == before["Users"], after["audit-log"] == before["audit-log"]) == (True, False)
    for task in ("3.3", "4.1"):
        assert not failed_names(failed.run(task))


def test_a_table_that_waits_for_another_is_adopted_without_it(deploying: Deploying) -> None:
    contract = copy.deepcopy(CONTRACT)
    contract["tables"][1]["gsis"] = [{"index_name": "Again", "pk": "Digest", "sk": None, "projection": "KEYS_ONLY"}]
    deploying.take_contract(contract)
    failing(deploying).world.given = {
        "retry-failed-stack": STACK,
        "adopt-orphan-users": "no",
        "remove-orphan-users": "Users",
        "adopt-orphan-audit-log": "audit-log",
    }
    assert not failed_names(run(deploying))
    assert not failed_names(deploying.run("3.3"))


@pytest.mark.parametrize("answer", ["users", "yes", ""])
def test_no_other_word_adopts(failed: Deploying, answer: str) -> None:
    failed.world.given = {**ADOPT_BOTH, "adopt-orphan-users": answer}
    with pytest.raises(BadInput, match="expected exactly Users, or no"):
        run(failed)
    assert failed.sandbox.calls.count(("cloudformation", "CreateChangeSet")) == 1


@pytest.mark.parametrize("question", ["consent-import-2", "consent-2"])
def test_nothing_is_executed_before_its_digest_is_typed(failed: Deploying, question: str) -> None:
    failed.world.given = dict(ADOPT_BOTH)
    made = executed(failed)
    with pytest.raises(Waiting, match=f"each with its answer: {question}\\n"):
        for _ in range(3):
            try:
                failed.run("3.2", attempt=2)
            except Waiting as asked:
                if question in str(asked):
                    raise
                failed.world.given["consent-import-2"] = "0000000"
            except BadInput as asked:
                failed.world.given["consent-import-2"] = asked.message[-7:]
    assert executed(failed) == made + (question == "consent-2")


def test_a_stack_that_holds_something_adopts_nothing(deploying: Deploying) -> None:
    small = copy.deepcopy(CONTRACT)
    del small["tables"][1]
    deploying.take_contract(small)
    deploying.up_to("3.2")
    deploying.take_contract(CONTRACT)
    deploying.world.new_run("stage-06-20260203-040506")
    deploying.run("3.1")
    deploying.sandbox.faults.fail_resource("Dashboard", "the quota is used up", on="update")
    with pytest.raises(StepFailed, match="ended UPDATE_ROLLBACK_COMPLETE"):
        deploying.run("3.2")
    assert ids(deploying).keys() == {"Users", "audit-log"}
    deploying.world.given = {"retry-failed-stack": STACK, "adopt-orphan-audit-log": "audit-log"}
    with pytest.raises(Waiting, match="each with its answer: remove-orphan-audit-log"):
        deploying.run("3.2", attempt=2)
    deploying.world.given["remove-orphan-audit-log"] = "audit-log"
    assert not failed_names(deploying.run("3.2", attempt=2))


DIFFERENT = {
    "an index less": ({"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "ByHash"}}]}, "global indexes"),
    "another billing": (
        {"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
        "billing mode",
    ),
    "no protection": ({"DeletionProtectionEnabled": False}, "deletion protection"),
    "no stream": ({"StreamSpecification": {"StreamEnabled": False}}, "stream"),
}


@pytest.mark.parametrize("how", DIFFERENT)
def test_a_table_that_is_not_what_the_template_says_is_not_offered(failed: Deploying, how: str) -> None:
    change, told = DIFFERENT[how]
    failed.client("dynamodb").update_table(TableName="Users", **change)
    failed.world.given = {"retry-failed-stack": STACK, "adopt-orphan-users": "Users"}
    with pytest.raises(Waiting, match="each with its answer: remove-orphan-users") as asked:
        run(failed)
    assert "adopt-orphan-users" not in failed.world.asked
    assert re.search(rf"It cannot be adopted: Users: {told} is ", asked.value.message)
    failed.world.given |= {"remove-orphan-users": "Users", "adopt-orphan-audit-log": "audit-log"}
    assert not failed_names(run(failed))
    assert not failed_names(failed.run("3.3"))


def test_a_table_that_holds_items_is_neither_adopted_nor_removed(failed: Deploying) -> None:
    failed.client("dynamodb").put_item(TableName="audit-log", Item={"Digest": {"B": b"theirs"}})
    failed.world.given = dict(ADOPT_BOTH)
    with pytest.raises(StepFailed, match=r"table audit-log, left behind .* holds items"):
        run(failed)
    assert failed.client("dynamodb").scan(TableName="audit-log")["Count"] == 1
    assert ids(failed).keys() == {"Users", "audit-log"}


@pytest.mark.parametrize(
    "effect",
    ["create-import-change-set", "execute-import-change-set", "create-change-set", "execute-change-set"],
)
def test_power_cut_while_adopting_is_taken_up_where_it_was(failed: Deploying, effect: str) -> None:
    before, made = ids(failed), executed(failed)
    failed.world.given = dict(ADOPT_BOTH)
    failed.world.dies_at(effect)
    with pytest.raises(KeyboardInterrupt):
        run(failed)
    assert not failed_names(run(failed))
    assert (ids(failed), executed(failed)) == (before, made + 2)
    done = {each.name: each.result for each in failed.world.ctx().history() if each.attempt == 2}
    assert None not in done.values()
    assert done.keys() >= {"create-import-change-set", "execute-import-change-set"}


def test_an_import_that_fails_leaves_the_tables_and_the_next_attempt_asks_again(failed: Deploying) -> None:
    before = ids(failed)
    failed.world.given = dict(ADOPT_BOTH)
    failed.sandbox.faults.fail_resource("UsersTable", "somebody holds it", on="import")
    with pytest.raises(StepFailed, match=r"ended IMPORT_ROLLBACK_COMPLETE: UsersTable .*somebody holds it"):
        run(failed)
    assert ids(failed) == before
    assert not failed_names(run(failed, attempt=3))
    assert ids(failed) == before
    assert "adopt-orphan-users" in failed.world.asked


class StillImporting(AwsDoor):
    """CloudFormation that takes its time; in the sandbox every look would bring it on."""

    def at(self, region: str) -> StillImporting:
        return self

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        answer = super().call(service, operation, **params)
        if operation == "describe_stacks":
            answer["Stacks"][0]["StackStatus"] = "IMPORT_IN_PROGRESS"
        return answer


def test_an_import_of_an_earlier_attempt_that_is_under_way_is_not_touched(failed: Deploying) -> None:
    failed.world.given = dict(ADOPT_BOTH)
    failed.world.dies_at("execute-import-change-set")
    with pytest.raises(KeyboardInterrupt):
        run(failed)
    failed.world.aws = StillImporting(region=REGION, sandbox=True, session=failed.sandbox.session(REGION))
    with pytest.raises(StepFailed, match=f"stack {STACK} is IMPORT_IN_PROGRESS, so nothing was executed"):
        run(failed, attempt=3)
    failed.world.aws = failed.aws
    assert not failed_names(run(failed, attempt=3))
    assert statuses(failed)[-1] == "UPDATE_COMPLETE"
