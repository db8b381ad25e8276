"""What does `plan` show of a runbook, and how is it read otherwise? The command itself, in a repository of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from workflow.cli.main import run

MIXED = """# Mixed

## Phase 1: Prepare

- [ ] 1.1 Build it
  - run `make all` and `aws s3 ls <BUCKET>`
  - _Requirements: 1.1, 2.3-2.6_
- [ ]* 1.2 Test it
  - **Property 1: Nothing is lost**
  - **Validates: Requirements 1.3**
- [ ] 2. Checkpoint - it runs
  - Request permission to proceed to Phase 2

## Phase 2: Ship

- [ ] 3. Ship it
  ```bash
  cat <<EOF
  one
  EOF
  ```
- [] 4. Malformed

## Success Criteria

- [ ] Fast

```
- [ ] 5. Example
```
"""
PHASES = "# P\n## Phase 1: A\n- [ ] one\n### Exit Criteria\n- made\n## Phase 2: B\n- [ ] two\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mixed.md").write_text(MIXED)
    (tmp_path / "phases.md").write_text(PHASES)
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["config", "user.name", "Ada"],
        ["config", "user.email", "ada@example.com"],
        ["add", "-A"],
        ["commit", "-q", "-m", "Runbooks"],
    ):
        subprocess.run(["git", *arguments], check=True)
    return tmp_path


def shown(arguments: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    assert run(arguments) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


@pytest.mark.usefixtures("place")
def test_plan_shows_all_that_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    expected = """\
mixed: Mixed (mixed.md, 5 states)
read as a task list: 3 tasks, 1 checkpoint, 1 validation, 1 optional, 1 explicit gate, 3 commands (1 with placeholders)

1.1 Build it
    does     by hand
    shows    make all
    shows    aws s3 ls <BUCKET>   # asks for <BUCKET>
    meets    requirements 1.1, 2.3-2.6
    ticks    mixed.md:5
    gate     checks pass, then approval of the digest shown
    commit   mixed task 1.1: Build it

1.2 Test it (optional)
    does     by hand
    proves   Property 1: Nothing is lost
    proves   requirements 1.3
    ticks    mixed.md:8
    gate     checks pass, then approval of the digest shown
    commit   mixed task 1.2: Test it

2 Checkpoint - it runs (checkpoint)
    does     by hand
    ticks    mixed.md:11
    gate     Request permission to proceed to Phase 2 (mixed.md:12)
    commit   mixed task 2: Checkpoint - it runs

3 Ship it
    does     by hand
    shows    cat <<EOF ... (2 more lines)
    ticks    mixed.md:16
    gate     checks pass, then approval of the digest shown
    commit   mixed task 3: Ship it

Success Criteria (validation)
    does     by hand
    box 1    Fast
    ticks    mixed.md:26 (1 item)
    gate     checks pass, then approval of the digest shown
    commit   mixed: Success Criteria

not taken as a task:
mixed.md:29:1: box in a fence: - [ ] 5. Example [hidden-box]

mixed.md:22:3: warning: [] is no checkbox: expected `- [ ] text`, seen `- [] 4. Malformed` [malformed-box]
    - [] 4. Malformed
      ^
