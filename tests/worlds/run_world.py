"""A small world to run whole runs in: a real repository with a runbook of three tasks, a scripted person, fixed time.

    world = RunWorld(tmp_path)
    with world.start() as engine: engine.drive()          # the person approves everything
    with world.reopen() as engine: ...                    # as a new process would

Git and commands are real; what is posted is written down (`world.posted`).
The steps: 1.1 asks for a colour, does what `world.during` says, and writes a file, 1.2 makes something outside
(`world.outside`), 2.1 is manual.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typing_extensions import TypedDict

from phases.aws import AwsPort
from phases.recorded import Line
from phases.step import AfterCrash, Check, Question, Share, Step, StepContext, Work, Workflow, step
from state.files import Disk
from state.run_state import RunState
from tests.worlds.repositories import first_commit
from workflow.doors.commands import CommandDoor
from workflow.doors.git.step_git import StepGitDoor
from workflow.engine.engine import Doors, Engine, Settings
from workflow.ports import Approve, Elsewhere, HandIn, HandView, Note, Pause, ReviewView, StepDoors, Verdict
from workflow.runbook.reader import read_runbook
from workflow.runs.begin import start
from workflow.runs.load_plan import RunTarget
from workflow.runs.reopen import reopen
from workflow.runs.start_rollback import start_rollback
from workflow.views.box_view import BoxesView, BoxSaid, BoxWord, LeftOpen

RUNBOOK = b"""# Paint the shed

- [ ] 1. Prepare
  - [ ] 1.1 Choose a colour
    - Ask which
    - **COMMIT**: Commit with message "shed task 1.1: Choose a colour"
  - [ ] 1.2 Order the paint
    - **COMMIT**: Commit with message "shed task 1.2: Order the paint"
- [ ] 2. Paint
  - [ ] 2.1 Paint the walls
"""
COLOUR = Question("colour", "Which colour?", default="green", choices=("green", "red"))


class Colour(TypedDict):
    """Left by 1.1."""

    colour: Line


class Order(TypedDict):
    """What came of 1.2's effect."""

    order: Line


@dataclass
class FakeClock:
    """Time goes on by a second whenever somebody looks."""

    at: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    nonces: int = 0

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def nonce(self) -> str:
        self.nonces += 1
        return f"nonce-{self.nonces}"

    def suffix(self) -> str:
        return "0a1b2c3d"

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def wait_until(self, when: datetime) -> None:
        self.at = max(self.at, when)


@dataclass
class FakePerson:
    """Answers from a script; when that is empty, approves and says yes of each box that takes one, unless `absent`.

    `at_terminal` is what the doors say of the terminal at which the script is, or was, typed.
    """

    answers: dict[str, str] = field(default_factory=lambda: {"colour": "green"})
    verdicts: list[Verdict | BaseException | Callable[[ReviewView], Verdict]] = field(default_factory=list)
    works: list[HandIn | Note | Pause | Elsewhere | Callable[[HandView], HandIn | None]] = field(default_factory=list)
    box_words: list[BoxSaid | BaseException | None] = field(default_factory=list)
    boxes_seen: list[BoxesView] = field(default_factory=list)
    absent: bool = False
    at_terminal: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    views: list[ReviewView] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def ask(self, question: Question, suggestion: str | None) -> tuple[str, str] | None:
        if self.absent:
            return None
        self.asked.append((question.name, suggestion))
        self.questions.append(question.text)
        return self.answers.get(question.name) or (question.default or ""), "prompt"

    def review(self, view: ReviewView) -> Verdict | None:
        self.views.append(view)
        if self.verdicts:
            verdict = self.verdicts.pop(0)
            if isinstance(verdict, BaseException):
                raise verdict
            return verdict(view) if callable(verdict) else verdict
        return None if self.absent else Approve("prompt")

    def work(self, view: HandView) -> HandIn | Note | Pause | Elsewhere | None:
        if self.works:
            said = self.works.pop(0)
            return said(view) if callable(said) else said
        return HandIn((), "prompt")

    def boxes(self, view: BoxesView) -> BoxSaid | None:
        self.boxes_seen.append(view)
        if self.box_words:
            said = self.box_words.pop(0)
            if isinstance(said, BaseException):
                raise said
            return said
        if self.absent:
            return None
        return LeftOpen(view.number) if view.number in view.in_vain else BoxWord(view.number, "attested")

    def working(self) -> AbstractContextManager[None]:
        return nullcontext()

    def lent(self) -> AbstractContextManager[None]:
        return nullcontext()

    def progress(self, text: str) -> None:
        self.lines.append(text)

    output = progress

    def waiting(self, text: str, share: Share | None = None) -> None: ...


