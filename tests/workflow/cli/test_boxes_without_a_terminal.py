"""Boxes answered by commands: each by its number, all or none; taken back, and attested and waived by who approves."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests.worlds.command_world import CommandWorld, Told
from tests.worlds.journals import journal_bytes
from workflow.engine import box_answers

CUT = b"""# Cut over

## T-24h
- [ ] Freeze announced
- [ ] Tests pass (`test -e green`)
- [ ] Stacks
  - [ ] A
  - [ ] B

## T-0
- [ ] Switched
"""
ALL = ("--box", "1=yes", "--box", "4=n/a: no A", "--box", "5=yes")
OTHERS = "by somebody else than Ada <ada@example.com>"
BOB = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    world = CommandWorld(tmp_path, runbook=CUT)
    (world.root / "green").touch()
    assert world("run", "tasks.md").code == 3
    return world


def by_bob(world: CommandWorld, *words: str) -> Told:
    with mock.patch.dict(os.environ, BOB):
        return world(*words)


def digest(world: CommandWorld) -> str:
    return str(json.loads(world("status", "--json").out)["waiting_for"]["digest"])


def ticks(world: CommandWorld) -> str:
    return "".join(
        line.split("[")[1][0] for line in (world.root / "tasks.md").read_text().splitlines() if "- [" in line
    )


def test_what_is_missing_is_refused_with_every_box_and_a_command_that_works(world: CommandWorld) -> None:
    before = world.files()
    told = world("done", "--no-files", "--run", "1", "--box", "4=n/a:no A")
    assert told.code == 2
    assert "task T-24h has 2 boxes without an answer" in told.error
    assert "  1. Freeze announced   (no answer yet)" in told.error
    assert "  2. Tests pass (`test -e green`)   (its command answers it: --run 1)" in told.error
    assert "  3. Stacks   (follows from 4, 5)" in told.error
    assert "  4. A   (answered here)" in told.error
    assert world.files() == before
    world.type(told.next)
    told = by_bob(world, "approve", "--digest", digest(world))
    assert told.code == 0, told.error
    assert world("resume").code == 3
    assert ticks(world) == "xxx x "
    assert world("audit").code == 0


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("7=yes", "task T-24h has 5 boxes"),
        ("0=yes", "task T-24h has 5 boxes"),
        ("x=yes", "task T-24h has 5 boxes"),
        ("1", "expected N=yes, N=no or N=n/a:REASON"),
        ("1=perhaps", "expected yes, no or n/a:REASON"),
        ("1=n/a", "n/a needs a reason"),
        ("1=n/a:  ", "n/a needs a reason"),
        ("1=waived:so", "expected yes, no or n/a:REASON"),
        ("3=yes", "box 3 follows from 4, 5"),
    ],
)
def test_a_word_that_is_none_is_refused(world: CommandWorld, word: str, says: str) -> None:
    before = world.files()
    told = world("done", "--no-files", *ALL, "--box", word)
    assert (told.code, says in told.error) == (2, True), told.error
    assert "next: phasegate status" in told.error
    assert world.files() == before


def test_a_box_that_is_named_twice_is_refused(world: CommandWorld) -> None:
    told = world("done", "--no-files", *ALL, "--box", "1=no")
    assert (told.code, "box 1 is named twice" in told.error) == (2, True)


def test_all_words_that_are_wrong_are_told_at_once(world: CommandWorld) -> None:
    wrong = {"7=yes": "has 5 boxes", "1=perhaps": "expected yes, no", "3=yes": "follows from", "4=no": "is named twice"}
    told = world("done", "--no-files", *ALL, *(word for text in wrong for word in ("--box", text)))
    assert told.code == 2
    for text, says in wrong.items():
        assert any(line.startswith(f"  --box {text}: ") and says in line for line in told.error.splitlines()), (
            told.error
        )
    assert "phasegate: 4 answers are refused, none is taken:\n" in told.error
    assert "\\n" not in told.error
    told = world("approve", "--digest", "0" * 7, "--attest", "9", "--waive", "1", "--waive", "3:so")
    assert [word in told.error for word in ("--attest 9: ", "--waive 1: ", "--waive 3:so: ")] == [True] * 3, told.error


def test_status_lists_the_boxes_by_number_with_what_is_known_of_each(world: CommandWorld) -> None:
    assert "  4. A   (no answer yet)" in world("status").out
    world("done", "--no-files", "--run", "1", *ALL)
    shown = world("status").out
    assert "  4. A   (not applicable, says Ada <ada@example.com> (command): no A)" in shown
    assert "  2. Tests pass (`test -e green`)   (yes (command 1" in shown


def test_a_command_that_was_not_run_leaves_its_box_to_the_approver(world: CommandWorld) -> None:
    assert world("done", "--no-files", *ALL).code == 0
    told = by_bob(world, "approve", "--digest", digest(world))
    assert (told.code, "box 2 needs a person's word first" in told.error) == (2, True)
    assert "--attest 2   # you looked, and it holds" in told.error
    shown = digest(world)
    told = by_bob(world, "approve", "--digest", shown, "--attest", "2")
    assert told.code == 0, told.error
    assert world("resume").code == 3
    assert ticks(world) == "xxx x "
    assert shown not in world.git("log", "-1", "--format=%B")  # what was approved holds the word
    assert "box 2: Tests pass (`test -e green`): yes, says Bob" in world.git("show", "HEAD")
    assert world("audit").code == 0


@pytest.mark.parametrize("word", ["--attest 2", "--waive '2:no tests here'"])
def test_what_comes_next_gives_a_box_without_a_word_one(world: CommandWorld, word: str) -> None:
    by_done = world("done", "--no-files", *ALL).error
    command = f"phasegate approve {world.run_id} --digest {digest(world)[:7]} "
    refused = by_bob(world, "approve", "--digest", digest(world)).error
    status = world("status").out.replace(f" -C {world.root}", "")
    for told in (by_done, status, world("resume").error, refused):
        assert f"{command}--attest 2   # you looked, and it holds; {OTHERS}\n" in told
        assert f"{command}--waive '2:REASON'   # or goes without; {OTHERS}\n" in told
    with mock.patch.dict(os.environ, BOB):
        world.type(command + word)
    assert world("resume").code == 3
    assert "--attest" not in world("status").out


def test_a_waiver_is_the_approvers_with_a_reason_and_leaves_the_box_open(world: CommandWorld) -> None:
    world("done", "--no-files", *ALL)
    before = world.files()
    assert by_bob(world, "approve", "--digest", digest(world), "--waive", "2").code == 2
    assert by_bob(world, "approve", "--digest", digest(world), "--waive", "2: ").code == 2
    told = world("approve", "--digest", digest(world), "--waive", "2:mine")
    assert (told.code, "ran this task" in told.error) == (2, True)  # Ada handed it in
    assert by_bob(world, "approve", "--digest", "0000000", "--waive", "2:so").code == 2
    assert by_bob(world, "approve", "--digest", digest(world), "--waive", "3:so").code == 2
    assert world.files() == before
    told = by_bob(world, "approve", "--digest", digest(world), "--waive", "2:no tests here")
    assert told.code == 0, told.error
    world("resume")
    assert ticks(world) == "x x x "
    assert "waived by Bob <bob@example.com> (command): no tests here" in world.git("show", "HEAD")
    assert world("audit").code == 0


def test_a_reason_with_a_secret_is_masked_before_it_is_kept(world: CommandWorld) -> None:
    token = "ghp_" + "a1B2" * 9
    world("done", "--no-files", "--run", "1", "--box", "1=yes", "--box", f"4=n/a:token {token}", "--box", "5=yes")
    assert token not in journal_bytes(world.journal).decode()
    assert "***" in journal_bytes(world.journal).decode()


def test_a_no_closes_the_gate_and_nothing_is_ticked(world: CommandWorld) -> None:
    told = world("done", "--no-files", "--run", "1", "--box", "1=no", "--box", "4=yes", "--box", "5=yes")
    assert (told.code, "box 1: Freeze announced: expected yes" in told.error) == (5, True)
    assert ticks(world) == "      "


def test_what_was_handed_in_is_taken_back_by_who_did_it_until_it_is_approved(world: CommandWorld) -> None:
    assert world("done", "--take-back").code == 2  # nothing was handed in
    world("done", "--no-files", "--run", "1", *ALL)
    before = world.files()
    told = by_bob(world, "done", "--take-back")
    assert (told.code, "was handed in by Ada" in told.error) == (2, True)
    assert world.files() == before
    assert world("done", "--take-back").code == 0
    assert world("done", "--no-files", "--run", "1", "--box", "1=yes", "--box", "4=yes", "--box", "5=yes").code == 0
    assert by_bob(world, "approve", "--digest", digest(world)).code == 0
    told = world("done", "--take-back")
    assert (told.code, "is approved" in told.error) == (2, True)
    world("resume")
    assert ticks(world) == "xxxxx "
    assert "attempt 1 taken back by Ada <ada@example.com>, who handed it in" in world.git("show", "HEAD")
    assert world("audit").code == 0


def test_taking_back_stands_alone(world: CommandWorld) -> None:
    assert world("done", "--take-back", "--no-files").code == 2


def test_an_approval_of_what_was_shown_before_a_word_was_added_is_refused(world: CommandWorld) -> None:
    world("done", "--no-files", *ALL)
    shown = digest(world)
    (world.root / "phasegate.yaml").write_text("default: {approvers: 2}\n")
    world.git("add", "phasegate.yaml")
    world.git("commit", "-qm", "Two")
    world("resume")  # voided by the policy; handed in again
    world("done", "--no-files", *ALL)
    assert by_bob(world, "approve", "--digest", shown).code == 2
    assert by_bob(world, "approve", "--digest", digest(world), "--attest", "2").code == 0
    missing = json.loads(world("status", "--json").out)["state"]
    assert missing == "t_24h"


def test_files_changed_before_the_task_began_are_taken_when_each_is_named_and_marked(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=CUT)
    (world.root / "old").mkdir()
    for name in ("old/a", "old/b", "both"):
        (world.root / name).write_text("before\n")
    assert world("run", "tasks.md").code == 3
    (world.root / "both").write_text("and since\n")
    (world.root / "new").write_text("since\n")
    told = world("done", "--path", "old", "--path", "new", *ALL)
    assert (told.code, "old: holds nothing that was changed since task T-24h began" in told.error) == (2, True)
    told = world("done", "--path", "old/a", "--path", "both", "--path", "new", *ALL)
    assert told.code == 0, told.error
    page = world("status", "--review").out
    section = page.split("### Changed before this task began")[1].split("###")[0]
    assert "> - `old/a`, not since" in section
    assert "> - `both`, and since" in section
    assert "new" not in section
    assert by_bob(world, "approve", "--digest", digest(world), "--attest", "2").code == 0
    world("resume")
    assert {"old/a", "both", "new"} <= set(world.git("show", "--name-only", "--format=", "HEAD").split())
    assert world.git("status", "--porcelain", "-u", "--", "old").split() == ["??", "old/b"]
    assert world("audit").code == 0


def test_the_log_tells_who_said_what_of_each_box(world: CommandWorld) -> None:
    world("done", "--no-files", "--run", "1", *ALL)
    assert "box 4: not-applicable, by Ada <ada@example.com> (command): no A" in world("log").out


def test_after_a_no_every_box_is_to_be_answered_again(world: CommandWorld) -> None:
    assert world("done", "--no-files", "--run", "1", "--box", "1=no", "--box", "4=yes", "--box", "5=yes").code == 5
    told = world("done", "--no-files", "--run", "1", "--box", "1=yes")
    assert (told.code, "has 2 boxes without an answer" in told.error) == (2, True)


def test_evidence_that_changed_under_a_word_is_not_approved_unseen(
    world: CommandWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    (world.root / "made").write_text("as shown\n")
    world("done", "--path", "made", *ALL)
    record = box_answers.record_word

    def and_meanwhile(*given: Any, **named: Any) -> None:
        record(*given, **named)
        (world.root / "made").write_text("another\n")

    monkeypatch.setattr("workflow.engine.box_answers.record_word", and_meanwhile)
    told = by_bob(world, "approve", "--digest", digest(world), "--attest", "2")
    assert (told.code, "has changed since it was shown" in told.error) == (3, True)
    assert json.loads(world("status", "--json").out)["tasks"][0]["approved_by"] is None


@pytest.mark.parametrize(("there", "came"), [(True, "exit 0"), (False, "exit 1 at line 5")])
def test_status_says_what_came_of_the_command_of_a_box(world: CommandWorld, *, there: bool, came: str) -> None:
    shown = "  2. Tests pass (`test -e green`)   (its command answers it: "
    assert f"{shown}--run 1)" in world("status").out
    if not there:
        (world.root / "green").unlink()
    with mock.patch.object(box_answers.BoxAnswers, "checks", side_effect=KeyboardInterrupt):
        assert world("done", "--no-files", "--run", "1", *ALL).code == (130 if there else 3)
    assert f"{shown}command 1: {came})" in world("status").out
