"""The way back (R2 to R6): no check passes on an answer of AWS that lacks what it rests on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from phases.aws_deploy.workflow import AWS_DEPLOY
from state.errors import PhasegateError
from state.model import PlannedTask
from tests.worlds.resting import Datum, of, rests_on
from tests.worlds.shop_world import ShopWorld, failed
from tests.worlds.spoilt_answers import Spoil, Spoilt, spoils
from tests.worlds.step_world import StepWorld
from workflow.sandbox.inprocess import Sandbox

pytestmark = pytest.mark.slow

STEPS = {step.task_id: step for step in AWS_DEPLOY.rollback}
TAGGED = of("resourcegroupstaggingapi get_resources", "ResourceTagMappingList[].ResourceARN")
NOTICE = (
    *of("sns publish", "MessageId"),
    *of("sns list_subscriptions_by_topic", "Subscriptions[].SubscriptionArn"),
)
RESTS: dict[str, tuple[Datum, ...]] = {
    r"R[246] notice topic": NOTICE,
    r"R3 component .*|R4 infrastructure": (),  # exit codes
    r"R5 data of shop-orders": of("dynamodb scan", "Count"),
    r"R6 table shop-orders": of("dynamodb describe_table", "Table.TableStatus"),
    r"R6 alarm shop-errors": of("cloudwatch describe_alarms", "MetricAlarms[0].StateValue"),
    r"R6 configuration": (
        *TAGGED,
        *of("dynamodb describe_table", "Table.TableStatus"),
        *of("logs describe_log_groups", "logGroups[0]"),
        *of("sns get_topic_attributes", "Attributes"),
    ),
}


class WayBack:
    """A deployment that was taken back, and the world in which each step of that begins."""

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        shop = ShopWorld(root, sandbox)
        shop.change(infrastructure={"apply": "echo applied", "rollback": "echo taken back"})
        shop.resources()
        shop.ready_for("Phase 3")
        shop.run("Phase 3")
        assert not failed(shop.run("Phase 4"))
        shop.world.given |= {"restore-shop-orders": "yes", "take-back-infrastructure": "yes"}
        shop.world.give_data("R1", {"reason": "it is broken"})
        self.account = shop.aws
        self.begins: dict[str, StepWorld] = {}
        for task in STEPS:
            self.begins[task] = shop.world.fork()
            assert not failed(shop.world.run(STEPS[task], task=_planned(task)))

    def passed(self, task: str, port: Spoilt) -> set[str]:
        """The checks of a step that pass; none where it stops with a sentence."""
        world = self.begins[task].fork()
        world.aws = port
        try:
            work = world.run(STEPS[task], task=_planned(task))
        except PhasegateError:
            return set()
        return {f"{task} {check.name}" for check in work.checks if check.verdict == "pass"}


def _planned(task: str) -> PlannedTask:
    return PlannedTask(f"rollback_{task[1:]}", task, STEPS[task].task_title, "rollback", 9, (), "", 0, 0)


@pytest.fixture(scope="module")
def back(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WayBack]:
    with Sandbox() as sandbox:
        yield WayBack(tmp_path_factory.mktemp("back") / "shop", sandbox)


@pytest.mark.parametrize("task", sorted(STEPS))
def test_no_check_passes_on_an_answer_that_says_nothing(back: WayBack, task: str) -> None:
    port = Spoilt(back.account)
    known = {name: rests_on(RESTS, name) for name in back.passed(task, port)}
    assert known
    assert back.passed(task, Spoilt(back.account, None, port.heard)) == set(known)  # or what follows proves nothing

    def silent(spoil: Spoil) -> set[str]:
        resting = {name for name, data in known.items() if any(datum.is_spoilt_by(spoil) for datum in data)}
        return resting & back.passed(task, Spoilt(back.account, spoil, port.heard)) if resting else set()

    data = {datum for named in known.values() for datum in named}
    tried = [each for each in spoils(port.answered) if any(datum.is_spoilt_by(each) for datum in data)]
    wrong = [f"{name} passed, with {spoil}" for spoil in tried for name in sorted(silent(spoil))]
    sys.stderr.write(f"{task}: {len(tried)} answers spoilt under a check, {len(wrong)} passes\n")
    assert not wrong, "\n".join(wrong)


def test_every_datum_is_one_that_aws_is_asked_for(back: WayBack) -> None:
    asked = set()
    for task in STEPS:
        port = Spoilt(back.account)
        back.passed(task, port)
        asked |= {f"{service} {operation}" for service, operation, _ in port.answered}
    assert {datum.call for data in RESTS.values() for datum in data} <= asked
