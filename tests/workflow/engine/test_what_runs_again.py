"""A command that failed, and what is done about it: what runs is the text that stands above the question, and no other.

`again`, `edit` and `fill` at a terminal; what an answers file says of values beside `again` counts there alone.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.manual.after_failure import is_same_text, what_ran
from phases.step import Question
from state.errors import Waiting
from tests.worlds.release_world import Release, asked_in_turn, fence
from workflow.engine.engine import Settings
from workflow.ports import Finished

DEPLOY = fence("echo deploy to <REGION> >> ../ran", "test -f ready")


def ran_in(release: Release) -> list[str]:
    return (release.root.parent / "ran").read_text().splitlines()


def of_failure(seen: list[Question]) -> list[Question]:
    return [each for each in seen if each.name == "t1-command-1-failed-1"]


def declined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **turns: list[str]) -> tuple[Release, list[Question]]:
    """It failed for `wrong`; somebody filled in `right`, saw it so, and would not have that run."""
    release = Release(tmp_path, DEPLOY, t1_command_1_failed_2="pause")
    given = {"fill_region": ["wrong", "right"], "t1_command_1_filled": ["run"], "t1_command_1_filled_2": ["skip"]}
    return release, asked_in_turn(release, monkeypatch, **given, **turns)


def test_again_runs_the_text_above_the_question_after_another_was_declined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, seen = declined(tmp_path, monkeypatch, t1_command_1_failed_1=["fill", "again"])
    release.waits("paused: command 1")
    assert ran_in(release) == ["deploy to wrong", "deploy to wrong"]
    assert all("deploy to wrong" in each.shown and "right" not in each.shown for each in of_failure(seen))


def test_an_edit_begins_with_the_text_above_the_question_in_the_next_process_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, _ = declined(tmp_path, monkeypatch, t1_command_1_failed_1=["fill", "pause"])
    release.waits("paused: command 1")
    seen = asked_in_turn(release, monkeypatch, t1_command_1_failed_1=["edit", "pause"])
    release.person.answers["t1-command-1-edited-2"] = "touch ../ready"
    release.goes_on()
    edit = next(each for each in seen if each.name == "t1-command-1-edited-2")
    assert edit.default == "echo deploy to wrong >> ../ran\ntest -f ready"
    assert "deploy to wrong" in of_failure(seen)[0].shown


def test_again_in_the_next_process_runs_what_ran_and_not_what_was_declined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, _ = declined(tmp_path, monkeypatch, t1_command_1_failed_1=["fill", "pause"])
    release.waits("paused: command 1")
    asked_in_turn(release, monkeypatch, t1_command_1_failed_1=["again"])
    with release.reopen() as engine, pytest.raises(Waiting, match="paused: command 1"):
        engine.drive()
    assert ran_in(release) == ["deploy to wrong", "deploy to wrong"]


def test_what_an_answers_file_fills_in_is_seen_before_a_person_has_it_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Release(tmp_path, DEPLOY, fill_region="wrong", t1_command_1_filled="run", t1_command_1_failed_1="pause")
    release.waits("paused: command 1")
    turns = {"t1_command_1_failed_1": ["fill", "pause"], "t1_command_1_filled_2": ["skip"]}
    seen = asked_in_turn(release, monkeypatch, **turns)
    with release.reopen(Settings(answers={"fill-region": "file"})) as engine, pytest.raises(Waiting, match="paused"):
        engine.drive()
    shown = next(each for each in seen if each.name == "t1-command-1-filled-2")
    assert "deploy to file" in shown.shown
    assert ran_in(release) == ["deploy to wrong"]


@pytest.mark.parametrize("ending", ["\n", "\n\n", "  \n\t\n", ""])
def test_blank_lines_around_the_text_are_no_edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    release = Release(tmp_path, fence("echo once >> ../ran", "test -f ready"))
    seen = asked_in_turn(
        release,
        monkeypatch,
        t1_command_1_failed_1=["edit", "pause"],
        t1_command_1_edited_2=["echo once >> ../ran\ntest -f ready" + ending],
    )
    release.waits("paused: command 1")
    assert ran_in(release) == ["once"]
    assert len(of_failure(seen)) == 2


def test_blanks_within_a_text_and_behind_a_backslash_are_a_part_of_it() -> None:
    assert is_same_text("a\n b \nc", "\n\na\n b \nc  \n \n")
    assert not is_same_text("a\n b", "a\nb")
    assert not is_same_text("a\n b \nc", "a\n b\nc")
    assert not is_same_text("cd a\\ ", "cd a\\")
    assert not is_same_text("a", "a\nb")


def test_an_interrupted_command_is_shown_as_one_that_failed_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = Release(tmp_path, fence("echo begin", "touch half", "touch whole"), t1_command_1_failed_1="pause")
    told = list[str]()

    def progress(text: str) -> None:
        told.append(text)
        if text == "$ touch half":
            raise KeyboardInterrupt

    with monkeypatch.context() as patched, release.start() as engine:
        patched.setattr(release.person, "progress", progress)
        with pytest.raises(KeyboardInterrupt):
            engine.drive()
    cut_off = f"command 1 of task 1 was cut off: what it did until then stays done; phasegate resume {release.run_id}"
    assert told[-1] == f"{cut_off} asks what to do then"
    seen = asked_in_turn(release, monkeypatch)
    with release.reopen() as engine, pytest.raises(Waiting, match="interrupted"):
        engine.drive()
    (question,) = of_failure(seen)
    assert question.shown == "echo begin\ntouch half\ntouch whole\n\nWhat it printed is not known, or nothing."


def test_what_ran_stands_above_the_question_whole() -> None:
    assert what_ran("false", "$ false\nno") == "$ false\nno"
    assert what_ran("false\nls", "$ false\nno") == "false\nls\n\nIt printed:\n$ false\nno"
    assert what_ran("print(1)\n1/0", "1\nboom") == "print(1)\n1/0\n\nIt printed:\n1\nboom"
    long = "\n".join(["$ make", *(f"line {number}" for number in range(30))])
    assert what_ran("make", long).startswith("make\n\nIt printed:\nline 10\n")


def test_what_passed_as_edited_is_shown_beside_what_the_runbook_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Release(tmp_path, DEPLOY, fill_region="here", t1_command_1_filled="run")
    turns = {
        "t1_command_1_failed_1": ["edit"],
        "t1_command_1_edited_2": ["echo edited"],
        "t1_commands_stand": ["command 1: ask again"],
        "t1_command_1_passed_2": ["again", "keep"],
    }
    release.person.works = [Finished()]
    seen = asked_in_turn(release, monkeypatch, **turns)
    release.person.answers["t1-command-1-failed-3"] = "pause"
    release.waits("paused: command 1")
    passed = next(each for each in seen if each.name == "t1-command-1-passed-2")
    as_runbook = "echo deploy to here >> ../ran\ntest -f ready"
    assert passed.shown == f"echo edited\n\nAs the runbook has it:\n{as_runbook}"
    assert ran_in(release) == ["deploy to here", "deploy to here"]
