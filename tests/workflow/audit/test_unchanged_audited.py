"""Is what `--again` asks nobody about right, in a small world, and does the audit find each that is forged?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phases.step import Check, approving
from state.errors import Waiting
from state.evidence import digest_of_inputs
from state.read_journal import read
from tests.worlds.forger import Events
from tests.worlds.repeated_world import PALETTE, RepeatedWorld

pytestmark = pytest.mark.slow
Tamper = Callable[[dict[str, Any]], None]
FORGED = "approval-not-repeated"


@pytest.fixture
def world(tmp_path: Path) -> RepeatedWorld:
    """A run that was approved to its end."""
    world = RepeatedWorld(tmp_path)
    world.done()
    return world


def approval(world: RepeatedWorld, key: str = "t1_1") -> dict[str, Any]:
    events = read(world.root / ".phasegate" / world.run_id / "journal.jsonl")
    return next(dict(each.fields) for each in events if each.type == "approved" and each.fields["task"] == key)


def test_what_is_as_it_was_is_left_by_the_approval_of_before(world: RepeatedWorld) -> None:
    former, digest = world.run_id, approval(world)["digest"]
    assert world.again() == ["t1_2", "t2_1"]  # which do not say what they rest on
    assert approval(world)["rests_on"] == {"run": former, "task": "t1_1", "digest": digest}
    assert world.codes() == set()
    assert "Approved-by: unchanged" in world.git("log", "--format=%B", "--grep=task 1.1:", "-1")


def test_a_chain_of_unchanged_runs_rests_on_the_approval_that_somebody_gave(world: RepeatedWorld) -> None:
    first = approval(world)["digest"]
    world.again()
    assert world.again() == ["t1_2", "t2_1"]
    assert approval(world)["rests_on"]["digest"] == first
    assert world.codes() == set()


def test_what_has_changed_is_asked_about_and_shown(world: RepeatedWorld) -> None:
    former = world.run_id
    world.commit_file(PALETTE, "red\n")
    assert world.again() == ["t1_1", "t1_2", "t2_1"]
    page = next(each for each in world.person.views[0].worked.review if each.title == "Changed since it was approved")
    assert "changed since then: palette" in page.body
    assert f"-green\n-of {former}\n+red\n" in page.body
    assert world.codes() == set()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda world: world.checks.append(Check("new", "1", "2", "note")), id="a check is worse"),
        pytest.param(lambda world: world.checks.clear(), id="a check is not made any more"),
        pytest.param(lambda world: world.review.append(approving("paints")), id="leaving it sets something off"),
        pytest.param(lambda world: world.commit_file("phasegate.yaml", "default: {repeat: false}\n"), id="the policy"),
        pytest.param(lambda world: world.commit_file("phasegate.yaml", "default: {approvers: 2}\n"), id="two people"),
    ],
)
def test_whatever_else_is_in_the_way_has_somebody_asked(
    world: RepeatedWorld, change: Callable[[RepeatedWorld], None]
) -> None:
    change(world)
    world.person.absent = True
    with world.start_again() as engine, pytest.raises(Waiting, match=r"task 1\.1 waits"):
        engine.drive()


def test_outside_of_the_sandbox_the_policy_has_to_say_so(tmp_path: Path) -> None:
    world = RepeatedWorld(tmp_path)
    world.sandbox = False
    world.done()
    assert world.again() == ["t1_1", "t1_2", "t2_1"]
    world.commit_file("phasegate.yaml", "default: {repeat: true}\n")
    assert world.again() == ["t1_2", "t2_1"]
    assert world.codes() == set()


def test_a_setting_that_comes_under_the_run_counts_when_it_was_approved(tmp_path: Path) -> None:
    world = RepeatedWorld(tmp_path)
    world.sandbox = False
    world.done()
    with world.start_again() as engine:
        world.commit_file("phasegate.yaml", "default: {repeat: true}\n")
        world.person.views = []
        engine.segment()
    assert [view.task.key for view in world.person.views] == ["t1_1"]


def test_a_run_that_was_rolled_back_leaves_nothing_to_rest_on(world: RepeatedWorld) -> None:
    with world.start_again() as engine:
        engine.segment()
    with world.start_rollback() as engine:
        engine.drive()
    assert world.again()[0] == "t1_1"


# --- forged ------------------------------------------------------------------------------------------------------


def as_unchanged(world: RepeatedWorld, **rests_on: str) -> Tamper:
    """A person's approval of task 1.1 said to be one of a run before."""

    def forge(event: dict[str, Any]) -> None:
        by = {**event["by"], "git": "unchanged"}
        event.update(via="unchanged", by=by, rests_on={"task": "t1_1", **rests_on})

    return forge


