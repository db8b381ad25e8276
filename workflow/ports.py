"""What does the engine need from outside? One small Protocol per outside thing; the doors implement them.

The disk is `state.files.Disk`; AWS is `phases.aws.AwsPort`. `Doors` is all of them, as they are handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gates.policy import GatePolicy
from phases.aws import AwsPort
from phases.step import CommandResult, Question, Share, StepGit
from state.cheap_classes import dataclass
from state.event_types import Event, RunStarted
from state.evidence import By, Evidence, Request
from state.files import Disk
from state.model import PlannedTask
from workflow.views.box_view import BoxesView, BoxSaid, BoxWord

if TYPE_CHECKING:
    from phases.elsewhere import RunsElsewhere
    from phases.manual.scripts import Script, ScriptResult
    from state.task_boxes import TaskBox
    from workflow.git_port import Git
    from workflow.views.place import Place


class Clock(Protocol):
    """Time and chance."""

    def now(self) -> datetime:
        """The time, aware, UTC."""

    def nonce(self) -> str:
        """A fresh unguessable token."""

    def suffix(self) -> str:
        """8 hex digits that no other clone draws in the same second."""

    def wait(self, seconds: float) -> None:
        """Let time pass [s]; the sandbox's returns at once. Raises KeyboardInterrupt on a signal."""

    def wait_until(self, when: datetime) -> None:
        """Wait until it is past `when`, in the sandbox, too. Raises KeyboardInterrupt on a signal."""


@dataclass(frozen=True, slots=True)
class ReviewView:
    """What is put before an approver: everything the digest covers, and how to look at the rest.

    Attributes:
        place: where in the run it is.
        worked: the evidence.
        paths: what the commit will hold.
        policy: what the gate asks for.
        approved_by: who has approved already, of several.
        diff: renders the change against HEAD when asked for.
        refusal: why whoever sits here may not approve, or "".
        may_waive: whether they may waive a box, as who may approve once all boxes are settled.
        notes: said about the task so far: `Ada <ada@example.com>: text`; they go into its entry of the working log.
        decided: whether somebody has said something elsewhere meanwhile; cheap, to be asked while the question stands.
        given_by: by question, who answered and by which way: `Ada <ada@example.com> (prompt)`.
        came_since: as Markdown, the commits of others since it was shown, which the digest is not about, or "".
        runbook_as_it_is: the runbook's path where the commit leaves it as HEAD has it, else "".
    """

    place: Place
    workflow: str
    task: PlannedTask
    request: Request
    worked: Evidence
    answers: Mapping[str, str]
    refusals: Sequence[str]
    message: str
    paths: Sequence[str]
    policy: GatePolicy
    approved_by: Sequence[str]
    diff: Callable[[], str]
    refusal: str = ""
    notes: Sequence[str] = ()
    decided: Callable[[], bool] = lambda: False
    may_waive: bool = True
    given_by: Mapping[str, str] = field(default_factory=dict)
    came_since: str = ""
    runbook_as_it_is: str = ""

    @property
    def unchanged(self) -> frozenset[str]:
        """The paths that HEAD holds already as they are: the commit does not change them."""
        committed = {entry.path for entry in self.worked.entries or () if entry.committed}
        return frozenset(committed | {self.runbook_as_it_is}).intersection(self.paths)


@dataclass(frozen=True, slots=True)
class Approve:
    """Yes, to exactly this; `via` is how it was said (`prompt`, `command`, `web`, `--yes`, `policy`)."""

    via: str


