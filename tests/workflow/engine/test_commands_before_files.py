"""Commands first, then the files, then the page: what commands write can be handed in, and stays as it was shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from phases.step import StepContext
from state.errors import BadInput, StepFailed, Waiting
from state.event_types import CommitIntended, HandedIn
from tests.worlds.journals import journal_bytes
from tests.worlds.run_world import RunWorld
from workflow.engine.engine import Engine, Settings
from workflow.ports import Doors, HandIn, HandView, Pause

RUNBOOK = b"""# Make a table

- [ ] 1. Saw the legs
  - First `sh saw.sh`
- [ ] 2. Checkpoint - it stands
- [ ] 3. Sell it
"""
RUN = {"t1-command-1": "run"}
ADA, ROBOT = "Ada <ada@example.com>", "Robot <robot@example.com>"


class Workshop(RunWorld):
    """The command of task 1 writes `legs.txt` anew and `shavings.txt` beside it."""

    def __init__(self, root: Path, tests: str = "true") -> None:
        super().__init__(root, runbook=RUNBOOK)
        self.who = ADA
        self.person.answers = {**RUN, "test-command": tests}
        self.write("saw.sh", "echo sawn >> legs.txt\necho dust > shavings.txt\n")
        self.git("add", "saw.sh")
        self.git("commit", "-q", "-m", "A saw")

    def doors(self) -> Doors:
        return replace(super().doors(), by={"git": self.who, "user": "x", "host": "here"})

    def write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text)

    def begins(self) -> None:
        """Task 1 waits for its work; nobody is there, as with `phasegate done`."""
        self.person.works = [Pause()]
        with self.start() as engine, pytest.raises(Waiting):
            engine.drive()
        self.person.absent = True

    def hands_in(self, given: HandIn, answers: dict[str, str] | None = None) -> None:
        self.who = ROBOT
        with self.reopen() as engine:
            engine.hand_in(given, RUN if answers is None else answers)
        self.who = ADA

    def commits(self) -> dict[str, str]:
        """What the waiting task's commit holds, once it is approved: path -> content."""
        self.person.absent = False
        with self.reopen() as engine:
            engine.segment()
            intent = next(each for each in reversed(engine.journal.events) if isinstance(each, CommitIntended))
        held = [path for path in intent.objects() if not path.startswith((".phasegate/", "artifacts/", "tasks.md"))]
        return {path: self.git("show", f"HEAD:{path}") for path in held}


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def of_type(engine: Engine, kind: type[HandedIn]) -> list[HandedIn]:
    return [event for event in engine.journal.events if isinstance(event, kind)]


def voided(world: RunWorld) -> bool:
    return any("void" in line for line in world.person.lines)


@pytest.mark.slow
def test_a_command_that_changes_what_is_handed_in_changes_it_before_it_is_shown(shop: Workshop) -> None:
    shop.begins()
    shop.write("legs.txt", "four\n")
    shop.hands_in(HandIn(["legs.txt"], "done"))
    assert shop.commits() == {"legs.txt": "four\nsawn\n"}
    assert not voided(shop)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("paths", "held"),
    [
        (["shavings.txt"], {"shavings.txt": "dust\n"}),
        (["."], {"legs.txt": "sawn\n", "shavings.txt": "dust\n"}),
    ],
    ids=["by name", "by its directory"],
)
def test_what_only_the_command_writes_can_be_handed_in(shop: Workshop, paths: list[str], held: dict[str, str]) -> None:
    shop.begins()
    shop.hands_in(HandIn(paths, "done"))
    assert shop.commits() == held


@pytest.mark.slow
def test_a_directory_brings_what_the_command_adds_to_it(shop: Workshop) -> None:
    shop.begins()
    shop.write("legs.txt", "four\n")
    shop.hands_in(HandIn(["."], "done"))
    assert shop.commits() == {"legs.txt": "four\nsawn\n", "shavings.txt": "dust\n"}


