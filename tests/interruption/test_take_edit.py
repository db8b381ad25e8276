"""A runbook edited under its run: the edit can be taken, what is done stays, and nothing is committed unseen."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phases.step import Question
from state.errors import Waiting
from state.files import Disk
from tests.worlds.command_world import YES, CommandWorld, Told
from tests.worlds.journals import file_with, last_file
from tests.worlds.run_world import RUNBOOK, RunWorld
from workflow.audit import audit_workspace
from workflow.doors.terminal import Terminal
from workflow.ports import HandIn, Pause, ReviewView
from workflow.runs import apply_runbook_edit as taking
from workflow.service import resume

pytestmark = pytest.mark.slow
Edit = Callable[[bytes], bytes]

MORE = b"  - [ ] 2.2 Let it dry\n    - A day\n"
EDITED = RUNBOOK.replace(b"2.1 Paint the walls", b"2.1 Paint the walls twice") + MORE


def put(old: bytes, new: bytes) -> Edit:
    def edit(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return edit


def edit(root: Path, *edits: Edit) -> bytes:
    path = root / "tasks.md"
    data = path.read_bytes()
    for each in edits:
        data = each(data)
    path.write_bytes(data)
    return data


def later(data: bytes) -> bytes:
    """An edit that touches only what is to come."""
    return put(b"2.1 Paint the walls", b"2.1 Paint the walls twice")(data) + MORE


@pytest.fixture
def world(tmp_path: Path) -> CommandWorld:
    """Two of three tasks are committed."""
    world = CommandWorld(tmp_path)
    world.up_to("1.2")
    return world


def sound(root: Path) -> None:
    (audit,) = audit_workspace(root, None)
    assert (audit.findings, audit.state) == ([], "complete")


def refused(world: CommandWorld, *arguments: str) -> Told:
    before = world.files()
    told = world("resume", *arguments)
    assert told.code == 2, told.error
    assert world.files() == before
    return told


def test_an_edit_of_what_is_to_come_is_taken_and_the_run_goes_by_it(world: CommandWorld, tmp_path: Path) -> None:
    edited = edit(world.root, later)
    assert f"phasegate resume {world.run_id} --take-edit" in refused(world).error
    told = world("resume", "--take-edit")
    assert told.code == 3
    assert f"{world.run_id}: the edit of tasks.md is taken, and kept as runbook-2.md" in told.error
    world.hand_in()
    page = world("status", "--review").out
    assert "+  - [ ] 2.1 Paint the walls twice" in page
    assert "+  - [ ] 2.2 Let it dry" in page
    assert "[x]" not in "".join(
        line for line in page.splitlines() if line.startswith(("> +", "> -"))
    )  # marks are no edit
    assert world("resume", "--yes", "--practice").code == 0

    body = json.loads(world("status", "--json").out)
    assert [task["title"] for task in body["tasks"]][2:] == ["Paint the walls twice", "Let it dry"]
    assert (body["state"], body["progress"]) == ("complete", {"done": 4, "total": 4})
    assert world.subjects()[2:] == ["tasks task 2.1: Paint the walls twice", "tasks task 2.2: Let it dry"]
    assert (world.root / "tasks.md").read_bytes() == EDITED.replace(b"[ ]", b"[x]")
    copy = f".phasegate/{world.run_id}/runbook-2.md"
    assert (world.root / copy).read_bytes() == edited
    assert world.git("log", "--format=%s", "--", copy).splitlines() == [world.subjects()[2]]
    assert world.git("status", "--porcelain") == ""
    assert "runbook-taken                 runbook-2.md, 4 tasks, by Ada" in world("log").out
    sound(world.root)
    bare = tmp_path / "bare"
    subprocess.run(["git", "clone", "-q", "--bare", str(world.root), str(bare)], check=True)
    sound(bare)


@pytest.mark.parametrize("which", ["a task is added", "a task is removed", "the order is changed"])
def test_what_has_not_begun_may_come_go_and_move(tmp_path: Path, which: str) -> None:
    world = CommandWorld(tmp_path, runbook=EDITED)
    world.up_to("1.1")
    lines = {name: EDITED[EDITED.index(name) :].split(b"\n")[0] + b"\n" for name in (b"  - [ ] 2.1", b"  - [ ] 2.2")}
    edits = {
        "a task is added": put(b"- [ ] 2. Paint", b"  - [ ] 1.3 Buy brushes\n- [ ] 2. Paint"),
        "a task is removed": put(lines[b"  - [ ] 2.1"], b""),
        "the order is changed": lambda data: put(b"- [ ] 2. Paint\n", b"- [ ] 2. Paint\n" + lines[b"  - [ ] 2.2"])(
            put(lines[b"  - [ ] 2.2"], b"")(data)
        ),
    }
    edit(world.root, edits[which])
    assert world("resume", "--take-edit", "--yes", "--practice").code == 0
    assert world.git("status", "--porcelain") == ""
    assert b"[ ]" not in (world.root / "tasks.md").read_bytes()
    sound(world.root)


REFUSED: dict[str, tuple[Edit, str]] = {
    "the text of a done task": (put(b"Ask which", b"Ask nobody"), "task 1.1: it is done, and the edit changes it"),
    "the title of a done task": (put(b"1.2 Order", b"1.2 Buy"), "task 1.2: it is done, and the edit changes it"),
    "the message of a done task": (
        put(b'"shed task 1.2: Order', b'"shed task 1.2: Buy'),
        "task 1.2: it is done, and the edit changes it",
    ),
    "a done task removed": (
        lambda data: data[: data.index(b"  - [x] 1.2")] + data[data.index(b"- [ ] 2. Paint") :],
        "task 1.2: it is done, and the edit removes it",
    ),
    "a task before a done one": (
        put(b"  - [x] 1.2", b"  - [ ] 1.15 Wait\n  - [x] 1.2"),
        "task 1.2: it is done, and the edit moves it",
    ),
    "a child more for a done parent": (
        put(b"- [ ] 2. Paint", b"  - [ ] 1.3 Buy brushes\n- [ ] 2. Paint"),
        "task 1.2: it is done, and the edit changes it, or what is ticked with it",
    ),
    "a done box unticked": (put(b"[x] 1.1", b"[ ] 1.1"), "task 1.1: its box is not ticked, and it is done"),
    "an open box ticked": (put(b"[ ] 2.1", b"[x] 2.1"), "task 2.1: its box is ticked, and it is not done"),
    "nothing left to do": (
        lambda data: data[: data.index(b"- [ ] 2. Paint")],
        "no task is left to do, and an edit rides in a task's commit",
    ),
    "a box that nobody can tick": (put(b"[ ] 2.1", b"[?] 2.1"), "the box of 2.1 is '?'"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_edit_of_what_is_done_is_refused_with_the_tasks_and_nothing_is_written(
    world: CommandWorld, what: str
) -> None:
    change, said = REFUSED[what]
    edit(world.root, change)
    told = refused(world, "--take-edit")
    assert "what was approved and committed stays what it was" in told.error
    assert said in told.error
    assert not (world.root / f".phasegate/{world.run_id}/runbook-2.md").exists()


def test_all_tasks_that_an_edit_touches_are_named_at_once(world: CommandWorld) -> None:
    edit(world.root, put(b"Ask which", b"Ask nobody"), put(b"1.2 Order", b"1.2 Buy"), put(b"[ ] 2.1", b"[x] 2.1"))
    told = refused(world, "--take-edit")
    assert [told.error.count(f"task {task}:") for task in ("1.1", "1.2", "2.1")] == [1, 1, 1]


def test_a_runbook_that_no_plan_can_be_read_from_is_refused(world: CommandWorld) -> None:
    (world.root / "tasks.md").write_text("# Nothing to do\n")
    refused(world, "--take-edit")


def test_without_an_edit_there_is_nothing_to_take(world: CommandWorld) -> None:
    assert "tasks.md was not edited" in refused(world, "--take-edit").error


def test_an_edit_that_a_person_committed_by_themselves_is_refused(world: CommandWorld) -> None:
    edit(world.root, later)
    world.git("commit", "-q", "-m", "My edit", "tasks.md")
    assert "tasks.md in HEAD is not as the run left it" in refused(world, "--take-edit").error
    world.git("reset", "-q", "--soft", "HEAD~1")
    assert world("resume", "--take-edit", "--yes", "--practice").code == 0
    sound(world.root)


def test_a_run_that_is_over_takes_no_edit(world: CommandWorld) -> None:
    assert world("resume", "--yes", "--practice").code == 0
    edit(world.root, later)
    assert "is over: complete; no edit can ride in a commit of it" in refused(world, "--take-edit").error


def waiting(world: CommandWorld) -> str:
    """The digest that waits for its approval, once the work is handed in."""
    world.hand_in()
    return str(json.loads(world("status", "--json").out)["waiting_for"]["digest"])[:7]


@pytest.mark.parametrize("approved", [False, True], ids=["while it waits", "when it is approved"])
def test_the_task_that_was_shown_is_voided_and_shown_again_with_the_edit(world: CommandWorld, approved: bool) -> None:
    assert world("resume").code == 3
    digest = waiting(world)
    if approved:
        assert world("approve", "--digest", digest).code == 0
    edit(world.root, put(b"2.1 Paint the walls", b"2.1 Paint the walls\n    - Twice"))
    assert world("resume", "--take-edit").code == 3
    assert "tasks.md was edited, and the edit is taken into the run" in world("log").out
    again = waiting(world)
    assert again != digest
    assert world("approve", "--digest", digest).code == 2
    assert "+    - Twice" in world("status", "--review").out
    assert world("approve", "--digest", again).code == 0
    assert world("resume").code == 0
    sound(world.root)


def test_a_task_under_way_keeps_its_name_and_place(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path)
    assert world("run", "tasks.md", "--sandbox").code == 3
    edit(world.root, put(b"1.1 Choose a colour", b"1.1 Choose a shade"))
    assert "task 1.1: it is under way, and the edit changes its id, title or kind" in refused_after_void(world)
    edit(world.root, put(b"1.1 Choose a shade", b"1.1 Choose a colour"), put(b"Ask which", b"Ask nobody"))
    assert world("resume", "--take-edit", "--yes", "--practice").code == 0
    sound(world.root)


def refused_after_void(world: CommandWorld) -> str:
    told = world("resume", "--take-edit")
    assert told.code == 2
    return told.error


def test_no_policy_opens_the_gate_of_a_task_with_an_edit(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)
    (world.root / "phasegate.yaml").write_text("gates:\n  - gate: '1.1'\n    opened_by_policy: true\n")
    world.git("add", ".")
    world.git("commit", "-q", "-m", "Policy")
    world.person.absent = True
    with world.start() as engine, pytest.raises(Waiting, match="asks: Which colour"):
        engine.segment()
    edit(world.root, later)
    with world.reopen(work=False) as engine:
        taking.apply_runbook_edit(engine)
    world.person.absent = False
    world.person.verdicts = [Pause()]
    with world.reopen() as engine, pytest.raises(Waiting, match=r"task 1\.1 waits for approval"):
        engine.segment()
    with world.reopen() as engine:
        engine.drive()
    sound(world.root)


class AtTerminal(Terminal):
    """Stands in for the door to the terminal, in which somebody gives this answer."""

    def __init__(self, answer: str) -> None:
        super().__init__(interactive=False)
        self.answer = answer
        self.asked: list[Question] = []

    def ask(self, question: Question, suggestion: str | None) -> tuple[str, str] | None:
        self.asked.append(question)
        assert suggestion == resume.LEAVE  # Enter alone takes nothing
        return self.answer, "prompt"


@pytest.mark.parametrize("answer", [resume.TAKE, resume.LEAVE])
def test_in_a_terminal_it_is_asked_for_after_the_difference_was_shown(
    world: CommandWorld, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    edit(world.root, later)
    person = AtTerminal(answer)
    monkeypatch.setattr("workflow.cli.order.terminal", lambda **_asked: person)
    told = world("resume", "--yes", "--practice")
    (question,) = person.asked
    assert "+  - [ ] 2.2 Let it dry" in question.text
    assert told.code == (0 if answer == resume.TAKE else 2)
    assert (len(world.subjects()) == 4) is (answer == resume.TAKE)


@pytest.mark.parametrize("answer", [resume.TAKE, resume.LEAVE])
def test_a_run_that_began_here_asks_as_one_that_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    world = CommandWorld(tmp_path)
    person = AtTerminal(answer)

    def work(_view: object) -> HandIn | Pause:
        if b"Let it dry" in (world.root / "tasks.md").read_bytes():
            return Pause()
        edit(world.root, later)
        return HandIn((), "prompt")

    monkeypatch.setattr(person, "work", work)
    monkeypatch.setattr("workflow.cli.order.terminal", lambda **_asked: person)
    told = world("run", "tasks.md")
    (question,) = person.asked
    assert "+  - [ ] 2.2 Let it dry" in question.text
    assert told.code == (3 if answer == resume.TAKE else 2), told.error
    assert ("is taken, and kept as runbook-2.md" in told.error) is (answer == resume.TAKE)


def test_a_run_with_a_task_more_is_not_over_after_the_last_one_it_began_with(world: CommandWorld) -> None:
    edit(world.root, later)
    assert world("resume", "--take-edit", "--yes", "--practice", "--until", "2.1").code == 0
    told = world("run", "tasks.md", *YES)
    assert (told.code, f"run {world.run_id} of tasks.md (tasks) is not finished" in told.error) == (2, True)


def test_two_edits_before_a_commit_are_both_shown_and_both_ride_in_it(world: CommandWorld) -> None:
    edit(world.root, later)
    assert world("resume", "--take-edit").code == 3
    edit(world.root, put(b"A day", b"A week"))
    assert world("resume", "--take-edit").code == 3
    world.hand_in()
    page = world("status", "--review").out
    assert page.index("+  - [ ] 2.2 Let it dry") < page.index("-    - A day") < page.index("+    - A week")
    assert world("resume", "--yes", "--practice").code == 0
    changed = world.git("show", "--name-only", "--format=", "HEAD~1").split()
    assert {path for path in changed if "runbook-" in path} == {
        f".phasegate/{world.run_id}/runbook-{number}.md" for number in (2, 3)
    }
    sound(world.root)


def test_an_edit_can_be_taken_at_every_task(tmp_path: Path) -> None:
    world = CommandWorld(tmp_path, runbook=EDITED)
    world.up_to("1.1")
    for task, old, new in (("1.2", b"Paint\n", b"Paint it\n"), ("2.1", b"A day", b"A week"), ("2.2", b"week", b"year")):
        edit(world.root, put(old, new))
        assert world("resume", "--take-edit", "--yes", "--practice", "--until", task).code == 0
    assert len(list(world.root.glob(".phasegate/*/runbook*.md"))) == 4
    sound(world.root)


def test_a_run_that_is_aborted_with_an_edit_commits_no_edit(world: CommandWorld) -> None:
    edit(world.root, later)
    assert world("resume", "--take-edit").code == 3
    assert world("abort", "--reason", "no").code == 0
    assert "tasks.md" in world.git("status", "--porcelain")
    assert "runbook-2.md" not in world.git("show", "--name-only", "--format=", "HEAD")
    (audit,) = audit_workspace(world.root, None)
    assert (audit.findings, audit.state) == ([], "aborted")
    clone = world.root.parent / "clone"
    world.git("clone", "-q", str(world.root), str(clone))
    (audit,) = audit_workspace(clone, None)
    assert (audit.findings, audit.state) == ([], "aborted")
    assert "uncommitted-edit" in {limit.code for limit in audit.unprovable}


def test_a_copy_that_was_changed_is_refused_and_brought_back(world: CommandWorld) -> None:
    edit(world.root, later)
    assert world("resume", "--take-edit").code == 3
    copy = world.root / f".phasegate/{world.run_id}/runbook-2.md"
    copy.write_bytes(RUNBOOK)
    told = world("resume", "--yes", "--practice")
    assert (told.code, "is not the runbook that run" in told.error) == (1, True)
    world.type(told.next)
    assert world("resume", "--yes", "--practice").code == 0
    sound(world.root)


def test_a_copy_that_git_knows_is_not_removed_with_an_older_journal(world: CommandWorld) -> None:
    edit(world.root, later)
    assert world("resume", "--take-edit", "--yes", "--practice", "--until", "2.1").code == 0
    last_file(world.journal).unlink()
    before = world.files()
    told = world("resume")
    assert (told.code, "knows nothing of 1 commit of its run" in told.error) == (1, True)
    assert world.files() == before


def test_the_first_copy_stays_looked_at_after_an_edit(world: CommandWorld) -> None:
    edit(world.root, later)
    assert world("resume", "--take-edit").code == 3
    (world.root / f".phasegate/{world.run_id}/runbook.md").write_bytes(EDITED)
    assert "runbook.md is not the runbook that run" in world("resume", "--yes", "--practice").error


def test_a_process_whose_question_stands_stops_when_an_edit_is_taken_elsewhere(tmp_path: Path) -> None:
    world = RunWorld(tmp_path)

    def elsewhere(_view: ReviewView) -> Pause:
        edit(world.root, later)
        with RunWorld.reopen(world, work=False) as other:
            taking.apply_runbook_edit(other)
        return Pause()

    world.person.verdicts = [elsewhere]
    with world.start() as engine, pytest.raises(Waiting, match="goes on elsewhere, with an edit of its runbook"):
        engine.drive()
    with world.reopen() as engine:
        engine.drive()
        assert [task.title for task in engine.plan.tasks][-1] == "Let it dry"
    sound(world.root)


class DyingDisk(Disk):
    """Dies before or after its `at`-th move; the file system keeps what was done."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.at, self.after, self.moves = at, after, 0

    def _move(self, act: Callable[[], Any]) -> Any:
        self.moves += 1
        if self.moves == self.at and not self.after:
            raise KeyboardInterrupt
        done = act()
        if self.moves == self.at:
            raise KeyboardInterrupt
        return done

    def _write(self, handle: int, data: bytes) -> None:
        self._move(lambda: super(DyingDisk, self)._write(handle, data))

    def _sync(self, handle: int) -> None:
        self._move(lambda: super(DyingDisk, self)._sync(handle))

    def _rename(self, source: Path, target: Path) -> None:
        self._move(lambda: super(DyingDisk, self)._rename(source, target))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_write_while_it_is_taken_it_is_taken_once(tmp_path: Path, after: bool) -> None:
    """The task that waits is voided, the copy written, the event appended: a point each, and all their syncs."""
    ends = set()
    for at in range(1, 12):
        root = tmp_path / str(at)
        root.mkdir()
        world = RunWorld(root)
        world.person.verdicts = [Pause()]
        with world.start() as engine, pytest.raises(Waiting):
            engine.drive()
        edit(world.root, later)
        world.disk = disk = DyingDisk(at + 2, after=after)  # opening the run syncs its journal, and names its holder
        died = False
        try:
            with world.reopen(work=False) as engine:
                taking.apply_runbook_edit(engine)
        except KeyboardInterrupt:
            died = True
        world.disk = Disk()
        with world.reopen(work=False) as engine:
            if len(engine.run.runbook_versions) == 1:
                assert not (world.root / f".phasegate/{world.run_id}/runbook-2.md").exists()
                taking.apply_runbook_edit(engine)
        with world.reopen() as engine:
            engine.drive()
            events = [event.type for event in engine.journal.events]
        assert (events.count("voided"), events.count("runbook-taken")) == (1, 1)
        assert world.git("status", "--porcelain") == ""
        sound(world.root)
        ends.add(world.git("rev-parse", "HEAD^{tree}:tasks.md"))
        if not died:
            break
    assert (len(ends), died) == (1, False)
    assert disk.moves >= 8


