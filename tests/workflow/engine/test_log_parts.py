"""The working log of a long run: in parts, each begun once, none written again once there is a next one."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from tests.worlds.forger import Forger
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.engine import log_parts
from workflow.engine.log_parts import newest_part, part_name, part_number

LOG = "artifacts/shed/working_log.md"
SECOND, THIRD = (f"artifacts/shed/working_log-{number}.md" for number in (2, 3))


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each entry fills its part."""
    monkeypatch.setattr(log_parts, "PART", 100)


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    return RunWorld(tmp_path)


def entries(world: RunWorld, path: str) -> list[str]:
    return [line for line in (world.root / path).read_text().splitlines() if line.startswith("## ")]


def changed(world: RunWorld, rev: str) -> set[str]:
    return set(world.git("show", "--format=", "--name-only", rev).split())


def codes(world: RunWorld) -> list[str]:
    return sorted({each.code for each in audit_workspace(world.root, world.run_id)[0].findings})


def test_a_part_has_its_name_and_no_other_name_is_one() -> None:
    for number in (1, 2, 10):
        assert part_number(LOG, part_name(LOG, number)) == number
    assert part_name(LOG, 2) == SECOND
    for path in (
        "artifacts/shed/working_log-1.md",
        "artifacts/shed/working_log-02.md",
        "working_log-2.md",
        SECOND[:-3],
    ):
        assert part_number(LOG, path) is None


def test_a_full_part_is_closed_and_names_its_follower_by_its_digest(world: RunWorld, tmp_path: Path) -> None:
    with world.start() as engine:
        engine.drive()
    assert [entries(world, each) for each in (LOG, SECOND, THIRD)] == [
        ["## 1.1 Choose a colour"],
        ["## 1.2 Order the paint"],
        ["## 2.1 Paint the walls"],
    ]
    first = hashlib.sha256((world.root / LOG).read_bytes()).hexdigest()
    head = (world.root / SECOND).read_text().splitlines()[0]
    assert head == f"# Paint the shed: working log, part 2, behind `working_log.md` (SHA-256 {first})"
    logs = {LOG, SECOND, THIRD}
    assert [changed(world, f"HEAD~{back}") & logs for back in (2, 1, 0)] == [{LOG}, {SECOND}, {THIRD}]
    assert world.git("status", "--porcelain") == ""
    bare = tmp_path / "bare.git"
    world.git("clone", "-q", "--bare", str(world.root), str(bare))
    (found,) = audit_workspace(bare, world.run_id)
    assert (found.findings, found.state) == ([], "complete")


def test_a_run_in_one_file_keeps_its_log_in_one(world: RunWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow.runs.begin.STORAGE", 1)
    with world.start() as engine:
        engine.drive()
    assert (len(entries(world, LOG)), (world.root / SECOND).exists(), codes(world)) == (3, False, [])


def test_a_file_of_that_name_that_is_no_part_is_left_alone(world: RunWorld) -> None:
    (world.root / SECOND).parent.mkdir(parents=True)
    (world.root / SECOND).write_text("# Mine\n")
    world.git("add", ".")
    world.git("commit", "-q", "-m", "mine")
    with world.start() as engine:
        engine.drive()
    assert ((world.root / SECOND).read_text(), len(entries(world, LOG)), codes(world)) == ("# Mine\n", 3, [])


def test_an_attempt_that_was_voided_behind_its_entry_writes_it_into_the_same_part(world: RunWorld) -> None:
    hook = world.root / ".git/hooks/pre-commit"
    with world.start() as engine:
        engine.segment()
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho x > more.txt; git add more.txt\n")
        hook.chmod(0o755)
        with pytest.raises(Exception, match=r"more\.txt was added"):
            engine.segment()
    hook.unlink()
    (world.root / "more.txt").unlink(missing_ok=True)
    world.git("reset", "-q")
    with world.reopen() as engine:
        engine.drive()
    assert [len(entries(world, each)) for each in (LOG, SECOND, THIRD)] == [1, 1, 1]
    assert codes(world) == []


def test_what_people_write_in_the_open_part_is_shown_and_voids_nothing_else(world: RunWorld) -> None:
    with world.start() as engine:
        engine.drive(lambda task: task.id == "1.2")
        with (world.root / SECOND).open("a") as log:
            log.write("Remember the brushes.\n")
        engine.drive()
    assert "Remember" in (world.root / SECOND).read_text()  # a closed part by now: it is in no commit of the run
    assert world.git("status", "--porcelain").split() == ["M", SECOND]


def test_a_closed_part_that_a_later_commit_changes_is_found(world: RunWorld) -> None:
    with world.start() as engine:
        engine.drive()
    run = Forger(world.root, world.run_id)
    run.replace(LOG, b"green", b"pink") if b"green" in run.read(LOG) else run.replace(LOG, b"Ada", b"Eve")
    run.commit("better", LOG)
    assert codes(world) == ["artifact-changed-later"]


def test_a_part_that_names_another_one_before_it_is_found(world: RunWorld) -> None:
    with world.start() as engine:
        engine.drive()
    run = Forger(world.root, world.run_id)
    data = run.read(THIRD)
    run.amend_last(files={THIRD: re.sub(rb"SHA-256 \w{64}", b"SHA-256 " + b"0" * 64, data)})
    said = [each.message for each in audit_workspace(world.root, world.run_id)[0].findings]
    assert any(each.startswith(f"{THIRD} names {SECOND} as 000000000000, the commit has ") for each in said)


def test_the_newest_part_is_found_among_many(tmp_path: Path) -> None:
    head = f"# T: working log, part 2, behind `working_log.md` (SHA-256 {'0' * 64})\n"
    for count in (1, 2, 3, 4, 5, 17, 64):
        place = tmp_path / str(count)
        place.mkdir()
        for number in range(1, count + 1):
            (place / part_name("log.md", number)).write_text(head)
        assert newest_part(place, "log.md") == count
