"""Fields of a task done by hand are filled in, in a real repository: asked, shown, committed; nothing else changes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from state.errors import BadAnswer, BadInput, RunbookEdited, StepFailed, Waiting
from state.files import Disk
from tests.worlds.run_world import RunWorld
from workflow.audit import audit_workspace
from workflow.engine.engine import Settings
from workflow.ports import HandIn, HandView
from workflow.runs.apply_runbook_edit import apply_runbook_edit
from workflow.service.open_run import recover
from workflow.views.review_page import review_page

pytestmark = pytest.mark.slow

RUNBOOK = b"""# Release

- [ ] 1. Deploy
  - Deployed by: ____, Date: __________
  - __bold__ and ___emphasis___ and `____` stay
  ```text
  echo ____
  ```
- [ ] 2. Write down: ____
  | What | Owner | Value |
  |------|-------|-------|
  | Ring | ___   | ____ |
- [ ] 3. Close
"""
ANSWERS = {"t2-field-1": "1.4", "t2-field-2": "Ada|Bob", "t2-field-3": ""}


class FieldWorld(RunWorld):
    """The person gives these answers, and takes what is suggested."""

    def __init__(self, root: Path, runbook: bytes = RUNBOOK) -> None:
        super().__init__(root, runbook=runbook)
        self.person.answers = dict(ANSWERS)

    def text(self) -> bytes:
        return (self.root / "tasks.md").read_bytes()

    def findings(self) -> list[str]:
        (found,) = audit_workspace(self.root, self.run_id, anchor=None)
        return [f"{each.code}: {each.message}" for each in found.findings]


@pytest.fixture
def world(tmp_path: Path) -> FieldWorld:
    return FieldWorld(tmp_path)


def after_first(runbook: bytes = RUNBOOK) -> bytes:
    first = runbook.replace(b"by: ____, Date: __________", b"by: Ada, Date: 2026-01-02")
    return first.replace(b"[ ] 1.", b"[x] 1.")


def after_second(runbook: bytes = RUNBOOK) -> bytes:
    second = after_first(runbook).replace(b"down: ____", b"down: 1.4").replace(b"| ___   |", rb"| Ada\|Bob   |")
    return second.replace(b"[ ] 2.", b"[x] 2.")


@pytest.mark.parametrize("runbook", [RUNBOOK, RUNBOOK.replace(b"\n", b"\r\n")], ids=["lf", "crlf"])
def test_only_the_underscores_of_fields_change(tmp_path: Path, runbook: bytes) -> None:
    world = FieldWorld(tmp_path, runbook)
    with world.start() as engine:
        engine.segment()
        assert world.text() == after_first(runbook)
        engine.drive()
    assert world.text() == after_second(runbook).replace(b"[ ] 3.", b"[x] 3.")
    assert world.git("status", "--porcelain") == ""
    assert world.findings() == []


def test_what_the_run_knows_is_suggested_and_the_rest_asked_for(world: FieldWorld) -> None:
    with world.start() as engine:
        engine.drive()
    assert world.person.asked == [
        ("t1-field-1", "Ada"),
        ("t1-field-2", "2026-01-02"),
        ("t2-field-1", ""),
        ("t2-field-2", ""),
        ("t2-field-3", ""),
    ]


def test_the_page_shows_each_field_with_its_value_and_the_digest_covers_it(world: FieldWorld) -> None:
    with world.start() as engine:
        engine.drive()
    section = review_page(world.person.views[1]).split("### Fields (3)")[1].split("###")[0]
    assert [line.strip("> ") for line in section.strip().splitlines()] == [
        "- line 9, 2. Write down: `1.4`",
        "- line 12, Ring: Owner: `Ada|Bob`",
        "- line 12, Ring: left open",
    ]


@pytest.mark.parametrize("value", ["a\nb", " a", "____", "__", "a ___ b", "\x1b[31m", "`", "<!-- a", "x" * 201, "\\"])
def test_a_value_that_would_change_more_than_its_field_is_refused(world: FieldWorld, value: str) -> None:
    world.person.answers["t2-field-1"] = value
    with world.start() as engine, pytest.raises(BadAnswer, match="answer to t2-field-1 refused"):
        engine.drive()
    assert world.text() == after_first()


def test_a_value_that_is_a_secret_is_refused_and_in_no_file(world: FieldWorld) -> None:
    secret = "AKIA" + "IOSFODNN7EXAMPLE"
    world.person.answers["t2-field-1"] = f"key {secret}"
    with world.start() as engine, pytest.raises(BadInput, match="secret"):
        engine.drive()
    assert [path for path in world.root.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()] == []


def test_without_a_terminal_all_that_is_missing_is_named_with_commands_that_give_it(world: FieldWorld) -> None:
    world.person.absent, world.person.at_terminal = True, False
    with world.start(Settings(answers={"t1-field-2": "today"})) as engine, pytest.raises(Waiting) as waits:
        engine.drive()
    assert "task 1 has 1 field to fill in" in waits.value.message
    assert "t1-field-1: Deployed by?" in waits.value.message
    assert "echo 't1-field-1: Ada' >> answers.yaml" in (waits.value.next_command or "")
    assert world.text() == RUNBOOK


def test_a_rehearsal_takes_what_is_suggested_and_leaves_the_rest_open(world: FieldWorld) -> None:
    with world.start(Settings(yes=True, practice=True)) as engine:
        engine.drive()
    text = world.text()
    assert b"by: Ada, Date: 2026-01-02" in text and b"down: ____\n" in text
    assert world.findings() == []


def test_a_process_that_dies_between_two_answers_asks_for_the_second_only(world: FieldWorld) -> None:
    def dies(_engine: object) -> str:
        raise KeyboardInterrupt

    ask = world.person.ask
    world.person.ask = lambda q, s: dies(q) if q.name == "t2-field-2" else ask(q, s)  # type: ignore
    with world.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.drive()
    world.person.asked.clear()
    world.person.ask = ask  # type: ignore[method-assign]
    with world.reopen() as engine:
        engine.drive()
    assert [name for name, _suggestion in world.person.asked] == ["t2-field-2", "t2-field-3"]
    assert world.text() == after_second().replace(b"[ ] 3.", b"[x] 3.")
    assert world.findings() == []


class DyingDisk(Disk):
    """Dies before, or after, it has replaced a file of this name."""

    def __init__(self, name: str, *, after: bool) -> None:
        super().__init__()
        self.name, self.after = name, after

    def write_atomic(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        if path.name == self.name and not self.after:
            raise KeyboardInterrupt
        super().write_atomic(path, data, sync=sync)
        if path.name == self.name:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("name", ["tasks.md", "working_log.md"])
def test_a_kill_between_answer_and_commit_fills_in_once(world: FieldWorld, name: str, after: bool) -> None:
    world.disk = DyingDisk(name, after=after)
    with world.start() as engine, pytest.raises(KeyboardInterrupt):
        engine.segment()
    assert world.text() == (RUNBOOK if name == "tasks.md" and not after else after_first())
    assert world.findings() == []
    world.disk = Disk()
    with world.reopen() as engine:
        engine.drive()
        assert "voided" not in world.events(engine)
    assert world.text() == after_second().replace(b"[ ] 3.", b"[x] 3.")
    assert world.findings() == []


def refused_by_a_hook(world: FieldWorld, task: int) -> None:
    """The run up to this task, which is approved, filled in, and whose commit a hook refuses."""
    with world.start() as engine:
        for _before in range(task - 1):
            engine.segment()
        hook = world.root / ".git/hooks/pre-commit"
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
        with pytest.raises(StepFailed, match="its commit was refused"):
            engine.segment()
    hook.unlink()


@pytest.mark.parametrize("runbook", [RUNBOOK, RUNBOOK.replace(b"\n", b"\r\n")], ids=["lf", "crlf"])
def test_a_rollback_empties_the_fields_of_what_it_stops_and_keeps_what_is_done(tmp_path: Path, runbook: bytes) -> None:
    world = FieldWorld(tmp_path, runbook)
    refused_by_a_hook(world, 2)
    assert world.text() == after_second(runbook)
    assert world.findings() == []
    with world.start_rollback(settings=Settings(yes=True, practice=True)) as engine:
        engine.segment()
    assert world.text() == after_first(runbook)
    assert world.findings() == []


def test_what_is_void_is_emptied_and_asked_for_again(world: FieldWorld) -> None:
    def works(_view: HandView) -> HandIn:
        (world.root / "notes.txt").write_text("one")
        return HandIn(("notes.txt",), "prompt")

    world.person.works = [HandIn((), "prompt"), works]
    refused_by_a_hook(world, 2)
    (world.root / "notes.txt").write_text("two")
    world.person.answers["t2-field-1"] = "1.5"
    with world.reopen() as engine:
        engine.drive()
        assert "voided" in world.events(engine)
    assert world.text() == after_second().replace(b"1.4", b"1.5").replace(b"[ ] 3.", b"[x] 3.")
    assert world.findings() == []


def test_a_hook_that_changes_a_value_loses_the_commit_and_what_was_filled_in(world: FieldWorld) -> None:
    hook = world.root / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nsed -i 's/\\[ \\] 2/[x] 2/; s/2026-01-02/2026-01-03/' tasks.md && git add tasks.md\n")
    hook.chmod(0o755)
    with world.start() as engine, pytest.raises(StepFailed, match="the commit was taken back"):
        engine.segment()
    hook.unlink()
    assert b"[x]" not in world.text() and b"2026-01-03" in world.text()  # that line is not as it was filled in


def test_a_hook_that_ticks_another_box_loses_the_commit_and_all_that_was_filled_in(world: FieldWorld) -> None:
    with world.start() as engine:
        engine.segment()
        hook = world.root / ".git/hooks/pre-commit"
        hook.write_text("#!/bin/sh\nsed -i 's/\\[ \\] 3/[x] 3/' tasks.md && git add tasks.md\n")
        hook.chmod(0o755)
        with pytest.raises(StepFailed, match="the commit was taken back"):
            engine.segment()
        hook.unlink()
    assert world.text() == after_first()
    with world.reopen() as engine:
        engine.drive()
    assert world.findings() == []


def edit(world: FieldWorld, old: bytes, new: bytes) -> None:
    data = world.text()
    assert old in data
    (world.root / "tasks.md").write_bytes(data.replace(old, new))


def take(world: FieldWorld) -> None:
    """As `resume --take-edit` does."""
    with world.reopen(work=False) as engine:
        with suppress(RunbookEdited):
            recover(engine, answers_too=False)
        apply_runbook_edit(engine)


def test_an_edit_is_taken_around_what_was_filled_in(world: FieldWorld) -> None:
    with world.start() as engine:
        engine.segment()
    edit(world, b"# Release\n", b"# Release\n\nRead this first.\n")
    edit(world, b"- [ ] 3. Close", b"- [ ] 3. Close: ____")
    world.person.answers["t3-field-1"] = "shut"
    take(world)
    with world.reopen() as engine:
        engine.drive()
    expected = after_second().replace(b"# Release\n", b"# Release\n\nRead this first.\n")
    assert world.text() == expected.replace(b"[ ] 3. Close", b"[x] 3. Close: shut")
    assert world.findings() == []
    shown = next(each for each in world.person.views[1].worked.review if each.title.startswith("Edit of"))
    assert "Read this first" in shown.body and "2026-01-02" not in shown.body


def test_an_edit_under_an_approved_task_does_not_take_its_values_for_text(world: FieldWorld) -> None:
    refused_by_a_hook(world, 2)
    edit(world, b"- [ ] 3. Close", b"- [ ] 3. Close it")
    take(world)
    copy = (world.root / f".phasegate/{world.run_id}/runbook-2.md").read_bytes()
    assert copy == RUNBOOK.replace(b"[ ] 1.", b"[x] 1.").replace(b"Close", b"Close it")
    with world.reopen() as engine:
        engine.drive()
    assert world.text() == after_second().replace(b"[ ] 3. Close", b"[x] 3. Close it")
    assert world.findings() == []


@pytest.mark.parametrize("new", [b"2027-01-02", b"__________", b"____"])
def test_an_edit_of_what_was_filled_in_is_refused(world: FieldWorld, new: bytes) -> None:
    with world.start() as engine:
        engine.segment()
    edit(world, b"2026-01-02", new)
    before = world.text()
    with pytest.raises(RunbookEdited), world.reopen() as engine:
        engine.drive()
    with pytest.raises(BadInput, match="stays what it was"):
        take(world)
    assert world.text() == before


def test_an_abort_leaves_what_is_done_filled_in(world: FieldWorld) -> None:
    refused_by_a_hook(world, 2)
    with world.reopen(work=False) as engine:
        engine.abort("enough")
    assert world.findings() == []


def test_nobody_is_asked_for_a_field_while_a_check_has_failed(tmp_path: Path) -> None:
    world = FieldWorld(tmp_path, b"# R\n\n## Deploy\n- [ ] Smoke tests\n- [ ] Owner: ____\n\n## Close\n- [ ] Closed\n")
    with world.start(Settings(answers={"deploy-box-1": "no"})) as engine, pytest.raises(StepFailed, match="failed"):
        engine.segment()
    assert world.person.asked == []
    world.person.answers["deploy-field-1"] = "Bob"
    with world.reopen() as engine:
        engine.drive()
    assert b"- [x] Owner: Bob\n" in world.text()
    assert world.findings() == []


def test_a_skipped_task_is_asked_for_nothing(tmp_path: Path) -> None:
    world = FieldWorld(tmp_path, b"# R\n\n- [ ] 1. Deploy: ____ (optional)\n- [ ] 2. Close\n")
    world.person.works = [HandIn((), "prompt", "not needed")]
    with world.start() as engine:
        engine.drive()
    assert world.person.asked == []
    assert b"Deploy: ____" in world.text()
    assert world.findings() == []


def test_an_edit_that_only_empties_a_field_again_is_refused(world: FieldWorld) -> None:
    with world.start() as engine:
        engine.segment()
        engine.segment()
    edit(world, b"down: 1.4", b"down: ____")
    with pytest.raises(BadInput, match="stays what it was") as refused:
        take(world)
    assert refused.value.problems[0].message == "a field that a task has filled in is empty again"