class TestAudit:
    """The audit accepts exactly this edit at exactly that commit."""

    def audited(self, world: RunWorld) -> list[str]:
        (audit,) = audit_workspace(world.root, None)
        return [f"{finding.code} {finding.message}" for finding in audit.findings]

    def taken(self, root: Path, change: Edit = later) -> RunWorld:
        world = RunWorld(root)
        with world.start() as engine:
            engine.segment()
        edit(world.root, change)
        with world.reopen(work=False) as engine:
            engine.resolve_commit()
            taking.apply_runbook_edit(engine)
        return world

    def test_an_edit_that_is_not_committed_yet_is_no_finding(self, tmp_path: Path) -> None:
        world = self.taken(tmp_path)
        assert self.audited(world) == []
        clone = tmp_path / "clone"
        world.git("clone", "-q", str(world.root), str(clone))
        world.root = clone
        assert self.audited(world) == []

    def test_more_than_the_edit_in_its_commit_is_found(self, tmp_path: Path) -> None:
        world = self.taken(tmp_path)
        with world.reopen() as engine:
            engine.segment()
        edit(world.root, put(b"A day", b"A week"))
        world.git("commit", "-q", "--amend", "--no-edit", "tasks.md")
        assert [said for said in self.audited(world) if said.startswith("runbook-edited tasks.md:")]

    def test_the_edit_in_a_commit_of_somebody_is_found(self, tmp_path: Path) -> None:
        world = self.taken(tmp_path)
        world.git("commit", "-q", "-m", "Mine", "tasks.md")
        with world.reopen() as engine:
            engine.drive()
        assert [said for said in self.audited(world) if said.startswith("runbook-edited tasks.md:")]

    def test_an_edit_of_the_working_tree_besides_it_is_found(self, tmp_path: Path) -> None:
        world = self.taken(tmp_path)
        edit(world.root, put(b"A day", b"A week"))
        assert [said for said in self.audited(world) if "in the working tree" in said]

    def test_a_changed_copy_is_found(self, tmp_path: Path) -> None:
        world = self.taken(tmp_path)
        with world.reopen() as engine:
            engine.drive()
        (world.root / f".phasegate/{world.run_id}/runbook-2.md").write_bytes(RUNBOOK)
        assert any(said.startswith("runbook-copy-differs") for said in self.audited(world))

    def test_an_edit_of_a_done_task_is_found_though_a_run_took_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(taking, "edit_problems", lambda *_: [])
        world = self.taken(tmp_path, put(b"Ask which", b"Ask nobody"))
        with world.reopen() as engine:
            engine.drive()
        said = "runbook-edited the edit taken by Ada <ada@example.com>: tasks.md:4: task 1.1: it is done, and the edit"
        assert [each for each in self.audited(world) if each.startswith(said)]

    def test_an_edit_that_nobody_was_shown_is_found(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("workflow.engine.task_execution.edits_to_show", lambda *_: ({}, [], []))
        world = self.taken(tmp_path)
        with world.reopen() as engine:
            engine.drive()
        assert any("was committed without having been put before the approver" in said for said in self.audited(world))

    def test_a_plan_that_is_not_the_edits_is_found(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        world = self.taken(tmp_path)
        journal = file_with(world.root / f".phasegate/{world.run_id}/journal.jsonl", b'"title":"Let it dry"')
        journal.write_bytes(journal.read_bytes().replace(b'"title":"Let it dry"', b'"title":"Let it wet"'))
        assert any("plan-differs the tasks that the journal names" in said for said in self.audited(world))
