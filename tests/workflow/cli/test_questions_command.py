"""What will a run ask? The list, and the answers file that is made of it: filled in, it takes a run to its end."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.worlds.journals import journal_bytes
from tests.worlds.repositories import first_commit
from tests.worlds.workspaces import git
from workflow.cli.main import run

RUNBOOK = """# Release

- [ ] 1. Publish
  - Run `git tag published`
  - Look with `git status`
- [ ] 2. Checkpoint: tests pass
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    found = tmp_path / "place"
    found.mkdir()
    (found / "release.md").write_text(RUNBOOK)
    first_commit(found)
    return found


def said(place: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["-C", str(place), *arguments]) == 0
    return capsys.readouterr().out


def test_questions_are_listed_with_defaults_choices_and_cases(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = json.loads(said(place, capsys, "questions", "release.md", "--json"))
    found = {each["name"]: each for each in body["questions"]}
    assert found["t1-command-1"]["choices"] == ["run", "skip"]
    assert (found["t1-command-1"]["default"], found["t1-command-1"]["suggest"]) == ("skip", False)
    assert (found["t1-command-2"]["default"], found["t1-command-2"]["suggest"]) == ("run", True)
    assert found["test-command"]["when"] == "where phasegate.yaml has no `tests`"
    assert found["t1-command-1-failed-*"]["pattern"] is True
    assert found["t1-command-1-failed-*"]["choices"] == ["again", "edit", "skip", "pause"]
    shown = said(place, capsys, "questions", "release.md")
    assert "one of   run, skip" in shown
    assert "default  skip (only --yes takes it)" in shown
    assert list(found) == re.findall(r"^  (\S+)$", shown, re.MULTILINE)


def test_it_reads_a_runbook_outside_of_a_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "release.md").write_text(RUNBOOK)
    assert "t1-command-1" in said(tmp_path, capsys, "questions", "release.md")
    assert "region" in said(tmp_path, capsys, "questions", "stage-06")


@pytest.mark.slow
def test_the_answers_file_is_refused_until_it_is_filled_in_and_serves_then(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = place.parent / "answers.yaml"
    text = said(place, capsys, "questions", "release.md", "--yaml")
    assert yaml.safe_load(text) == {"t1-command-1": "...", "t1-command-2": "run"}
    answers.write_text(text)
    assert run(["-C", str(place), "run", "release.md", "--answers", str(answers)]) == 2
    line = text.split("\n").index("t1-command-1: ...") + 1
    assert f"answers.yaml:{line}:" in (refused := capsys.readouterr().err)
    assert "expected an answer, seen '...', which stands for one" in refused
    assert not (place / ".phasegate").exists()

    text = text.replace("t1-command-1: ...", "t1-command-1: run").replace(
        "# test-command: ...", "test-command: git status"
    )
    answers.write_text(text)
    assert run(["-C", str(place), "run", "release.md", "--answers", str(answers)]) == 3
    assert run(["-C", str(place), "done", "--no-files", "--run", "all", "--answers", str(answers)]) == 0
    assert git(place, "tag") == "published\n"


@pytest.mark.parametrize("value", ["...", "TODO", "'<your region>'", "tbd"])
def test_a_placeholder_is_no_answer(value: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place.parent / "answers.yaml").write_text(f"test-command: {value}\n")
    assert run(["-C", str(place), "run", "release.md", "--answers", str(place.parent / "answers.yaml")]) == 2
    assert "answers.yaml:1:" in capsys.readouterr().err


@pytest.mark.slow
def test_a_test_command_that_is_not_there_is_refused_and_not_kept(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "release.md").write_text("# R\n\n- [ ] 1. Checkpoint: tests pass\n- [ ] 2. Publish\n")
    assert run(["-C", str(place), "plan", "release.md"]) == 0
    git(place, "commit", "-qam", "Tests first")
    answers = place.parent / "answers.yaml"
    answers.write_text("test-command: mkae test\n")
    assert run(["-C", str(place), "run", "release.md", "--answers", str(answers)]) in (2, 3)
    assert run(["-C", str(place), "done", "--no-files", "--answers", str(answers)]) == 2
    assert "no program mkae is on PATH" in capsys.readouterr().err
    (journal,) = place.glob(".phasegate/*/journal.jsonl")
    assert b"mkae" not in journal_bytes(journal)
    answers.write_text("test-command: git status\n")
    assert run(["-C", str(place), "done", "--no-files", "--answers", str(answers)]) == 0


@pytest.mark.slow
def test_what_is_asked_once_in_a_run_is_asked_again_too(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "release.md").write_text("# R\n\n- [ ] 1. Checkpoint: tests pass\n- [ ] 2. Publish\n")
    git(place, "commit", "-qam", "Tests first")
    answers, here = place.parent / "answers.yaml", ["-C", str(place)]
    answers.write_text("test-command: git status\n")
    assert run([*here, "run", "release.md", "--answers", str(answers)]) == 3
    answers.write_text("test-command: git log -1\n")
    for _ in range(2):  # the second time nothing of the attempt before is in the way
        assert run([*here, "resume", "--ask-again", "test-command", "--answers", str(answers)]) == 3
        assert run([*here, "log"]) == 0
        assert "test-command = git log -1 (answers-file)" in capsys.readouterr().out
    report = (place / "artifacts" / "release" / "t1_commands.md").read_text()
    now, _heading, before = report.partition("## Attempt 1, tests: exit 0")
    assert "`git log -1`" in now
    assert "git status" not in now
    assert "git status" in before


def test_a_name_that_two_tasks_ask_for_stands_once_and_says_so(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "release.md").write_text(
        "# Release\n\n- [ ] 1. Look\n  - `ping <HOST>`\n- [ ] 2. Look again\n  - `curl <HOST>`\n  - `dig [host]`\n"
    )
    shown = said(place, capsys, "questions", "release.md", "--yaml")
    names = re.findall(r"^(?:# )?([\"\w*-]+): ", shown, re.MULTILINE)
    assert names.count("fill-host") == 1
    assert re.search(r"What is <HOST>\? \(also for 2\.? Look again\)", shown)
    keys = [each for each in names if "-" in each]
    assert len(keys) == len(set(keys))
    every = [each["name"] for each in json.loads(said(place, capsys, "questions", "release.md", "--json"))["questions"]]
    assert len(every) == len(set(every))
