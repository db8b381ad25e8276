"""Work that people do: handed in, looked at, approved and committed with exactly the files they named."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from phases.manual.hand_work import command_question
from state.errors import BadInput, StepFailed, Waiting
from state.model import PlannedTask
from tests.worlds.run_world import RunWorld
from workflow.engine.engine import Engine, Settings
from workflow.ports import Doors, HandIn, HandView, Note, Pause, Reject
from workflow.views.review_page import review_page

HUT = b"""# Build a hut

- [ ] 1. Lay the floor
  - [ ] 1.1 Saw the boards
    - Count them with `ls boards`
    - Then `rm boards/old` and `cat [which].txt`
  - [ ]* 1.2 Sand them
- [ ] 2. Checkpoint - all tests pass
- [ ] 3. Roof
"""
ADA, ROBOT = "Ada <ada@example.com>", "Robot <robot@example.com>"
COMMANDS = ["shed task 1.1: Saw the boards", "shed task 1.2: Sand them"]


class HutWorld(RunWorld):
    """The person answers every question of the hut; `saw` leaves boards as somebody at work would."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, runbook=HUT)
        self.person.answers = {
            "t1-1-command-1": "run",
            "t1-1-command-2": "skip",
            "t1-1-command-3": "skip",
            "test-command": "test -d boards",
        }
        self.who = ADA

    def doors(self) -> Doors:
        return replace(super().doors(), by={"git": self.who, "user": "ada", "host": "here"})

    def saw(self, *names: str, text: str = "oak\n") -> None:
        (self.root / "boards").mkdir(exist_ok=True)
        for name in names:
            (self.root / "boards" / name).write_text(text)

    def files_of(self, commit: str) -> set[str]:
        """What a commit changed, the run's own files apart."""
        changed = self.git("show", "--name-only", "--format=", commit).split()
        return {path for path in changed if not path.startswith((".phasegate/", "artifacts/")) and path != "tasks.md"}


@pytest.fixture
def world(tmp_path: Path) -> HutWorld:
    return HutWorld(tmp_path)


def handed_in(*paths: str) -> HandIn:
    return HandIn(paths, "prompt")


def first_task(world: HutWorld, settings: Settings | None = None) -> None:
    """Start, and let the person stop at the first task that asks for work."""
    world.person.works.insert(0, Pause())
    with world.start(settings) as engine, pytest.raises(Waiting, match="to be done by hand"):
        engine.drive()


def checks_of(engine: Engine, key: str) -> dict[str, str]:
    worked = engine.run.task(key).worked
    assert worked is not None
    return {check.name: check.verdict for check in worked.checks}


@pytest.mark.slow
def test_the_commit_holds_the_files_that_were_named_and_no_others(world: HutWorld) -> None:
    (world.root / "diary.txt").write_text("dear diary\n")
    first_task(world)
    world.saw("a", "b")
    (world.root / "diary.txt").write_text("dear diary, boards\n")
    world.person.works = [handed_in("boards/a")]
    with world.reopen() as engine:
        engine.segment()
    assert world.files_of("HEAD") == {"boards/a"}
    assert world.git("status", "--porcelain", "-u").split() == ["??", "boards/b", "??", "diary.txt"]


def test_what_is_shown_as_changed_is_what_changed_since_the_task_began(world: HutWorld) -> None:
    (world.root / "before.txt").write_text("dirty before\n")
    (world.root / "touched.txt").write_text("dirty before\n")
    seen: list[list[str]] = []

    def look(view: HandView) -> None:
        seen.append(list(view.changed()))
        seen.append([line for line in view.diff(["boards/a"]).splitlines() if line.startswith("+oak")])

    first_task(world)
    world.saw("a")
    (world.root / "touched.txt").write_text("and since\n")
    world.saw("committed")
    world.git("add", "boards/committed")
    world.git("commit", "-q", "-m", "Somebody else's", "--", "boards/committed")
    world.person.works = [look]  # type: ignore[list-item]
    with world.reopen() as engine, pytest.raises(Waiting):
        engine.drive()
    assert seen == [["boards/a", "boards/committed", "touched.txt"], ["+oak"]]


def test_a_file_that_the_work_removed_is_committed_as_removed(world: HutWorld) -> None:
    world.saw("old")
    world.git("add", "boards")
    world.git("commit", "-q", "-m", "Old boards")
    first_task(world)
    (world.root / "boards/old").unlink()
    world.saw("a")
    world.person.works = [handed_in("boards")]
    with world.reopen() as engine:
        engine.segment()
        artifacts = engine.run.task("t1_1").worked.artifacts  # type: ignore[union-attr]
    assert {each.path: each.sha256 for each in artifacts}["boards/old"] == "missing"
    assert world.git("show", "--name-status", "--no-renames", "--format=", "HEAD", "--", "boards").split() == [
        "A",
        "boards/a",
        "D",
        "boards/old",
    ]


