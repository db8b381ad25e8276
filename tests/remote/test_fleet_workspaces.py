"""Runs of several directories at one remote: looked at, decided and gone on with from anywhere in a clone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from state.errors import BadInput
from tests.worlds.approval_world import EVE, Keys
from tests.worlds.fleet_world import TABLE, FleetWorld, fleet_text
from tests.worlds.two_people import At
from tests.worlds.workers import Workers
from tests.worlds.workspaces import git
from workflow.doors.git.tips import read_tip
from workflow.service.meeting_place import Kept, place_of
from workflow.service.met import met
from workflow.service.remotes_seen import RemotesSeen
from workflow.service.runner_key import tips_of
from workflow.service.this_process import nobody, who_runs_this

pytestmark = pytest.mark.slow
WAVES = "  - {name: all, targets: [one, two], stop_after_failures: 2}\n"


@pytest.fixture
def world(tmp_path: Path, keys: Keys) -> Iterator[FleetWorld]:
    found = FleetWorld(tmp_path, keys, fleet_text(WAVES, "one", "two"), checks=TABLE)
    found.goes_on()
    yield found
    found.close()


@pytest.fixture
def by_hand(tmp_path: Path, keys: Keys) -> Iterator[FleetWorld]:
    """Whose runs look at nothing."""
    found = FleetWorld(tmp_path, keys, fleet_text(WAVES, "one", "two"))
    found.goes_on()
    yield found
    found.close()


def said(world: FleetWorld, run: str) -> list[str]:
    """The trailers of its tip, but for what no two tips have alike."""
    tip = world.tip(run)
    return git(world.origin, "log", "-1", "--format=%(trailers)", tip).splitlines()


def waits(world: FleetWorld, *targets: str) -> list[str]:
    """The runs of these targets, which wait for approval."""
    for target in targets:
        world.first(("waits", target), lambda: world.works(target))  # noqa: B023 - at once
        world.is_at(target)
    ordered = world.ordered()
    return [ordered[target] for target in targets]


def failed(world: FleetWorld, target: str) -> str:
    """The run of this target, which stands failed."""
    world.take(target)
    world.makes_table(target, ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
    world.works(target, code=5)
    return world.ordered()[target]


@pytest.mark.parametrize("place", ["", "one", "two"], ids=["at the top", "in its directory", "in another one"])
def test_whoever_stands_anywhere_sees_all_that_waits_and_decides_it(by_hand: FleetWorld, place: str) -> None:
    world = by_hand
    runs = waits(world, "one", "two")
    (world.bob.root / "one/.phasegate").mkdir()
    bob = At(world.bob.root / place)
    found = bob.json("inbox")
    assert sorted(each["run"] for each in found["waiting"]) == sorted(runs) and not found["problems"]
    assert all(each["may"] for each in found["waiting"])
    for run in runs:
        digest = next(each["digest"] for each in found["waiting"] if each["run"] == run)
        assert "release task 1" in bob("status", run, "--remote", "--review")
        bob("approve" if run == runs[0] else "reject", run, "--remote", "--digest", digest,
            *(() if run == runs[0] else ("--reason", "not this one")))  # fmt: skip
    world.clones["one"]("resume", runs[0])
    assert world.targets()["one"]["state"] == "complete"
    assert "not this one" in world.clones["two"]("resume", runs[1], code=3)


def test_the_page_lists_what_waits_in_every_directory(by_hand: FleetWorld) -> None:
    runs = waits(by_hand, "one", "two")
    there = RemotesSeen({"bob": by_hand.bob.root}).settled()["bob"]
    assert sorted(each.run for each in there.waiting) == sorted(runs) and not there.problems


def test_the_policy_of_a_run_is_that_of_its_directory(tmp_path: Path, keys: Keys) -> None:
    world = FleetWorld(tmp_path, keys, fleet_text(WAVES, "one", "two"))
    try:
        file = world.ada.root / "two/phasegate.yaml"
        file.write_text(file.read_text().replace("signed: true", "signed: true, who: [carol@example.com]"))
        world.ada.git("commit", "-qam", "Only Carol decides there")
        world.goes_on()
        one, two = waits(world, "one", "two")
        may = {each["run"]: each["may"] for each in world.bob.json("inbox")["waiting"]}
        assert may == {one: True, two: False}
    finally:
        world.close()


@pytest.mark.parametrize("place", ["", "two", "one"], ids=["at the top", "there, without .phasegate", "elsewhere"])
def test_resume_goes_on_where_the_run_is_kept_wherever_it_is_typed(world: FleetWorld, place: str) -> None:
    run = failed(world, "two")
    before = said(world, run)
    assert "Phasegate-Workspace: two" in before and "Phasegate-Because: failed" in before
    person = At(world._clone("eve-at-the-top", EVE).root)
    branch = git(person.root, "ls-remote", "origin", f"refs/heads/phasegate/{run}").split()[0]
    person.git("fetch", "-q", "origin", branch)
    person.git("switch", "-q", "-c", f"phasegate/{run}", branch)
    told = At(person.root / place)("resume", run, code=3)
    assert f"/two done {run}" in told
    assert "Phasegate-Workspace: two" in said(world, run)
    assert (person.root / f"two/.phasegate/{run}/journal.jsonl").exists()
    assert not (person.root / f".phasegate/{run}").exists()


def test_what_cannot_go_on_here_is_given_back_as_it_was_found(world: FleetWorld) -> None:
    run = failed(world, "two")
    before, tip = said(world, run), world.tip(run)
    person = At(world._clone("eve-on-main", EVE).root)
    told = person("resume", run, code=2)  # its branch is not checked out
    assert "commits to branch" in told
    assert (said(world, run), world.tip(run)) == (before, tip)
    assert world.targets()["two"]["because"] == "failed"


def test_a_directory_that_is_not_here_is_told_before_anything_is_pushed(world: FleetWorld) -> None:
    run = failed(world, "two")
    tip = world.tip(run)
    person = At(world._clone("eve-without", EVE).root)
    person.git("rm", "-rq", "two")
    told = person("resume", run, code=2)
    assert "directory two, which is not here; nothing was pushed" in told and "switch -c phasegate/" in told
    assert world.tip(run) == tip


def test_whoever_makes_a_tip_that_changes_nothing_keeps_its_directory(world: FleetWorld) -> None:
    run, bob = world.ordered()["two"], world.bob.root
    place, tip = place_of(bob), world.tip(run)
    place.remote.fetch([tip])
    made, _head = tips_of(bob, run, "bob").make(tip, "claimed", {}, as_before=True)
    assert read_tip(bob, made).workspace == "two"


def test_a_run_of_another_directory_is_claimed_by_nobody(by_hand: FleetWorld) -> None:
    (run,), bob = waits(by_hand, "two"), by_hand.bob.root
    tip = by_hand.tip(run)
    Kept(bob, run).begin("origin")
    who = who_runs_this(bob)
    with pytest.raises(BadInput, match="directory two, this is the top") as refused, met(bob, run, who, nobody()):
        pass
    assert "nothing was pushed" in refused.value.message
    assert refused.value.next_command.endswith(f"two resume {run}") and by_hand.tip(run) == tip


def test_what_a_worker_gives_back_keeps_its_marks_and_is_stopped_at_the_fourth_time(tmp_path: Path, keys: Keys) -> None:
    world = Workers(tmp_path, keys)
    try:
        run = world.order(workflow="nowhere")
        for times in (1, 2, 3):
            world.once("w1", code=2)
            told = world.said(run)
            assert world.standing(run).state == "todo" and "Phasegate-Because: ordered" in told
            assert f"Phasegate-Take: {times}" in told
        world.once("w1")
        assert world.standing(run).state == "stopped"
    finally:
        world.end()


def test_an_order_keeps_its_directory_when_it_is_claimed_in_vain(world: FleetWorld) -> None:
    run = world.ordered()["two"]
    assert "Phasegate-Workspace: two" in said(world, run)
    tip = world.tip(run)
    At(world._clone("eve-early", EVE).root)("resume", run, code=2)
    assert world.tip(run) == tip
    assert place_of(world.bob.root).standing(run).state == "todo"
