"""Somebody commits everything while a gate waits: the task's own commit would be short, so it is voided by name."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from state.errors import RunbookEdited, Waiting
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.engine.engine import Settings
from workflow.views.review import review_view
from workflow.views.review_page import review_page

COLOUR = "artifacts/shed/colour.md"


@pytest.fixture
def world(tmp_path: Path) -> RunWorld:
    """A run whose first task waits for approval, with the clock of the machine: git's commits are dated by it."""
    world = RunWorld(tmp_path)
    world.clock.at = datetime.now(UTC)
    world.person.absent = True
    with world.start(Settings(answers={"colour": "green"})) as engine, pytest.raises(Waiting):
        engine.drive()
    return world


def take_all(world: RunWorld) -> str:
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "all of it")
    return world.git("rev-parse", "HEAD").strip()


@pytest.mark.parametrize("approved", [False, True])
def test_what_waits_or_is_approved_is_voided_by_name(
    world: RunWorld, approved: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if approved:
        with world.reopen() as engine:
            request = engine.run.task("t1_1").request
            assert request is not None
            engine.approve(request.digest, "command", by=engine.doors.me)
    monkeypatch.setenv("GIT_COMMITTER_DATE", world.clock.now().isoformat())
    sha = take_all(world)
    world.person.absent = False
    with world.reopen(Settings(answers={"colour": "green"})) as engine:
        engine.segment()
        assert f"approval void: {COLOUR} was committed by {sha[:10]}, which is not the run's, while it waited" in (
            world.person.lines
        )
        assert engine.run.task("t1_1").attempt == 2
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []


def test_a_foreign_commit_of_other_files_voids_nothing(world: RunWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", world.clock.now().isoformat())
    (world.root / "notes.txt").write_text("mine\n")
    world.git("add", "notes.txt")
    world.git("commit", "-q", "-m", "notes")
    world.person.absent = False
    with world.reopen() as engine:
        engine.segment()
        assert "voided" not in world.events(engine)
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []


LONG_AGO = "2020-01-01T00:00:00Z"


def on_a_side(world: RunWorld, *merge: str) -> str:
    """The file in a commit of another branch, and that branch merged; the merge, or the commit itself."""
    world.git("switch", "-q", "-c", "side")
    world.git("add", COLOUR)
    world.git("commit", "-q", "-m", "side")
    world.git("switch", "-q", "main")
    world.git("merge", "-q", "--no-edit", *merge, "side")
    return world.git("rev-parse", "HEAD").strip()


def by_hand(world: RunWorld) -> str:
    """A merge of something else, into which the file was put."""
    world.git("switch", "-q", "-c", "side")
    world.git("commit", "-q", "--allow-empty", "-m", "side")
    world.git("switch", "-q", "main")
    world.git("merge", "-q", "--no-ff", "--no-commit", "side")
    world.git("add", COLOUR)
    world.git("commit", "-q", "-m", "merge side")
    return world.git("rev-parse", "HEAD").strip()


WAYS: dict[str, Callable[[RunWorld], str]] = {
    "a commit": take_all,
    "a branch moved forward": lambda world: on_a_side(world, "--ff-only"),
    "a merge": lambda world: on_a_side(world, "--no-ff"),
    "a merge by hand": by_hand,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_neither_a_merge_nor_a_date_hides_it(
    world: RunWorld, way: Callable[[RunWorld], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setenv("GIT_COMMITTER_DATE", LONG_AGO)
        sha = way(world)
    world.person.absent = False
    with world.reopen(Settings(answers={"colour": "green"})) as engine:
        engine.segment()
        assert f"approval void: {COLOUR} was committed by {sha[:10]}, which is not the run's, while it waited" in (
            world.person.lines
        )
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []


def test_what_was_committed_before_it_was_shown_is_shown_as_that(world: RunWorld) -> None:
    take_all(world)
    with world.reopen(Settings(answers={"colour": "green"})) as engine, pytest.raises(Waiting):
        engine.segment()
    with world.reopen() as engine:
        run = engine.open_run
        task, log = run.plan.task("t1_1"), run.workflow.log
        page = review_page(review_view(world.root, run.plan, log, run.state, task, run.doors.git))
        entries = engine.run.task("t1_1").worked
        assert entries is not None and entries.entries is not None
        assert COLOUR in [entry.path for entry in entries.entries if entry.committed]
    assert f"- `{COLOUR}`, in HEAD already as it is: this commit does not change it" in page.splitlines()


def test_what_is_taken_out_of_head_again_is_voided_too(world: RunWorld) -> None:
    take_all(world)
    with world.reopen(Settings(answers={"colour": "green"})) as engine, pytest.raises(Waiting):
        engine.segment()  # shown again, as committed
    world.git("rm", "-q", "--cached", COLOUR)
    world.git("commit", "-q", "-m", "out")
    world.person.absent = False
    with world.reopen(Settings(answers={"colour": "green"})) as engine:
        engine.segment()
        assert any(f"{COLOUR} was taken out of HEAD" in line for line in world.person.lines)
    assert COLOUR in world.git("show", "--format=", "--name-only", "HEAD")


# --- the runbook that HEAD holds -------------------------------------------------------------------------------------


def ticked(world: RunWorld, old: str = "[ ] 1.1", new: str = "[x] 1.1") -> str:
    file = world.root / "tasks.md"
    kept = file.read_text()
    assert old in kept
    file.write_text(kept.replace(old, new))
    world.git("commit", "-q", "-m", "tick", "tasks.md")
    return world.git("rev-parse", "HEAD").strip()


def merged_tick(world: RunWorld) -> str:
    world.git("switch", "-q", "-c", "side")
    ticked(world)
    world.git("switch", "-q", "main")
    world.git("merge", "-q", "--no-ff", "--no-edit", "side")
    return world.git("rev-parse", "HEAD").strip()


@pytest.mark.parametrize("way", [ticked, merged_tick])
def test_a_box_that_somebody_committed_ticked_voids_and_is_put_back_as_it_is_printed(
    world: RunWorld, way: Callable[[RunWorld], str]
) -> None:
    sha = way(world)
    world.person.absent = False
    with world.reopen() as engine:
        with pytest.raises(RunbookEdited) as refused:
            engine.segment()
        assert f"tasks.md was changed by {sha[:10]}, which is not the run's" in refused.value.message
        assert any("approval void: tasks.md was changed by" in line for line in world.person.lines)
        assert "commit-intended" not in world.events(engine)
    command = str(refused.value.next_command).split("   #")[0]
    subprocess.run(command, shell=True, cwd=world.root, check=True, capture_output=True)
    with world.reopen(Settings(answers={"colour": "green"})) as engine:
        engine.segment()
    (found,) = audit_workspace(world.root, None)
    assert {(finding.code, finding.commit[:10]) for finding in found.findings} == {
        ("mark-without-commit", world.git("log", "-1", "--format=%H", "--grep=^tick$").strip()[:10])
    }


def test_a_box_ticked_behind_the_file_is_found_in_head(world: RunWorld) -> None:
    """The working tree has the runbook as the run left it; only HEAD has not."""
    kept = (world.root / "tasks.md").read_bytes()
    ticked(world, "[ ] 2.1", "[x] 2.1")
    (world.root / "tasks.md").write_bytes(kept)
    world.person.absent = False
    with world.reopen() as engine, pytest.raises(RunbookEdited):
        engine.segment()