def forged(key: str, forge: Tamper) -> Callable[[Events], Events]:
    def edit(events: Events) -> Events:
        for event in events:
            if (event["type"], event.get("task")) == ("approved", key):
                forge(event)
        return events

    return edit


def test_an_approval_of_changed_work_cannot_be_said_to_rest_on_one_of_before(world: RepeatedWorld) -> None:
    former, digest = world.run_id, approval(world)["digest"]
    world.commit_file(PALETTE, "red\n")
    world.again()
    world.forge(forged("t1_1", as_unchanged(world, run=former, digest=digest)))
    assert FORGED in world.codes()


def test_work_that_says_nothing_of_what_it_rests_on_cannot_either(world: RepeatedWorld) -> None:
    former, digest = world.run_id, approval(world, "t1_2")["digest"]
    world.again()
    world.forge(forged("t1_2", as_unchanged(world, run=former, task="t1_2", digest=digest)))
    assert FORGED in world.codes()


def test_a_first_run_rests_on_nothing(world: RepeatedWorld) -> None:
    world.forge(forged("t1_1", as_unchanged(world, run=world.run_id, digest="0" * 64)))
    assert FORGED in world.codes()


@pytest.mark.parametrize("field", ["run", "task", "digest"])
def test_another_approval_than_the_last_one_is_named(world: RepeatedWorld, field: str) -> None:
    other = {"run": "shed-20260101-000000", "task": "t1_2", "digest": "0" * 64}[field]
    world.again()
    world.forge(forged("t1_1", lambda event: event["rests_on"].update({field: other})))
    assert FORGED in world.codes()


@pytest.mark.parametrize("name", ["via", "by"])
def test_the_way_and_the_name_are_one(world: RepeatedWorld, name: str) -> None:
    world.again()
    by = {"git": "Ada <ada@example.com>", "user": "ada", "host": "here"}
    world.forge(forged("t1_1", lambda event: event.update({"via": "prompt"} if name == "via" else {"by": by})))
    assert FORGED in world.codes()


def test_where_the_policy_forbids_it_none_is_believed(tmp_path: Path) -> None:
    world = RepeatedWorld(tmp_path)
    world.sandbox = False
    world.done()
    former, digest = world.run_id, approval(world)["digest"]
    world.again()
    world.forge(forged("t1_1", as_unchanged(world, run=former, digest=digest)))
    assert FORGED in world.codes()


def test_an_input_that_was_forged_in_the_run_before_is_found_in_the_run_after(world: RepeatedWorld) -> None:
    world.commit_file(PALETTE, "red\n")
    with world.start_again() as engine:
        engine.segment()
        worked = engine.run.task("t1_1").worked
        engine.abort("to learn the digest")
    assert worked is not None
    inputs = dict(worked.inputs)
    world.git("reset", "-q", "--hard", "HEAD~3")

    def forge(events: Events) -> Events:
        for event in events:
            if (event["type"], event.get("task")) == ("worked", "t1_1"):
                event.update(inputs=inputs, input_digest=digest_of_inputs(inputs))
        return events

    assert world.git("log", "-1", "--format=%s").strip() == "shed task 2.1: Paint the walls"
    world.run_id = sorted(path.name for path in (world.root / ".phasegate").glob("shed-*"))[0]
    world.forge(forge)
    world.commit_file(PALETTE, "red\n")
    assert world.again() == ["t1_2", "t2_1"]  # the run takes it for what was approved
    assert FORGED in world.codes()