1 warning
"""
    assert shown(["plan", "mixed.md"], capsys) == expected


@pytest.mark.usefixtures("place")
def test_plan_shows_exit_criteria_and_the_shape_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert "    exit     made\n" in shown(["plan", "phases.md"], capsys)
    asked = shown(["plan", "phases.md", "--as", "checklist"], capsys)
    assert asked.splitlines()[1] == "read as a checklist, as asked: 2 sections"
    body = json.loads(shown(["plan", "phases.md", "--as", "tasks", "--json"], capsys))
    assert (body["shape"], [task["kind"] for task in body["tasks"]]) == ("tasks", ["task", "task"])


@pytest.mark.usefixtures("place")
def test_plan_as_json_has_named_values_all_the_way_down(capsys: pytest.CaptureFixture[str]) -> None:
    body = json.loads(shown(["plan", "mixed.md", "--json"], capsys))
    first, last = body["tasks"][0], body["tasks"][-1]
    assert first["box"]["line"] == 5
    assert first["commands"][1] == {
        "text": "aws s3 ls <BUCKET>",
        "line": 6,
        "language": "",
        "placeholders": ["<BUCKET>"],
        "same_shell": False,
        "lines": [],
        "blanks": [[10, "<BUCKET>"]],
    }
    assert last["items"][0]["box"]["state"] == " "
    assert [(each["code"], each["line"], each["column"]) for each in body["findings"]] == [("malformed-box", 22, 3)]
    assert [each["code"] for each in body["not_tasks"]] == ["hidden-box"]


@pytest.mark.parametrize("verb", ["plan", "run"])
def test_strict_refuses_warnings_and_changes_nothing(
    verb: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = shown([verb, "mixed.md", "--strict"], capsys, code=2)
    assert "mixed.md:22:3: malformed-box" in said
    assert "- [] 4. Malformed\n        ^" in said
    assert not (place / ".phasegate").exists()


def test_a_title_that_says_optional_is_not_said_so_twice(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "tasks.md").write_text(
        "- [ ]* 1. Warm up (optional)\n- [ ] 2. (Optional) Look\n- [ ]* 3. Rest\n- [ ] 4. Go\n"
    )
    assert run(["plan", "tasks.md"]) == 0
    titles = [line for line in capsys.readouterr().out.splitlines() if line[:2] in ("1 ", "2 ", "3 ", "4 ")]
    assert titles == ["1 Warm up (optional)", "2 (Optional) Look", "3 Rest (optional)", "4 Go"]


def test_strict_takes_a_runbook_with_notes(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "notes.md").write_text("- [ ] 2. B\n- [ ] 1. A\n")
    assert "note: id 1 follows 2 [decreasing-id]" in shown(["plan", "notes.md", "--strict"], capsys)


def test_a_strangers_control_signs_do_not_reach_the_terminal(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "red.md").write_text("# \x1b[31mRed\n- [ ] 1. \x1b]0;title\x07 A\n- [] \x1b[2J\n")
    assert "\x1b" not in shown(["plan", "red.md"], capsys)
    assert "\x1b" not in shown(["plan", "red.md", "--strict"], capsys, code=2)


def test_a_shape_that_does_not_fit_is_refused_with_what_was_expected(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "list.md").write_text("- [ ] 1. A\n")
    assert "no phase: expected headings like" in shown(["plan", "list.md", "--as", "phases"], capsys, code=2)
    assert "'story' is not one of" in shown(["plan", "list.md", "--as", "story"], capsys, code=2)


@pytest.mark.slow
def test_a_run_remembers_the_shape_it_was_asked_to_read(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["run", "phases.md", "--as", "checklist"]) == 3
    (journal,) = place.glob(".phasegate/*/journal.jsonl")
    start = json.loads(journal.read_bytes().split(b"\n")[0])
    assert start["as"] == "checklist"
    assert [task["key"] for task in start["tasks"]] == ["phase_1_a", "phase_2_b"]
    with monkeypatch.context() as as_robot:
        as_robot.setenv("GIT_AUTHOR_NAME", "Robot")
        as_robot.setenv("GIT_AUTHOR_EMAIL", "robot@example.com")
        assert run(["done", "--no-files", "--box", "1=yes"]) == 0
    capsys.readouterr()
    status = json.loads(shown(["status", "--json"], capsys))
    assert run(["approve", "--digest", status["waiting_for"]["digest"]]) == 0
    assert run(["resume"]) == 3
    log = subprocess.run(["git", "log", "--format=%s"], check=True, capture_output=True, text=True).stdout
    assert log.splitlines() == ["phases: Phase 1: A", "Runbooks"]
    assert run(["audit"]) == 0
    assert "plan-differs" not in capsys.readouterr().out


@pytest.mark.slow
def test_a_run_in_the_recognised_shape_records_none(place: Path) -> None:
    assert run(["run", "phases.md"]) == 3
    (journal,) = place.glob(".phasegate/*/journal.jsonl")
    assert "as" not in json.loads(journal.read_bytes().split(b"\n")[0])