def test_a_file_edited_after_it_was_handed_in_voids_the_approval(world: HutWorld) -> None:
    first_task(world)
    world.saw("a")
    world.person.works = [handed_in("boards"), Pause()]

    def edit_then_approve(_view: object) -> object:
        world.saw("a", text="pine\n")
        return world.person.__class__().review(_view)  # type: ignore[arg-type]

    world.person.verdicts = [edit_then_approve]  # type: ignore[list-item]
    with world.reopen() as engine, pytest.raises(Waiting, match="by hand"):
        engine.drive()
    assert world.subjects() == []
    assert "voided: boards/a was" in engine.run.task("t1_1").refusals[0]


def test_only_what_a_person_says_is_run_and_its_output_is_kept(world: HutWorld) -> None:
    first_task(world)
    world.saw("a", "old")
    world.person.works = [handed_in("boards/a")]
    with world.reopen() as engine:
        engine.segment()
        assert checks_of(engine, "t1_1") == {
            "command 1: ls boards": "pass",
            "command 2: rm boards/old": "not-checked",
            "command 3: cat [which].txt": "not-checked",
            "files that changed": "note",  # boards/old, which nobody named
        }
    report = world.git("show", "HEAD:artifacts/shed/t1_1_commands.md")
    assert "## `ls boards`" in report
    assert "Exit 0" in report
    assert "old" in report
    assert (world.root / "boards/old").exists()


def test_a_placeholder_of_a_command_that_is_not_run_is_not_asked_for(world: HutWorld) -> None:
    world.saw("a")
    world.person.works = [handed_in()]
    with world.start() as engine:
        engine.segment()
    assert [name for name, _ in world.person.asked] == ["t1-1-command-1", "t1-1-command-2", "t1-1-command-3"]


def test_failed_tests_close_the_gate_and_the_task_is_worked_anew(world: HutWorld) -> None:
    world.saw("a")
    world.person.works = [handed_in(), HandIn((), "prompt", "they are smooth")]
    world.person.answers["test-command"] = "test -d roof"
    with world.start() as engine, pytest.raises(StepFailed, match="1 of 1 checks failed"):
        engine.drive()
    (world.root / "roof").mkdir()
    world.person.works = [handed_in()]
    with world.reopen() as engine:
        engine.segment()
        assert engine.run.task("t2").attempt == 2


@pytest.mark.slow
def test_a_resumed_run_neither_asks_for_the_work_again_nor_for_its_answers(world: HutWorld) -> None:
    first_task(world)
    world.saw("a")
    world.person.works = [handed_in("boards")]
    world.person.verdicts = [Pause()]
    with world.reopen() as engine, pytest.raises(Waiting, match="waits for approval"):
        engine.drive()
    world.person.asked.clear()
    world.person.works = [lambda view: pytest.fail(f"asked again for {view.task.label}")]
    with world.reopen() as engine:
        engine.segment()
    assert world.person.asked == []
    assert world.subjects() == COMMANDS[:1]


@pytest.mark.slow
def test_a_rejected_task_is_to_be_done_again_and_its_first_changes_still_count(world: HutWorld) -> None:
    first_task(world)
    world.saw("a")
    world.person.works = [handed_in("boards"), handed_in("boards")]
    world.person.verdicts = [Reject("too short")]
    with world.reopen() as engine:
        engine.segment()
        assert engine.run.task("t1_1").attempt == 2
    assert world.files_of("HEAD") == {"boards/a"}


@pytest.mark.slow
def test_an_optional_task_is_skipped_with_a_reason_its_box_stays_open(world: HutWorld) -> None:
    world.saw("a")
    world.person.works = [handed_in(), HandIn((), "prompt", "they are smooth")]
    with world.start() as engine:
        engine.segment()
        engine.segment()
    assert world.subjects() == [COMMANDS[0], f"{COMMANDS[1]} (skipped)"]
    page = review_page(world.person.views[-1])
    assert "It is left out: approving says that it may be." in page
    assert "they are smooth" in page
    assert world.boxes() == "xx   "  # 1 closes with 1.1, its last required child
    log = (world.root / "artifacts/shed/working_log.md").read_text()
    assert "they are smooth" in log
    with world.reopen() as engine:
        engine.drive()
    assert world.boxes() == "xx xx"
    assert world.git("status", "--porcelain", "--", "tasks.md", ".phasegate") == ""