class RunWorld:
    """See the module."""

    def __init__(self, root: Path, *, runbook: bytes = RUNBOOK, disk: Disk | None = None) -> None:
        self.root = root / "repo"
        self.clock = FakeClock()
        self.person = FakePerson()
        self.disk = disk or Disk()
        self.outside: list[str] = []
        self.failing: list[Check] = []
        self.seen_outside = "in stock"
        self.sandbox = True
        self.posted: list[tuple[str, Mapping[str, Any]]] = []
        self.during: Callable[[StepContext], object] = lambda _ctx: None
        self.run_id = ""
        self.root.mkdir()
        (self.root / "tasks.md").write_bytes(runbook)
        first_commit(self.root)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(self.root), *arguments], check=True, capture_output=True, text=True)
        return done.stdout

    def commit_checks(self, text: str, path: str = "tasks.checks.yaml") -> None:
        """The checks beside the runbook, committed: a run is judged by no others."""
        (self.root / path).write_text(text)
        self.git("add", "--", path)
        self.git("commit", "-qm", f"Checks: {path}", "--", path)

    def subjects(self) -> list[str]:
        """Subjects of the commits since the start, oldest first."""
        return self.git("log", "--reverse", "--format=%s").splitlines()[1:]

    @property
    def workflow(self) -> Workflow:
        return Workflow(
            name="shed",
            summary="paint a shed",
            runbook="tasks.md",
            runbook_text=lambda: RUNBOOK,
            log="artifacts/shed/working_log.md",
            steps=self.steps(),
            rollback=self.back(),
        )

    def back(self) -> tuple[Step, ...]:
        """The workflow's own steps for the way back; without any it is gone by hand."""
        return ()

    def steps(self) -> tuple[Step, ...]:
        @step("1.1", "Choose a colour", writes=["artifacts/shed/colour.md"], after_crash=AfterCrash.REDO)
        def choose_colour(ctx: StepContext) -> Work:
            """Ask for the colour and write it down."""
            colour = ctx.ask(COLOUR)
            self.during(ctx)
            ctx.write("artifacts/shed/colour.md", f"{colour}\n")
            checks = [Check("is a colour", "a colour", colour, "pass"), *self.failing]
            return Work(checks=checks, data={"colour": colour})

        @step("1.2", "Order the paint", after_crash=AfterCrash.ASK_THE_WORLD, witness=lambda _: self.witness())
        def order_paint(ctx: StepContext) -> Work:
            """Order paint of the chosen colour."""
            order = f"{ctx.data('1.1', Colour)['colour']} paint, order {ctx.run_id}-{ctx.attempt}"

            def act() -> dict[str, str]:
                self.outside.append(order)
                return {"order": order}

            done = ctx.effect(
                "order", {"order": order}, act, lambda: {"order": order} if order in self.outside else None, Order
            )
            return Work(data=done)

        return choose_colour, order_paint

    def witness(self) -> Mapping[str, str]:
        return {"paint": self.seen_outside}

    def doors(self) -> Doors:
        def connect() -> AwsPort:
            raise AssertionError("this world has no AWS")

        by = {"git": "Ada <ada@example.com>", "user": "ada", "host": "here"}
        git = StepGitDoor(self.root)
        steps = StepDoors(CommandDoor(grace=0.1), git, self.post)
        return Doors(git, self.disk, self.clock, self.person, connect, by, steps=steps)

    def post(self, url: str, body: Mapping[str, Any]) -> int:
        self.posted.append((url, body))
        return 200

    def target(self) -> RunTarget:
        data = (self.root / "tasks.md").read_bytes()
        return RunTarget(read_runbook(data, name="shed", path="tasks.md"), self.workflow, data)

    @contextmanager
    def start(self, settings: Settings | None = None) -> Iterator[Engine]:
        engine = start(
            self.root,
            self.target(),
            self.doors(),
            settings or Settings(),
            sandbox=self.sandbox,
            git_dir=self.root / ".git",
        )
        self.run_id = engine.run.run_id
        with engine.journal:
            yield engine

    @contextmanager
    def reopen(self, settings: Settings | None = None, *, work: bool = True) -> Iterator[Engine]:
        def doors(_run: RunState) -> Doors:
            return self.doors()

        engine = reopen(
            self.root,
            self.run_id,
            doors,
            settings or Settings(),
            git_dir=self.root / ".git",
            find=lambda _name: self.workflow,
            disk=self.disk,
        )
        with engine.journal:
            if work:
                engine.recover()
            yield engine

    @contextmanager
    def start_rollback(self, reason: str = "it leaks", settings: Settings | None = None) -> Iterator[Engine]:
        """The run as `phasegate rollback` has it, in a new process, before the first step of the way back."""
        with self.reopen(settings, work=False) as engine:
            engine.recover(to_roll_back=True)
            yield start_rollback(engine, reason)

    def statuses(self, engine: Engine) -> list[str]:
        return [engine.run.task(task.key).status for task in engine.plan.tasks]

    def boxes(self) -> str:
        """The state bytes of the runbook, in order."""
        lines = (self.root / "tasks.md").read_text().splitlines()
        return "".join(line.split("[", 1)[1][0] for line in lines if "- [" in line)

    def events(self, engine: Engine) -> Sequence[str]:
        return [event.type for event in engine.journal.events]