def test_a_file_that_nobody_writes_is_refused_before_anything_is_run(shop: Workshop) -> None:
    """No command is asked for, so nothing can come any more."""
    shop.begins()
    before = journal_bytes(shop.root / f".phasegate/{shop.run_id}/journal.jsonl")
    with pytest.raises(BadInput) as refusal:
        shop.hands_in(HandIn(["shavings.txt"], "done"), {"t1-command-1": "skip"})
    assert "is not there" in str(refusal.value.problems[0])
    assert journal_bytes(shop.root / f".phasegate/{shop.run_id}/journal.jsonl") == before


@pytest.mark.slow
def test_files_of_which_nothing_was_said_are_asked_for_after_the_command(shop: Workshop) -> None:
    shop.begins()
    with pytest.raises(BadInput, match="2 files changed since task 1 began") as refusal:
        shop.hands_in(HandIn(None, "done"))
    assert "--path legs.txt" in refusal.value.next_command
    shop.hands_in(HandIn(["legs.txt"], "done"))
    assert shop.commits() == {"legs.txt": "sawn\n"}  # it was run once


def test_what_nobody_names_is_on_the_page(shop: Workshop) -> None:
    shop.begins()
    shop.hands_in(HandIn([], "done"))
    with shop.reopen() as engine:
        worked = engine.run.task("t1").worked
        assert worked is not None
        (note,) = [check for check in worked.checks if check.name == "files that changed"]
    assert (note.verdict, note.seen) == (
        "note",
        "legs.txt, shavings.txt: nobody named them, so they stay out of the commit",
    )


def test_at_a_terminal_the_files_are_asked_for_again(shop: Workshop) -> None:
    seen: list[list[str]] = []

    def name_all(view: HandView) -> HandIn:
        seen.append(list(view.changed()))
        return HandIn(seen[-1], "prompt")

    shop.person.works = [name_all, name_all]
    with shop.start() as engine:
        engine.segment()
        assert [event.paths for event in of_type(engine, HandedIn)] == [("legs.txt", "shavings.txt")]
    assert seen == [[], ["legs.txt", "shavings.txt"]]
    assert any("changed legs.txt, shavings.txt: name the files again" in line for line in shop.person.lines)
    assert shop.git("show", "HEAD:legs.txt") == "sawn\n"


@pytest.mark.slow
def test_a_checkpoint_whose_tests_write_files_asks_whose_they_are(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, tests="echo 1 > report.txt")
    shop.begins()
    shop.hands_in(HandIn([], "done"), {"t1-command-1": "skip"})
    shop.person.absent = False
    shop.person.works = [Pause()]
    with shop.reopen() as engine, pytest.raises(Waiting, match="is to be done by hand"):
        engine.drive()
    shop.person.works = [lambda view: HandIn(view.changed(), "prompt")]
    with shop.reopen() as engine:
        engine.segment()
    assert shop.git("show", "HEAD:report.txt") == "1\n"
    assert "checkpoint" in shop.subjects()[-1].lower()


@pytest.mark.slow
def test_a_checkpoint_whose_tests_write_nothing_asks_for_nothing(shop: Workshop) -> None:
    shop.begins()
    shop.hands_in(HandIn([], "done"), {"t1-command-1": "skip"})
    shop.person.absent = False
    with shop.reopen() as engine:
        engine.drive(until=lambda task: task.kind == "checkpoint")
        assert [event.via for event in of_type(engine, HandedIn)] == ["done", "checkpoint"]


def test_a_step_whose_own_command_changes_what_it_wrote_has_failed(tmp_path: Path) -> None:
    """It would be shown with one digest, and lie there with another."""
    world = RunWorld(tmp_path)
    steps = world.steps

    def steps_with_a_late_command() -> object:
        first, *rest = steps()
        run = first.run

        def late(ctx: StepContext) -> object:
            work = run(ctx)
            ctx.run("echo pink > artifacts/shed/colour.md")
            return work

        return (
            type(first)(**{**{name: getattr(first, name) for name in first.__dataclass_fields__}, "run": late}),
            *rest,
        )

    world.steps = steps_with_a_late_command  # type: ignore[method-assign, assignment]
    with world.start(Settings(answers={"colour": "green"})) as engine:
        with pytest.raises(StepFailed, match="1 of its files were changed after it had written them") as failure:
            engine.segment()
        assert failure.value.problems[0].where == "artifacts/shed/colour.md"
        assert engine.run.task("t1_1").status == "failed"
