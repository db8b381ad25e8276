"""Which file is taken for a runbook, and what is said of what was not taken from it?"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from state.errors import BadInput
from state.model import Command
from tests.worlds.sources import ROOT
from workflow.cli.main import run
from workflow.engine.commit_message import commit_message
from workflow.runbook.reader import read_runbook
from workflow.runs.load_plan import load_plan
from workflow.views.left_out import WORDS, left_out

TWO = "# Two\n\n- [ ] 1. First\n- [ ] 2. Second\n"
DROPPED = "# D\n\n## Legend\n- [ ] open\n- [x] done\n\n## Work\n- [ ] 1. A\n- [] 2. B\n\n## Rollback\n- [ ] undo\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q", "-b", "main"], check=True)
    return tmp_path


def commit_all() -> None:
    for words in (
        ["config", "user.name", "Ada"],
        ["config", "user.email", "a@b.c"],
        ["add", "-A"],
        ["commit", "-qm", "x"],
    ):
        subprocess.run(["git", *words], check=True)


@pytest.mark.parametrize("name", ["RUNBOOK.MD", "Plan.Markdown", "a.md", "b.markdown"])
def test_a_markdown_file_is_known_by_its_extension_in_either_case(place: Path, name: str) -> None:
    (place / name).write_text(TWO)
    found = load_plan(place, name, None)
    assert (found.workflow.name, [task.id for task in found.plan.tasks]) == (Path(name).stem, ["1", "2"])


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("tasks.md", "tasks"),
        ("my plan.md", "my plan"),
        (".kiro/specs/login/tasks.md", "kiro-specs-login-tasks"),
        ("openspec/changes/add-x/tasks.md", "openspec-changes-add-x-tasks"),
        ("docs/v1.2/Plan B.MD", "docs-v1.2-Plan-B"),
        ("文档/计划.md", "文档-计划"),
    ],
)
def test_a_runbook_is_called_by_its_path(place: Path, path: str, name: str) -> None:
    (place / path).parent.mkdir(parents=True, exist_ok=True)
    (place / path).write_text(TWO)
    found = load_plan(place, path, None)
    assert (found.workflow.name, found.plan.name) == (name, name)
    assert found.workflow.log == f"artifacts/{name}/working_log.md"
    assert commit_message(found.plan, found.plan.tasks[0]) == f"{name} task 1: First"


def test_a_message_that_the_runbook_spells_out_stays_as_it_is(place: Path) -> None:
    (place / "specs").mkdir()
    (place / "specs/tasks.md").write_text('- [ ] 1. A\n  - **COMMIT**: with message "task 1: A"\n- [ ] 2. B\n')
    plan = load_plan(place, "specs/tasks.md", None).plan
    assert [commit_message(plan, task) for task in plan.tasks] == ["task 1: A", "specs-tasks task 2: B"]


@pytest.mark.slow
def test_two_runbooks_of_one_name_run_beside_each_other(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for each in ("login", "export"):
        (place / "specs" / each).mkdir(parents=True)
        (place / "specs" / each / "tasks.md").write_text(TWO)
    commit_all()
    assert run(["run", "specs/login/tasks.md"]) == 3
    assert run(["run", "specs/export/tasks.md"]) == 3
    assert len(list(place.glob(".phasegate/specs-*-tasks-*/journal.jsonl"))) == 2
    assert run(["run", "specs/export/tasks.md"]) == 2
    assert "is not finished" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["tasks", "task*"])
def test_a_rule_for_the_files_name_is_refused_where_it_would_govern_nothing(
    place: Path, capsys: pytest.CaptureFixture[str], rule: str
) -> None:
    (place / "specs").mkdir()
    (place / "specs/tasks.md").write_text(TWO)
    (place / "phasegate.yaml").write_text(f'gates:\n  - gate: "1"\n    workflow: "{rule}"\n    approvers: 2\n')
    commit_all()
    assert run(["run", "specs/tasks.md"]) == 2
    said = capsys.readouterr().err
    assert "has rules for tasks, and specs/tasks.md is called specs-tasks" in said
    assert " phasegate.yaml   # write workflow: specs-tasks" in said
    assert not (place / ".phasegate").exists()


def test_a_pipe_is_refused_and_not_waited_for(place: Path) -> None:
    os.mkfifo(place / "p.md")
    with pytest.raises(BadInput, match=r"p\.md is refused: expected a regular file, seen a FIFO"):
        load_plan(place, "p.md", None)


def test_a_device_is_refused(place: Path) -> None:
    (place / "tasks.md").write_text(TWO)
    (place / "p.md").symlink_to("/dev/zero")
    with pytest.raises(BadInput, match="lies outside of the repository"):
        load_plan(place, "p.md", None)


def test_a_workflow_does_not_run_another_document_of_the_same_name_by_hand(place: Path) -> None:
    (place / "tasks.md").write_text(TWO)
    with pytest.raises(
        BadInput, match=r"tasks\.md has none of stage-06's tasks: expected 1\.1 .* seen 1 'First' on line 3"
    ):
        load_plan(place, "stage-06", None)
    assert len(load_plan(place, "tasks.md", None).plan.tasks) == 2


def test_a_workflow_runs_its_runbook_with_some_of_its_tasks_changed(place: Path) -> None:
    own = load_plan(place, "stage-06", None, or_own=True)
    last = own.plan.tasks[-1]
    (place / "tasks.md").write_bytes(own.data.replace(last.title.encode(), b"Something else"))
    found = load_plan(place, "stage-06", None)
    assert found.workflow.step_for(found.plan.tasks[-1]) is None


def test_what_is_in_no_state_is_said_in_a_few_lines_with_the_numbers_of_the_lines() -> None:
    plan = read_runbook(DROPPED.encode(), name="d", path="d.md")
    assert left_out(plan, "phasegate plan d.md") == [
        "d.md: not taken as a task:",
        "  line 9: a box that is written wrongly (malformed-box)",
        "  lines 4-5: a box of no task (section-item)",
        "  lines 11-12: for the rollback only (way-back)",
        "  each with its reason: phasegate plan d.md",
    ]


def test_each_reason_has_its_words() -> None:
    text = "".join(path.read_text() for path in (ROOT / "workflow" / "runbook").glob("*.py"))
    codes = set(re.findall(r"leave_out\(\s*\"([a-z-]+)\"", text))
    assert {*codes, "malformed-box"} == WORDS.keys()


def test_nothing_is_said_of_a_runbook_that_was_taken_whole() -> None:
    assert left_out(read_runbook(TWO.encode(), name="d", path="d.md"), "phasegate plan d.md") == []


@pytest.mark.slow
def test_run_repeats_what_plan_lists_and_records_the_grammar(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "d.md").write_text(DROPPED)
    commit_all()
    assert run(["plan", "d.md"]) == 0
    listed = capsys.readouterr().out
    assert all(f"d.md:{line}:" in listed for line in (4, 5, 9, 11, 12))
    assert run(["plan", "d.md", "--strict"]) == 2
    assert "section-item: a box under 'Legend' is no task: open" in capsys.readouterr().err
    assert run(["run", "d.md"]) == 3
    assert "  lines 4-5: a box of no task (section-item)\n" in capsys.readouterr().err
    (journal,) = place.glob(".phasegate/*/journal.jsonl")
    assert json.loads(journal.read_bytes().split(b"\n")[0])["grammar"] == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- [ ] 1.1\n- [ ] 2. B\n", "p task 1.1: 1.1"),
        ("- [ ]\n- [ ] 2. B\n", "p: Untitled task"),
        ("# Checklist\n## T-24h\n- [ ] a\n", "p: T-24h"),
        ("# Checklist\n##\n- [ ] a\n", "p: Untitled section"),
        ("- [ ] 1. A \x07 b\n- [ ] 2. B\n", "p task 1: A   b"),
    ],
    ids=["an id alone", "nothing", "a time", "an empty heading", "a bell"],
)
def test_a_commit_has_a_subject_that_git_keeps(text: str, message: str) -> None:
    plan = read_runbook(text.encode(), name="p", path="p.md")
    assert commit_message(plan, plan.tasks[0]) == message == message.strip()


def test_a_template_that_ends_in_a_blank_does_not_make_a_subject_that_does() -> None:
    plan = read_runbook(TWO.encode(), name="p", path="p.md")
    assert commit_message(plan, plan.tasks[0], "{id} {title} ") == "1 First"


def test_a_variable_of_the_environment_is_filled_in() -> None:
    command = Command("echo $A ${B} <C>", 1, "", ("$A", "${B}", "<C>"))
    assert command.unfilled({}) == ("$A", "${B}", "<C>")
    assert command.unfilled({"A": "1"}) == ("${B}", "<C>")
    assert command.unfilled({"A": "", "B": "", "C": ""}) == ("<C>",)
