"""Damage is told from interruption: every kind has its message, its exit code and a next command that works.

Nothing is overwritten: after a refusal every file, and the branch, are as they were.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from state.counted import counted
from state.errors import JournalDamaged
from tests.worlds.command_world import SUBJECTS, CommandWorld
from tests.worlds.journals import journal_bytes, last_file
from tests.worlds.run_world import RunWorld

pytestmark = pytest.mark.slow

Spoil = Callable[[CommandWorld], None]


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """Two tasks are committed. The journal names the first one's commit; the second is its own record."""
    world = CommandWorld(tmp_path)
    world.up_to("1.2")
    return world


def refused(world: CommandWorld, code: int, *said: str) -> str:
    """Resume is refused and has changed nothing; returns what to type next."""
    before = world.files()
    told = world("resume", "--yes", "--practice")
    assert told.code == code, told.error
    for words in said:
        assert words in told.error
    assert world.files() == before
    return told.next


def edit(path: str, old: bytes, new: bytes) -> Spoil:
    def spoil(world: CommandWorld) -> None:
        file = world.root / path
        data = file.read_bytes()
        assert old in data
        file.write_bytes(data.replace(old, new, 1))

    return spoil


def in_journal(change: Callable[[list[bytes]], None]) -> Spoil:
    def spoil(world: CommandWorld) -> None:
        lines = world.journal.read_bytes().split(b"\n")
        change(lines)
        world.journal.write_bytes(b"\n".join(lines))

    return spoil


def flip_a_bit(lines: list[bytes]) -> None:
    at = lines[2].index(b'"attempt"') + 3
    lines[2] = lines[2][:at] + bytes([lines[2][at] ^ 1]) + lines[2][at + 1 :]


def flip_a_bit_in_a_value(lines: list[bytes]) -> None:
    lines[3] = lines[3].replace(b"Ada", b"Ade", 1)


def lose_a_line(lines: list[bytes]) -> None:
    del lines[2]


def swap_lines(lines: list[bytes]) -> None:
    lines[2], lines[3] = lines[3], lines[2]


def old_version(lines: list[bytes]) -> None:
    lines[1] = lines[1].replace(b'"v":2', b'"v":0')


def other_version(lines: list[bytes]) -> None:
    lines[1] = lines[1].replace(b'"v":2', b'"v":1')


def newer_version(lines: list[bytes]) -> None:
    lines[1] = lines[1].replace(b'"v":2', b'"v":3')


@pytest.mark.parametrize("torn", [b"{", b'{"v":2,"seq":9,"at":"2026'], ids=["one byte", "half a line"])
def test_a_torn_tail_is_an_interruption_it_is_cut_and_said(world: CommandWorld, torn: bytes) -> None:
    with last_file(world.journal).open("ab") as journal:
        journal.write(torn)
    told = world.goes_on_to_the_end()
    assert f"cut {counted(len(torn), 'byte')} of a torn last line off {world.run_id}'s journal" in told.error


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (flip_a_bit, ":3: field `attempt`: expected a whole number"),
        (flip_a_bit_in_a_value, ":5: prev is "),
        (lose_a_line, ":3: seq is 3, expected 2: a line is missing or out of order"),
        (swap_lines, ":3: seq is 3, expected 2"),
        (old_version, ":2: format version 0, this phasegate reads 1 and 2"),
        (other_version, ":2: format version 1, its run is of 2"),
    ],
    ids=[
        "a flipped bit in a name",
        "a flipped bit in a value",
        "a missing line",
        "reordered lines",
        "an old version",
        "another version than the run's",
    ],
)
def test_a_damaged_journal_is_refused_by_line_and_the_committed_copy_goes_on(
    world: CommandWorld, change: Callable[[list[bytes]], None], said: str
) -> None:
    in_journal(change)(world)
    next_command = refused(world, 1, f".phasegate/{world.run_id}/journal.jsonl{said}", "git checkout -- ")
    world.type(next_command)
    for verb in (["status"], ["log"], ["note", "hm"], ["abort", "--reason", "x"], ["run", "tasks.md"]):
        assert world(*verb).code == 1
    world.git("checkout", "--", str(world.journal))
    world.goes_on_to_the_end()