def test_a_required_task_cannot_be_skipped(world: HutWorld) -> None:
    world.person.works = [HandIn((), "prompt", "no time")]
    with world.start() as engine, pytest.raises(BadInput, match=r"1\.1 is not optional"):
        engine.drive()


@pytest.mark.slow
def test_a_checkpoint_runs_the_projects_tests_and_asks_for_the_command_once(world: HutWorld) -> None:
    world.saw("a")
    world.git("add", "boards")
    world.git("commit", "-q", "-m", "Boards")
    with world.start() as engine:
        engine.drive()
        assert checks_of(engine, "t2") == {"tests": "pass"}
    assert [name for name, _ in world.person.asked].count("test-command") == 1
    assert "test -d boards" in (world.root / "artifacts/shed/t2_commands.md").read_text()


@pytest.mark.slow
def test_the_policy_file_says_the_test_command_and_the_commit_message(world: HutWorld) -> None:
    (world.root / "phasegate.yaml").write_text('tests: "test -f tasks.md"\ncommit: "build({id}): {title}"\n')
    world.git("add", "phasegate.yaml")
    world.git("commit", "-q", "-m", "Policy")
    world.saw("a")
    with world.start() as engine:
        engine.drive()
    assert [name for name, _ in world.person.asked].count("test-command") == 0
    assert world.subjects()[1:] == [
        "build(1.1): Saw the boards",
        "build(1.2): Sand them",
        "build(2): Checkpoint - all tests pass",
        "build(3): Roof",
    ]


def test_a_note_at_the_work_prompt_is_kept_and_the_question_comes_again(world: HutWorld) -> None:
    world.saw("a")
    world.person.works = [Note("the saw is blunt"), handed_in()]
    with world.start() as engine:
        engine.segment()
    assert "the saw is blunt" in (world.root / "artifacts/shed/working_log.md").read_text()


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("boards/none", "is not there"),
        ("tasks.md", "is phasegate's own to write"),
        ("artifacts/shed/working_log.md", "is phasegate's own to write"),
    ],
    ids=["a file that is not there", "the runbook", "the working log"],
)
def test_a_path_that_cannot_belong_is_refused_and_nothing_is_recorded(world: HutWorld, path: str, why: str) -> None:
    first_task(world)
    world.saw("a")
    world.person.works = [handed_in("boards/a", path)]
    with world.reopen() as engine:
        before = engine.journal.path.read_bytes()
        with pytest.raises(BadInput, match=why):
            engine.drive()
        assert engine.journal.path.read_bytes() == before


def test_an_ignored_file_and_a_link_are_refused_by_name(world: HutWorld) -> None:
    (world.root / ".gitignore").write_text("*.secret\n")
    world.git("add", ".gitignore")
    world.git("commit", "-q", "-m", "Ignore")
    first_task(world)
    (world.root / "key.secret").write_text("k\n")
    (world.root / "link").symlink_to("tasks.md")
    world.person.works = [handed_in("key.secret", "link")]
    with world.reopen() as engine, pytest.raises(BadInput) as refused:
        engine.drive()
    assert "link: is a symbolic link" in str(refused.value)


def test_a_directory_is_what_changed_in_it_a_star_is_a_star(world: HutWorld) -> None:
    first_task(world)
    world.saw("a", "*", "b c")
    world.person.works = [handed_in("boards")]
    with world.reopen() as engine:
        engine.segment()
    done = subprocess.run(
        ["git", "-C", str(world.root), "show", "--name-only", "-z", "--format=", "HEAD", "--", "boards"],
        check=True,
        capture_output=True,
    )
    assert set(done.stdout.split(b"\0")) - {b""} == {b"boards/a", b"boards/*", b"boards/b c"}


def test_yes_in_the_sandbox_hands_in_nothing(world: HutWorld) -> None:
    world.person.absent = True
    world.saw("a")
    with world.start(Settings(yes=True, practice=True, answers={"test-command": "true"})) as engine:
        engine.drive()
    assert world.boxes() == "xxxxx"
    assert world.git("status", "--porcelain").split() == ["??", "boards/"]


def test_changes_that_nobody_spoke_of_are_told_before_anything_is_handed_in(world: HutWorld) -> None:
    first_task(world)
    world.saw("a")
    with world.reopen() as engine:
        before = engine.journal.path.read_bytes()
        with pytest.raises(BadInput, match=r"1 file changed since task 1\.1 began.*\n.*boards/a"):
            engine.hand_in(HandIn(None, "done"), {})
        assert engine.journal.path.read_bytes() == before


