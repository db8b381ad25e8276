"""A fleet over a real remote: waves and their gates, a failure that stops one, a kill among the orders, and stop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worlds.approval_world import Keys
from tests.worlds.fleet_world import BY_HAND, TABLE, FleetWorld, fleet_text

pytestmark = pytest.mark.slow
WAVES = """  - {name: canary, targets: [one]}
  - {name: second, targets: [two, three], at_most: 1}
  - {name: rest, targets: [four, five, six]}
"""
NAMES = ("one", "two", "three", "four", "five", "six")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def world(root: Path, keys: Keys) -> Iterator[FleetWorld]:
    found = FleetWorld(root, keys, fleet_text(WAVES, *NAMES))
    yield found
    found.close()


def with_a_table(world: FleetWorld, *targets: str) -> None:
    for target in targets:
        world.take(target)
        world.makes_table(target)
        world.completes(target)


def test_six_targets_in_three_waves_one_fails_stops_its_wave_and_is_mended(root: Path, keys: Keys) -> None:
    world = FleetWorld(root, keys, fleet_text(WAVES, *NAMES), checks=TABLE)
    try:
        assert "waits for one (todo)" in world.goes_on()
        with_a_table(world, "one")
        assert "waits for approval" in world.goes_on()
        assert set(world.ordered()) == {"one"}
        assert "orders release-" in world.wave_approved()
        assert set(world.ordered()) == {"one", "two"}  # at_most
        world.take("two")
        world.makes_table("two", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
        world.works("two", code=5)
        assert world.targets()["two"]["because"] == "failed"
        said = world.goes_on(code=5)
        assert "wave second is stopped: 1 run failed, and stop_after_failures is 1" in said
        assert "not ordered: three" in said and set(world.ordered()) == {"one", "two"}
        world.aws("two")("delete_table", TableName="release")
        world.makes_table("two")
        world.clones["two"]("resume", world.ordered()["two"], code=3)
        world.completes("two")
        world.goes_on()
        with_a_table(world, "three")
        world.goes_on()
        world.wave_approved()
        with_a_table(world, "four", "five", "six")
        world.goes_on()
        assert "complete" in world.wave_approved(code=0)
        listed = (world.ada.root / "artifacts/fleet/runs.md").read_text()
        tips = world.tips()
        for name, run in world.ordered().items():
            assert f"`{name}` | sandbox | `{run}` | complete | `{tips[run][:10]}` | 0 findings" in listed
            found = world.audits(run)
            assert (found["state"], found["findings"]) == ("complete", []), run
        found = world.audits(world.run)
        assert (found["state"], found["findings"]) == ("complete", [])
        assert not [ref for ref in world.refs() if not ref.startswith("refs/heads/")]
    finally:
        world.close()


@pytest.mark.parametrize("behind", [False, True], ids=["before the push", "behind the push"])
def test_a_kill_among_the_orders_orders_nothing_twice(root: Path, keys: Keys, behind: bool) -> None:
    world = FleetWorld(root, keys, fleet_text("  - {name: all, targets: [one, two, three]}\n", "one", "two", "three"))
    world.dies(2, behind=behind)
    ordered = [ref for ref in world.refs() if "/todo/" in ref]
    assert len(ordered) == 1 + behind
    world.take("two" if behind else "one")  # it is under way by the time that the fleet goes on
    world.goes_on()
    world.goes_on()
    assert len(world.ordered()) == 3
    at = [ref.rpartition("/")[2] for ref in world.refs() if not ref.startswith("refs/heads/")]
    assert sorted(at) == sorted([*world.ordered().values(), world.run])
    assert set(world.tips()) == {*world.ordered().values(), world.run}


def test_stopped_it_orders_nothing_more_until_it_is_lifted(world: FleetWorld) -> None:
    world.goes_on()
    assert "everything is stopped" in world.ada("fleet", "fleet.yaml", "--stop")
    world.completes("one")
    world.goes_on()  # lifts it; the canary has nothing more to order
    assert world.ada.json("fleet", "fleet.yaml", "--status")["stopped"] == {}
    world.ada("fleet", "fleet.yaml", "--stop", "second")
    world.approves(world.run)
    said = world.ada("resume", world.run, code=5)
    assert "wave second is stopped by Ada <ada@example.com>" in said and "not ordered: two, three" in said
    assert set(world.ordered()) == {"one"}
    assert "wave second goes on, which was stopped" in world.goes_on()
    assert set(world.ordered()) == {"one", "two"}
    assert "has no wave 'third'" in world.ada("fleet", "fleet.yaml", "--stop", "third", code=2)


def test_a_run_that_was_aborted_is_ordered_again_when_a_person_says_so(root: Path, keys: Keys) -> None:
    world = FleetWorld(root, keys, fleet_text("  - {name: all, targets: [one, two]}\n", "one", "two"))
    world.goes_on()
    first = world.ordered()
    for target in ("one", "two"):
        world.take(target)("abort", first[target], "--reason", "no")
    assert "again-one-1" in world.goes_on()
    answers = root / "answers.yaml"
    answers.write_text("again-one-1: order it again\nagain-two-1: go on without it\n")
    world.ada("resume", world.run, "--answers", str(answers), code=3)
    assert world.ordered()["two"] == first["two"] and world.ordered()["one"] != first["one"]
    world.clones.pop("one")
    world.clones["one"] = world.clone_at("one", "at-one-again")
    world.begins_in(world.clones["one"], "one")
    world.completes("one")
    world.goes_on()
    journal = (world.ada.root / f".phasegate/{world.run}/journal.jsonl").read_text()
    (one,), (two,) = (re.findall(rf'{{[^{{}}]*"run of {name}"[^{{}}]*}}', journal) for name in ("one", "two"))
    assert '"verdict":"pass"' in one and "complete at" in one
    assert '"verdict":"note"' in two and "aborted at" in two


def test_a_fleet_that_is_wrong_or_not_committed_orders_nothing(world: FleetWorld) -> None:
    home = world.ada.root
    (home / "fleet.yaml").write_text(fleet_text(WAVES, *NAMES, more="repository: elsewhere\n") + "limits: {runs: 0}\n")
    said = world.goes_on(code=2)
    assert "fleet.yaml:" in said and "runs: expected a whole number of 1 or more, seen 0" in said
    (home / "fleet.yaml").write_text(
        fleet_text(WAVES, *NAMES, more="repository: elsewhere\n")
        .replace("directory: six", "directory: nowhere")
        .replace(
            "one: {sandbox: true, directory: one}", 'one: {account: "111111111111", region: eu-wets-1, directory: one}'
        )
    )
    said = world.goes_on(code=2)
    assert "fleet.yaml:3:1: expected the address of remote origin" in said
    assert "region: AWS has no such region, seen 'eu-wets-1'; did you mean eu-west-1?" in said
    assert "directory nowhere is not in HEAD" in said and "is not as HEAD has it" in said
    world.ada.git("checkout", "--", "fleet.yaml")
    (home / "six/release.md").write_text(BY_HAND + "- [ ] 2. More\n")
    world.ada.git("rm", "-q", "--cached", "fleet.fleet.md")
    world.ada.git("commit", "-qm", "No runbook")
    said = world.goes_on(code=2)
    assert "HEAD does not have fleet.fleet.md" in said and "--runbook > fleet.fleet.md" in said
    assert world.refs() == []


def test_a_target_whose_policy_lets_nobody_take_its_run_is_told_before_anything_is_ordered(world: FleetWorld) -> None:
    world.ada.git("rm", "-q", "two/phasegate.yaml")
    (world.ada.root / "three/phasegate.yaml").write_text(
        (world.ada.root / "phasegate.yaml").read_text().replace("remote: origin", "prefix: refs/heads/meet")
    )
    world.ada.git("add", "-A")
    world.ada.git("commit", "-qm", "Another policy")
    said = world.goes_on(code=2)
    assert "fleet.yaml:5:24: two/phasegate.yaml is not in HEAD: each directory is a workspace" in said
    assert "three/phasegate.yaml: meeting.prefix is refs/heads/meet, the fleet orders below refs/phasegate" in said
    assert world.refs() == []


def test_what_an_aborted_fleet_left_open_is_not_ordered_beside(world: FleetWorld) -> None:
    world.goes_on()
    (run,) = world.ordered().values()
    world.take("one")
    world.ada("abort", world.run, "--reason", "another file")
    before = world.refs()
    said = world.bob("fleet", "fleet.yaml", code=2)
    assert f"fleet.yaml:4:3: target one has a run of release already: {run} is stopped on remote origin" in said
    assert f"status {run} --remote" in said
    assert world.refs() == before and not list(world.bob.root.glob(".phasegate/fleet-*"))


def test_an_order_of_another_fleet_is_taken_back_as_the_refusal_says(world: FleetWorld) -> None:
    world.goes_on()
    (run,) = world.ordered().values()
    other = (world.bob.root / "fleet.yaml").read_text()
    (world.bob.root / "other.yaml").write_text(other)
    (world.bob.root / "other.fleet.md").write_text(world.bob("fleet", "other.yaml", "--runbook"))
    world.bob.git("add", "-A")
    world.bob.git("commit", "-qm", "Another fleet")
    world.bob.git("push", "-q", "origin", "HEAD:main")
    said = world.bob("fleet", "other.yaml", code=2)
    assert f"{run} is todo on remote origin" in said
    (typed,) = re.findall(r"phasegate (?:-C \S+ )?(abort .*?) +# takes back", said)
    world.bob(*typed.replace("TEXT", "wrong-file").split())
    assert f"refs/phasegate/todo/{run}" not in world.refs()
    world.bob("fleet", "other.yaml", code=3)


def test_an_order_that_is_taken_back_is_a_persons_to_give_again_or_to_leave(root: Path, keys: Keys) -> None:
    world = FleetWorld(root, keys, fleet_text("  - {name: all, targets: [one, two]}\n", "one", "two"))
    world.goes_on()
    first = world.ordered()
    refused = world.ada("resume", first["one"], code=2)
    assert f"run {first['one']} is ordered on remote origin, and nobody has begun it: a worker does" in refused
    for run in first.values():
        world.ada.git("push", "-q", "origin", f":refs/phasegate/todo/{run}")
    assert "again-one-1" in world.goes_on()
    assert world.targets()["one"]["because"] == "its order was taken back"
    answers = root / "answers.yaml"
    answers.write_text("again-one-1: order it again\nagain-two-1: go on without it\n")
    world.ada("resume", world.run, "--answers", str(answers), code=3)
    assert world.ordered()["one"] != first["one"] and world.ordered()["two"] == first["two"]
    world.completes("one")
    world.goes_on()
    journal = (world.ada.root / f".phasegate/{world.run}/journal.jsonl").read_text()
    (two,) = re.findall(r'{[^{}]*"run of two"[^{}]*}', journal)
    assert '"verdict":"note"' in two and "aborted at" in two


def test_what_was_intended_before_a_stop_is_not_ordered_behind_it(root: Path, keys: Keys) -> None:
    world = FleetWorld(root, keys, fleet_text("  - {name: all, targets: [one, two]}\n", "one", "two"))
    world.dies(2, behind=False)
    world.ada("fleet", "fleet.yaml", "--stop")
    said = world.ada("resume", world.run, code=5)
    assert "wave all is stopped by Ada" in said and "not ordered: two" in said
    assert len([ref for ref in world.refs() if "/todo/" in ref]) == 1
    world.goes_on()
    assert len([ref for ref in world.refs() if "/todo/" in ref]) == 2


def test_a_fleet_file_that_changes_under_its_fleet_stops_it(root: Path, keys: Keys) -> None:
    world = FleetWorld(root, keys, fleet_text("  - {name: all, targets: [one]}\n", "one"))
    world.goes_on()
    file = world.ada.root / "fleet.yaml"
    file.write_text(file.read_text() + "# other\n")
    said = world.ada("resume", world.run, code=5)
    assert "fleet.yaml is not the fleet that was ordered: expected SHA-256" in said
    world.ada.git("checkout", "--", "fleet.yaml")
    assert "waits for one (todo)" in world.goes_on()


def test_a_branch_that_moves_behind_its_evidence_voids_the_approval(root: Path, keys: Keys) -> None:
    world = FleetWorld(root, keys, fleet_text("  - {name: all, targets: [one]}\n", "one"))
    world.goes_on()
    world.completes("one")
    world.goes_on()
    world.approves(world.run)
    clone = world.clones["one"]
    clone.git("commit", "-q", "--allow-empty", "-m", "Something else", "--no-gpg-sign")
    clone.git("push", "-q", "origin", f"HEAD:refs/heads/phasegate/{world.ordered()['one']}")
    said = world.goes_on()
    assert f"branch of {world.ordered()['one']}" in said
    assert world.ada.json("status")["state"] != "complete"