def test_a_journal_of_a_newer_release_asks_for_that_release(world: CommandWorld) -> None:
    in_journal(newer_version)(world)
    said = "format version 3, this phasegate reads 1 and 2; it was written by a newer phasegate"
    assert refused(world, 1, said).startswith("pip install --upgrade phasegate")


def delete_journal(world: CommandWorld) -> None:
    world.journal.unlink()


def empty_journal(world: CommandWorld) -> None:
    world.journal.write_bytes(b"")


def delete_everything_of_ours(world: CommandWorld) -> None:
    shutil.rmtree(world.root / ".phasegate")


def commit_the_deletion(world: CommandWorld) -> None:
    world.git("rm", "-rq", ".phasegate")
    world.git("commit", "-q", "-m", "Tidy up")


@pytest.mark.parametrize("spoil", [delete_journal, empty_journal, delete_everything_of_ours, commit_the_deletion])
@pytest.mark.parametrize("named", [False, True], ids=["run not named", "run named"])
def test_a_deleted_journal_is_missed_because_git_knows_its_commits(
    world: CommandWorld, spoil: Spoil, named: bool
) -> None:
    run_id, last = world.run_id, world.git("rev-parse", "--short=10", "HEAD").strip()
    spoil(world)
    before = world.files()
    told = world("resume", *([run_id] if named else []))
    assert told.code == 1
    if spoil is commit_the_deletion:
        assert f"commit {world.git('rev-parse', '--short=10', 'HEAD').strip()} (Tidy up), which is not" in told.error
        world.type(told.next)
        assert world("resume", "--yes", "--practice").code == 0
        assert world.subjects() == [*SUBJECTS[:2], "Tidy up", 'Revert "Tidy up"', SUBJECTS[2]]
        return
    assert f".phasegate/{run_id}/journal.jsonl is gone or empty, but commits of run {run_id} are here" in told.error
    attributes = " && git checkout HEAD -- .phasegate/.gitattributes" if spoil is delete_everything_of_ours else ""
    assert told.next == f"git checkout {last} -- .phasegate/{run_id}{attributes}"
    assert world.files() == before
    assert world("status").code == 1
    world.type(told.next)
    world.goes_on_to_the_end()


def test_an_older_copy_of_the_journal_is_not_taken_for_the_run(world: CommandWorld) -> None:
    last_file(world.journal).unlink()
    name = str(world.journal.relative_to(world.root)).removesuffix(".jsonl")
    next_command = refused(world, 1, f"{name} knows nothing of 1 commit of its run", "an older copy of it was put")
    world.type(next_command)
    world.goes_on_to_the_end()


def test_a_changed_copy_of_the_runbook_is_refused_and_made_again_from_git(world: CommandWorld) -> None:
    copy = f".phasegate/{world.run_id}/runbook.md"
    edit(copy, b"2.1 Paint", b"2.1 Print")(world)
    world.type(refused(world, 1, f"{copy} is not the runbook that run {world.run_id} started with: expected "))
    world.goes_on_to_the_end()