def test_what_phasegate_wrote_itself_is_nobodys_work(world: HutWorld) -> None:
    seen: list[list[str]] = []
    first_task(world)
    world.saw("a")
    world.person.works = [handed_in("boards"), lambda view: seen.append(list(view.changed()))]  # type: ignore[list-item, func-returns-value]
    world.person.verdicts = [Reject("again")]
    with world.reopen() as engine, pytest.raises(Waiting):
        engine.drive()
    assert (world.root / "artifacts/shed/t1_1_commands.md").exists()
    assert seen == [["boards/a"]]


@pytest.mark.slow
def test_the_next_task_and_other_commits_may_go_on_with_a_file_that_was_handed_in(
    world: HutWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")  # before the journal's clock, as the work was
    first_task(world)
    world.saw("a")
    world.person.works = [handed_in("boards"), HandIn((), "prompt", "smooth"), Pause()]
    with world.reopen() as engine, pytest.raises(Waiting):
        engine.drive(lambda task: task.id == "2")
        engine.drive()
    world.saw("a", text="painted\n")
    world.git("commit", "-q", "-a", "-m", "Paint")
    world.saw("a", text="painted twice\n")
    world.person.works = [handed_in("boards")]
    with world.reopen() as engine:
        engine.drive()
        assert engine.complete
    assert world.files_of("HEAD") == {"boards/a"}


@pytest.mark.slow
def test_who_hands_in_by_a_command_may_not_approve_it(world: HutWorld) -> None:
    first_task(world)
    world.saw("a")
    answers = {"t1-1-command-1": "skip", "t1-1-command-2": "skip"}
    with world.reopen() as engine:
        state = engine.hand_in(HandIn(["boards"], "done"), answers)
        assert state.request is not None
        with pytest.raises(BadInput, match=r"Ada <ada@example\.com> ran this task"):
            engine.approve(state.request.digest, "command", by=engine.doors.me)
    world.who = "Bob <bob@example.com>"
    with world.reopen() as engine:
        engine.approve(state.request.digest, "command", by=engine.doors.me)
        engine.segment()
    assert world.subjects() == COMMANDS[:1]


@pytest.mark.slow
def test_the_work_is_whose_who_handed_it_in_whoever_takes_it_on(world: HutWorld) -> None:
    first_task(world)
    world.saw("a")
    world.person.absent, world.who = True, ROBOT
    with world.reopen() as engine, pytest.raises(Waiting, match="Run `ls boards`"):
        engine.hand_in(HandIn(["boards"], "done"), {})
    world.person.absent, world.who = False, ADA
    with world.reopen() as engine:
        with pytest.raises(BadInput, match=r"Ada .* ran this task"):  # she had its commands run
            engine.segment()
        assert engine.run.task("t1_1").worked.by.git == ROBOT  # type: ignore[union-attr]


def test_the_second_checkpoint_runs_what_was_answered_at_the_first(tmp_path: Path) -> None:
    world = RunWorld(tmp_path, runbook=b"# Two\n\n- [ ] 1. Checkpoint - tests\n- [ ] 2. Checkpoint - again\n")
    world.person.answers = {"test-command": "true"}
    with world.start() as engine:
        engine.drive()
    assert [name for name, _ in world.person.asked] == ["test-command"]


def test_a_command_that_may_write_is_not_run_by_enter(world: HutWorld) -> None:
    reads, writes = (command_question(_first_of(world), number) for number in (1, 2))
    assert (reads.suggest, reads.default) == (True, "run")
    assert (writes.suggest, writes.default) == (False, "skip")
    assert "It may change something" in writes.text


def _first_of(world: RunWorld) -> PlannedTask:
    return world.target().plan.tasks[0]


@pytest.mark.slow
def test_what_is_handed_in_elsewhere_while_the_question_stands_counts_and_the_later_word_does_not(
    world: HutWorld,
) -> None:
    first_task(world)
    world.saw("a", "b")

    def meanwhile(_view: HandView) -> HandIn:
        here, world.who = world.who, ROBOT
        with world.reopen() as other:
            other.hand_in(HandIn(["boards/a"], "done"), {"t1-1-command-1": "skip", "t1-1-command-2": "skip"})
        world.who = here
        return handed_in("boards/b")

    world.person.works = [meanwhile]
    with world.reopen() as engine:
        engine.segment()
        assert list(world.events(engine)).count("handed-in") == 1
    assert world.files_of("HEAD") == {"boards/a"}