@dataclass(frozen=True, slots=True)
class Reject:
    """No; the task goes back to work."""

    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """Neither: a remark for the log."""

    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Neither: later."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Neither: the question went away, because somebody said something elsewhere."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The work is done; its commands come next, then its files are asked for."""


Verdict = Approve | Reject | Note | Pause | Elsewhere | BoxWord


ANSWERS_FILE = "answers.yaml"  # how one is called where none was given


@dataclass(frozen=True, slots=True)
class Settings:
    """How this invocation answers.

    Attributes:
        answers: by question.
        yes: in the sandbox, every default of a step is taken, and every gate of one opened.
        practice: with `yes`, this is a rehearsal: work by hand is handed in and approved by nobody as well.
        answers_file: where the answers came from, as the process sees it; "" without one.
        wait: waits are waited out here.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    yes: bool = False
    wait: bool = False
    practice: bool = False
    answers_file: str = ""

    @property
    def file_to_add_to(self) -> str:
        """The path of the answers file to add answers to: the one that was given, as it was typed."""
        return self.answers_file or ANSWERS_FILE

    def rehearses(self, *, of_0_1: bool) -> bool:
        """Whether work by hand is passed unasked. 0.1 knew no rehearsals: runs of it go on as they began."""
        return self.yes and (self.practice or of_0_1)


@dataclass(frozen=True, slots=True)
class HandIn:
    """The work of a task is done: these files belong to it, and `via` is how it was said (`prompt`, `done`, `--yes`).

    `paths` None says nothing about files: right only where none changed. With `skip`, the reason, an optional task is
    left out instead. `options`: what else was typed with it, a blank behind each option, for a command that is printed.
    """

    paths: Sequence[str] | None
    via: str
    skip: str = ""
    options: str = ""


@dataclass(frozen=True, slots=True)
class HandView:
    """A task that a person has to do.

    Attributes:
        place: where in the run it is.
        refusals: why earlier attempts ended.
        boxes: those that are answered each by itself, none in runs of format 1.
        changed: the files that changed since it began, looked at when asked for.
        diff: renders what became of these files since it began.
        decided: whether somebody has said something elsewhere meanwhile; cheap, to be asked while the question stands.
        fields: labels of what is asked for to be filled in; none in runs of format 1.
        commands_first: whether something is run before its files are named.
        no_task: steps of the runbook beside it that are in no task, a line each.
        names_files: the work is done and its commands have run: which files belong to it is all that is asked.
        is_there: whether a changed file is there; else it was removed.
        checks: the calls of the declared checks that look at it, and of those among them that may change something.
        answers_file: the file whose answers are taken without a question; "" for none.
        answered: names of the questions that the run has an answer to.
    """

    place: Place
    task: PlannedTask
    refusals: Sequence[str]
    changed: Callable[[], Sequence[str]]
    diff: Callable[[Sequence[str]], str]
    decided: Callable[[], bool] = lambda: False
    boxes: Sequence[TaskBox] = ()
    fields: Sequence[str] = ()
    commands_first: bool = False
    no_task: Sequence[str] = ()
    names_files: bool = False
    answered: Collection[str] = ()
    is_there: Callable[[str], bool] = lambda _path: True
    checks: tuple[Sequence[str], Sequence[str]] = ((), ())
    answers_file: str = ""


class Signatures(Protocol):
    """SSH signatures over approvals."""

    def sign(self, message: bytes) -> str:
        """The armoured signature of whoever sits here. Raises BadInput when nothing can sign."""

    def verify(
        self,
        allowed_signers: bytes,
        principal: str,
        message: bytes,
        signature: str,
        *,
        at: datetime,
        revoked_keys: bytes = b"",
    ) -> str | None:
        """None when it is the principal's, over this message, made with a key allowed at that time; else why not."""

    def key_of(self, signature: str) -> str:
        """The fingerprint of the key that made it, "" when it is no signature."""