@pytest.mark.parametrize(
    ("spoil", "shown"),
    [
        (edit("tasks.md", b"2.1 Paint the walls", b"2.1 Paint the roof"), "+  - [ ] 2.1 Paint the roof"),
        (edit("tasks.md", b"[ ] 2.1", b"[x] 2.1"), "+  - [x] 2.1 Paint the walls"),
        (edit("tasks.md", b"[x] 1.1", b"[ ] 1.1"), "-  - [x] 1.1 Choose a colour"),
        (edit("tasks.md", b"[ ] 2. Paint", b"[-] 2. Paint"), "+- [-] 2. Paint"),
    ],
    ids=["a text edited", "a box ticked by hand", "a box unticked by hand", "a box given another mark"],
)
def test_a_runbook_edited_by_hand_is_shown_as_a_difference_and_kept(
    world: CommandWorld, spoil: Spoil, shown: str
) -> None:
    spoil(world)
    next_command = refused(world, 2, "tasks.md was changed by hand during the run", shown, "phasegate abort")
    edited = (world.root / "tasks.md").read_bytes()
    world.type(next_command)
    world.goes_on_to_the_end()
    assert world.git("show", "stash@{0}:tasks.md").encode() == edited


def test_a_runbook_that_is_gone_is_brought_back_from_git(world: CommandWorld) -> None:
    (world.root / "tasks.md").unlink()
    world.type(refused(world, 2, "tasks.md is gone"))
    world.goes_on_to_the_end()


