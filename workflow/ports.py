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
from phases.elsewhere import RunsElsewhere
from phases.step import CommandResult, Question, Share, StepGit
from state.cheap_classes import dataclass
from state.event_types import Event, RunStarted, Snapshot
from state.evidence import By, Evidence, Request
from state.files import Disk
from state.model import PlannedTask
from state.tree_entry import TreeEntry
from workflow.views.box_view import BoxesView, BoxSaid, BoxWord

if TYPE_CHECKING:
    from phases.manual.scripts import Script, ScriptResult
    from state.task_boxes import TaskBox
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


class FoundCommit(Protocol):
    """A commit as `Git.find_commits` and `Git.just_made` report it."""

    @property
    def sha(self) -> str: ...
    @property
    def parents(self) -> Sequence[str]: ...
    @property
    def subject(self) -> str: ...
    @property
    def paths(self) -> Sequence[str]: ...
    @property
    def body(self) -> str:
        """The whole message, subject included."""

    @property
    def trailers(self) -> Mapping[str, Sequence[str]]:
        """What git takes for trailers: name -> values in order."""


class DatedCommit(FoundCommit, Protocol):
    """A commit as `Git.find_commits` reports it; `at`: when it was committed, UTC, whole seconds."""

    @property
    def at(self) -> datetime: ...


class AuthoredCommit(DatedCommit, Protocol):
    """A commit with who is said to have made it: `Name <email>`."""

    @property
    def author(self) -> str: ...


class ConvertedFile(Protocol):
    """A file of which git stores other bytes than it has, as `workflow.doors.git.stored_bytes` tells of it."""

    @property
    def path(self) -> str: ...
    @property
    def blob(self) -> str: ...
    @property
    def stored(self) -> bytes: ...
    @property
    def size(self) -> int: ...
    @property
    def by(self) -> Sequence[str]: ...
    @property
    def program(self) -> str: ...
    @property
    def is_pointer(self) -> bool: ...
    @property
    def only_line_ends(self) -> bool: ...


class Git(Protocol):
    """The user's repository. All paths are POSIX, relative to the workspace."""

    def git_dir(self) -> Path:
        """The directory of git's own in this clone."""

    def preflight(
        self, paths: Sequence[str], runbook: str, *, resuming: bool = False, changed: Collection[str] = ()
    ) -> None:
        """Raises WorkspaceRefused with everything that would keep a run from committing these paths; `changed`: those
        of them that git has just told to be changed.
        """

    def identity(self) -> str:
        """`Name <email>` as git would write it for a commit."""

    def head(self) -> str: ...

    def branch(self) -> str: ...

    def commit(self, paths: Sequence[str], message: str, *, author: str = "") -> str:
        """Commit exactly these paths and return the SHA; `author` is who did the work, if not who is configured.

        Raises WorkspaceRefused when git or a hook refuses.
        """

    def just_made(self, sha: str, message: str) -> FoundCommit | None:
        """This very commit, when it has one parent and exactly this message; None, too, when git must be asked."""

    def marks(self, paths: Sequence[str]) -> Mapping[str, str]:
        """Which of these files git was told not to look at for changes, each with the mark that says so."""

    def find_commits(
        self, trailers: Mapping[str, str], since: str | None = None, *, paths: bool = True
    ) -> Sequence[AuthoredCommit]:
        """The commits since then with these trailers, oldest first; without `paths` quicker, and without those."""

    def parent_of(self, sha: str) -> str:
        """The one parent of a commit that was just made; "" where it has none or several, or git must be asked."""

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `newer` is `older`, or descends from it; False, too, for a commit that is not here."""

    def parents_since(self, since: str) -> Mapping[str, Sequence[str]]:
        """The parents of each commit that HEAD has and `since` has not, parents before children."""

    def commits_touching(self, since: str, paths: Sequence[str]) -> Sequence[str]:
        """Those of these commits that change one of the paths against one of their parents."""

    def last_change(self, path: str, rev: str) -> str:
        """The newest commit that changed this path on the way of first parents to `rev`; "" when none did."""

    def object_ids(self, paths: Sequence[str]) -> Mapping[str, str]:
        """The blob ids that the files would get now; a missing file is left out."""

    def tree_ids(self, sha: str, paths: Sequence[str]) -> Mapping[str, str]:
        """The blob ids in the commit; what it does not have is left out."""

    def tree_entries(self, sha: str, paths: Sequence[str]) -> Mapping[str, TreeEntry]:
        """The entry of each path in the commit; of type `missing` where it has nothing."""

    def entries(
        self, paths: Sequence[str], *, unread: Collection[str] = (), later: Collection[str] = ()
    ) -> Mapping[str, TreeEntry]:
        """The entry that each path would get if these were committed now; no blob of the files in `unread`, and none
        yet of those in `later`.
        """

    def blob(self, rev: str, path: str) -> bytes | None:
        """The file in that commit; None when it has none."""

    def blobs_below(self, rev: str, directory: str) -> dict[str, bytes]:
        """Every file in that commit below a directory, by path."""

    def keeps_line_ends(self, path: str) -> bool:
        """Whether git stores this file without converting line ends, whatever the machine's configuration."""

    def undo_commit(self, sha: str, parent: str, paths: Sequence[str]) -> None:
        """Take back the newest commit; the working tree stays."""

    def settle_index(self, paths: Sequence[str]) -> None:
        """Make the index say of these paths what HEAD says (a kill may have left it behind)."""

    def clear_stale_locks(self, branches: Sequence[str] = ()) -> Sequence[str]:
        """Remove locks that a killed commit of ours, or a switch to these branches, left; returns what was removed."""

    def snapshot(self, *, modes: bool = True) -> Snapshot:
        """What the working tree is like; `modes`: with those of its files, which a run of 0.1 does not record."""

    def changes(self, before: Snapshot) -> list[str]:
        """The paths that are not as they were at that snapshot."""

    def diff(self, paths: Sequence[str], since: str) -> str:
        """What these files would change against that commit, new files included."""

    def diff_of(self, entries: Sequence[TreeEntry], since: str) -> str:
        """What a commit of these entries would change against that commit, by what git stores."""

    def converted(self, paths: Sequence[str]) -> Sequence[ConvertedFile]:
        """Those of these files, whose entries were asked for, of which git would store other bytes than they have."""


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