class Person(Protocol):
    """Whoever sits there, if anyone does."""

    @property
    def at_terminal(self) -> bool:
        """Whether a person can be asked here; without a terminal a program may be driving."""

    def ask(self, question: Question, suggestion: str | None) -> tuple[str, str] | None:
        """The answer and how it came (`prompt`, `answers-file`, `default`), or None when nobody can be asked."""

    def review(self, view: ReviewView) -> Verdict | None:
        """The verdict, `Elsewhere` as soon as `view.decided` says so, or None when nobody can be asked."""

    def work(self, view: HandView) -> HandIn | Finished | Note | Pause | Elsewhere | None:
        """What became of work that only a person can do, or None when nobody can be asked."""

    def boxes(self, view: BoxesView) -> BoxSaid | None:
        """What is said of the box that is asked about, or of another one; None when nobody can be asked."""

    def working(self) -> AbstractContextManager[None]:
        """While something works here, a person who looks sees that it does; may be entered again inside."""

    def lent(self) -> AbstractContextManager[None]:
        """Meanwhile another program may ask the person itself (a passphrase, say): nothing else is drawn."""

    def progress(self, text: str) -> None:
        """Show one line of progress: what is being worked at from now on."""

    def output(self, text: str) -> None:
        """Show one line that a command prints."""

    def waiting(self, text: str, share: Share | None = None) -> None:
        """Show what is being waited for as long as nothing else is shown, with how far it is."""


class Watcher(Protocol):
    """Whoever wants to know what this process does to a run; it raises nothing."""

    def recorded(self, event: Event, request: Request | None) -> None:
        """This was recorded; `request` waited for approval before it."""

    def waits(self) -> None:
        """A gate is about to be asked for."""


class Meeting(Protocol):
    """The remote at which a run is met, while this process holds it there (`workflow.meeting`).

    Each raises RunFenced as soon as somebody else has the run, WorkspaceRefused when the remote does not answer.
    """

    def require(self) -> None:
        """Nothing more is recorded once somebody else has the run."""

    def announce(self, because: str) -> None:
        """Have the remote know all that is recorded by now: something outside may happen next."""

    def guard(self) -> None:
        """Return only while nobody can have taken the run over: right before a call outside."""

    def take_in(self) -> None:
        """Record the verdicts that others gave at the remote."""

    def asks(self) -> None:
        """A question about what waits is about to stand here: let others decide meanwhile."""

    def asked(self) -> None:
        """It does not stand any more: take the run again, as it was."""


class Commands(Protocol):
    """Commands of the person's, run on this machine."""

    def run(
        self, command: str, *, directory: Path, timeout: float, extra: Mapping[str, str], show: Callable[[str], None]
    ) -> CommandResult:
        """Run it in this directory, with `extra` in its environment. Raises StepFailed when it does not end [s]."""

    def run_script(
        self,
        script: Script,
        *,
        directory: Path,
        shells: Path,
        timeout: float,
        show: Callable[[str], None],
        echo: Callable[[str], None],
    ) -> ScriptResult:
        """Run a script; `echo` gets its lines, `show` what they print; `shells` is where variables are kept for the
        script that goes on. Raises as `run`.
        """

    def mask(self, text: str) -> str:
        """The text without its secrets."""


@dataclass(frozen=True, slots=True)
class StepDoors:
    """What steps alone use: commands, the repository's branches and tags, webhooks (address, body -> status), and runs
    that the one which began so orders from others.
    """

    commands: Commands
    git: StepGit
    post: Callable[[str, Mapping[str, object]], int]
    runs: Callable[[RunStarted], RunsElsewhere] | None = None


@dataclass(frozen=True, slots=True)
class Doors:
    """Everything outside, handed in by the command line or a test.

    `connect` makes the AWS port on first use; `by` is who acts: `{"git", "user", "host"}`; `signatures` may be left
    out where no policy asks for signed approvals, `steps` where no step uses it.
    """

    git: Git
    disk: Disk
    clock: Clock
    person: Person
    connect: Callable[[], AwsPort]
    by: Mapping[str, str]
    signatures: Signatures | None = None
    steps: StepDoors | None = None

    @property
    def me(self) -> By:
        """Who acts, as it is recorded."""
        return By.from_json({**self.by})

    def mask(self, text: str) -> str:
        """The text without its secrets: by form, and by the environment where the doors know one."""
        from workflow.doors.masking import mask  # not to look where a run stands

        return self.steps.commands.mask(text) if self.steps is not None else mask(text)