def test_a_runbook_edited_while_its_task_waits_voids_what_waits(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    assert world("run", "tasks.md", "--sandbox").code == 3
    assert world("done", "--no-files").code == 0
    digest = json.loads(world("status", "--json").out)["waiting_for"]["digest"]
    edit("tasks.md", b"Ask which", b"Ask nobody")(world)
    told = world("approve", "--digest", digest[:7])
    assert told.code == 2
    assert "approval void: tasks.md was changed by hand" in told.error
    assert "the evidence changed after it was shown" in told.error
    assert refused(world, 2, "+    - Ask nobody").startswith("git stash push")
    assert world.subjects() == []


def test_another_branch_is_refused(world: CommandWorld) -> None:
    world.git("switch", "-q", "-c", "elsewhere")
    world.type(refused(world, 2, f"run {world.run_id} commits to branch main, elsewhere is checked out"))
    world.goes_on_to_the_end()


def test_a_branch_switched_away_and_back_under_a_process_stops_it_before_it_writes(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)

    def away_and_back() -> dict[str, str]:
        for command in ("stash -u", "switch -q -c aside HEAD~1", "switch -q main", "stash pop"):
            world.git(*command.split())
        return {"paint": "in stock"}

    world.witness = away_and_back  # type: ignore[method-assign]
    with world.start() as engine:
        with pytest.raises(JournalDamaged, match=r"journal.jsonl was replaced or removed while this process held"):
            engine.drive()
        known = [event.to_line() for event in engine.journal.events]
    journal = world.root / ".phasegate" / world.run_id / "journal.jsonl"
    assert journal_bytes(journal).splitlines() == known
    del world.witness
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete
    assert (len(world.outside), world.subjects()[1:2]) == (1, ["shed task 1.2: Order the paint"])


def test_a_run_on_another_branch_is_found_there(world: CommandWorld) -> None:
    run_id = world.run_id
    world.git("switch", "-q", "-c", "elsewhere", "HEAD~2")
    assert not (world.root / ".phasegate").exists()
    world.type(refused(world, 2, f"run {run_id} is on branch main, which is not checked out"))
    world.goes_on_to_the_end()


def rebase(world: CommandWorld) -> None:
    world.git("rebase", "-q", "--force-rebase", "HEAD~2", **{**os.environ, "GIT_COMMITTER_DATE": "2020-01-01T00:00Z"})


def amend_the_first(world: CommandWorld) -> None:
    last = world.git("rev-parse", "HEAD").strip()
    world.git("reset", "-q", "--hard", "HEAD~1")
    world.git("commit", "-q", "--amend", "-m", "Another subject")
    world.git("cherry-pick", last)


@pytest.mark.parametrize("rewrite", [rebase, amend_the_first], ids=["rebased", "amended below the last one"])
def test_commits_that_were_rewritten_are_missed_by_name(world: CommandWorld, rewrite: Spoil) -> None:
    was, first = world.git("rev-parse", "HEAD").strip(), world.git("rev-parse", "--short=10", "HEAD~1").strip()
    rewrite(world)
    missed = f"not in the history of main any more (amended, rebased or reset): t1_1 {first}"
    assert refused(world, 2, missed, "git reset --keep THAT") == "git -P reflog -12"
    world.git("reset", "-q", "--keep", was)
    world.goes_on_to_the_end()


def test_squashed_commits_are_not_taken_for_the_last_one(world: CommandWorld) -> None:
    was = world.git("rev-parse", "HEAD").strip()
    message = world.git("log", "-1", "--format=%B")
    world.git("reset", "-q", "--soft", "HEAD~2")
    world.git("commit", "-q", "-m", message)
    assert refused(world, 2, "not in the history of main any more") == "git -P reflog -12"
    world.git("reset", "-q", "--keep", was)
    world.goes_on_to_the_end()


def test_a_commit_amended_to_another_subject_is_taken_back_and_made_as_approved(world: CommandWorld) -> None:
    message = world.git("log", "-1", "--format=%B")
    world.git("commit", "-q", "--amend", "-m", message.replace("Order", "Buy"))
    told = world("resume", "--yes", "--practice")
    assert told.code == 5
    assert "a git hook or an amend changed what was approved, so the commit was taken back" in told.error
    assert "Buy the paint" in told.error
    world.goes_on_to_the_end()


def test_a_commit_amended_without_its_trailers_is_missed_and_made_anew(world: CommandWorld) -> None:
    world.git("commit", "-q", "--amend", "-m", "Order the paint")
    world.type(refused(world, 2, "HEAD holds what was approved for task 1.2, but no commit carries its trailers"))
    world.goes_on_to_the_end()


def test_a_commit_amended_with_more_is_taken_back_and_the_more_is_kept(world: CommandWorld) -> None:
    (world.root / "mine.txt").write_text("mine")
    world.git("add", "mine.txt")
    world.git("commit", "-q", "--amend", "--no-edit")
    told = world("resume", "--yes", "--practice")
    assert told.code == 5
    assert "a git hook or an amend changed what was approved, so the commit was taken back: mine.txt was added" in (
        told.error
    )
    assert (world.root / "mine.txt").read_text() == "mine"
    assert world("resume", "--yes", "--practice").code == 0
    assert world.subjects() == SUBJECTS
    assert "mine.txt" not in world.git("log", "--name-only", "--format=")


def test_a_changed_commit_with_another_on_top_is_not_taken_back_and_the_run_can_be_ended(world: CommandWorld) -> None:
    (world.root / "mine.txt").write_text("mine")
    world.git("add", "mine.txt")
    world.git("commit", "-q", "--amend", "--no-edit")
    world.git("commit", "-q", "--allow-empty", "-m", "On top")
    refused(world, 2, "was not taken back, the branch is at ")
    told = world("abort", "--reason", "somebody built upon it")
    assert (told.code, world.subjects()[-1]) == (0, f"tasks: abort run {world.run_id}")


@pytest.mark.parametrize("how", ["--mixed", "--soft"])
def test_a_last_commit_that_was_reset_away_is_made_again(world: CommandWorld, how: str) -> None:
    world.git("reset", "-q", how, "HEAD~1")
    world.goes_on_to_the_end()


def test_an_open_part_of_the_journal_that_git_removed_is_not_begun_again_unasked(world: CommandWorld) -> None:
    assert world("resume").code == 3  # 2.1 has begun, in a file that git does not know yet
    lost = last_file(world.journal).relative_to(world.root)
    world.git("clean", "-f", "-d", "-q")
    assert not (world.root / lost).exists()
    back = refused(world, 1, f"{lost} is gone, and what run {world.run_id} did since its last commit with it")
    for verb in (["note", "hm"], ["abort", "--reason", "x"], ["approve", "--digest", "0000000"]):
        assert world(*verb).code == 1
    world.type(back)
    world.goes_on_to_the_end()
