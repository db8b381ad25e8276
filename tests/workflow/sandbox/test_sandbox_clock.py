"""A stack under way moves on with the polls, and with the time between them."""

from __future__ import annotations

import json
import pickle

import pytest

from tests.worlds.sandbox_world import World, alarm, stack_of, table, topic
from workflow.sandbox.cloudformation.account import SECONDS_A_TICK

pytestmark = pytest.mark.slow

TEN = {f"Topic{number}": topic() for number in range(8)}
TEMPLATE = json.dumps(stack_of(**TEN, Users=table(), Throttled=alarm()))


class Clock:
    """A clock that goes on by that much whenever it is looked at [s]."""

    def __init__(self, step: float) -> None:
        self.at, self.step = 0.0, step

    def __call__(self) -> float:
        self.at += self.step
        return self.at


def polls(world: World, step: float) -> int:
    """How often DescribeStacks is asked until the stack is made, `step` seconds lying between."""
    world.sandbox.account.clock = Clock(step)
    world.cloudformation.create_stack(StackName="s", TemplateBody=TEMPLATE)
    for number in range(1, 50):
        if world.stack()["StackStatus"] == "CREATE_COMPLETE":
            return number
    raise AssertionError("it does not end")


@pytest.mark.parametrize(("step", "expected"), [(0.0, 11), (SECONDS_A_TICK - 0.1, 11), (SECONDS_A_TICK, 6), (30.0, 3)])
def test_it_ends_as_fast_as_time_goes_by(world: World, step: float, expected: int) -> None:
    assert polls(world, step) == expected


def test_a_clock_that_was_set_back_moves_nothing_back(world: World) -> None:
    assert polls(world, -3600.0) == 11


def test_the_waiters_of_the_sdks_end(world: World) -> None:
    world.sandbox.account.clock = Clock(30.0)  # as far as their polls lie apart
    cloudformation = world.cloudformation
    made = cloudformation.create_change_set(
        StackName="s", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=TEMPLATE
    )
    few = {"Delay": 0, "MaxAttempts": 3}
    cloudformation.get_waiter("change_set_create_complete").wait(ChangeSetName=made["Id"], WaiterConfig=few)
    cloudformation.execute_change_set(ChangeSetName=made["Id"])
    cloudformation.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig=few)
    cloudformation.delete_stack(StackName="s")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="s", WaiterConfig=few)


def test_all_events_are_there_in_their_order_however_far_it_moved(world: World) -> None:
    polls(world, 30.0)
    fast = world.events()
    world.delete()
    polls(world, 0.0)
    assert world.events() == fast


def test_the_last_move_is_kept_with_the_account(world: World) -> None:
    world.sandbox.account.clock = Clock(1.0)
    world.cloudformation.create_stack(StackName="s", TemplateBody=TEMPLATE)
    world.stack()
    region = pickle.loads(pickle.dumps(world.sandbox.account.region("us-east-1")))
    (stack,) = region.stacks.values()
    assert stack.operation.moved_at == 1.0
