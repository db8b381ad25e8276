"""What can happen in a run? Each event type of the journal: its fields, and how they are read.

Rules:
- An event is a plain value; nothing here touches the disk, and nobody else reads the fields of a line.
- Each class reads its own fields and refuses with the field (`Misread`) what the format does not say
  (docs/journal-format.md). Fields that only a later release knows stay in `fields`, which is what the line says.
- Types and field names are on disk for ever: they are never renamed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal, get_args

from state import json_values as j
from state.evidence import Approval, By, Evidence, Request
from state.json_values import Fields, Json, format_time
from state.model import Shape
from state.tree_entry import TreeEntry, entries_in
from state.utf8 import escaped

VERSION = 2  # of the runs that begin now
READ = (1, 2)  # the versions that are read, and gone on with: a run keeps the one that it began with

HandedInVia = Literal["prompt", "done", "--yes", "checkpoint"]
AnsweredVia = Literal["prompt", "answers-file", "phasegate.yaml", "default"]

_HANDED_IN_VIA: Mapping[str, HandedInVia] = j.words(*get_args(HandedInVia))
_ANSWERED_VIA: Mapping[str, AnsweredVia] = j.words(*get_args(AnsweredVia))
_SHAPES: Mapping[str, Shape] = j.words(*get_args(Shape))


# --- parts of events ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NamedTask:
    """A task of the plan, as the journal names it."""

    id: str
    key: str
    title: str

    @classmethod
    def from_json(cls, body: Fields) -> NamedTask:
        return cls(j.text(body, "id"), j.key(body, "key"), j.text(body, "title"))

    def to_json(self) -> dict[str, Json]:
        return {"id": self.id, "key": self.key, "title": self.title}


@dataclass(frozen=True, slots=True)
class RollbackTask(NamedTask):
    """A state of the way back, which stands in no runbook: its text, commit message and exit criteria are here."""

    text: str
    message: str
    exit_criteria: tuple[str, ...]

    @classmethod
    def from_json(cls, body: Fields) -> RollbackTask:
        name = (j.text(body, "id"), j.key(body, "key"), j.text(body, "title"))
        return cls(*name, j.text(body, "text"), j.text(body, "message"), j.texts(body, "exit_criteria"))

    def to_json(self) -> dict[str, Json]:
        named: dict[str, Json] = {"id": self.id, "key": self.key, "title": self.title}
        return {**named, "text": self.text, "message": self.message, "exit_criteria": list(self.exit_criteria)}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the working tree was like: the commit, and the blob ids of files that were not as in it (None: gone)."""

    head: str
    dirty: Mapping[str, str | None]

    @classmethod
    def from_json(cls, body: Fields) -> Snapshot:
        inside = j.record(body, "dirty")
        dirty = {each: j.digest_or_none({f"dirty.{each}": value}, f"dirty.{each}") for each, value in inside.items()}
        return cls(j.digest(body, "head"), dirty)

    def to_json(self) -> dict[str, Json]:
        return {"head": self.head, "dirty": dict(self.dirty)}


@dataclass(frozen=True, slots=True)
class CommitPath:
    """A path of a task's commit in a run of 1: the blob id that it must get; None for the journal, and for no file."""

    path: str
    object: str | None

    @classmethod
    def from_json(cls, body: Fields) -> CommitPath:
        return cls(j.path(body, "path"), j.digest_or_none(body, "object"))

    def to_json(self) -> dict[str, Json]:
        return {"path": self.path, "object": self.object}


# --- events ------------------------------------------------------------------------------------------------------

Head = tuple[int, datetime, str, int, Fields]  # what every event begins with: seq, at, prev, version, fields


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal.

    Attributes:
        seq: place in the journal, from 0.
        at: when it was written, UTC, milliseconds.
        prev: SHA-256 (hex) of the line before, without its LF; 64 zeros for the first.
        version: of the format, the run's (`v`).
        fields: what the line carries beside `v`, `seq`, `at`, `type` and `prev`.
    """

    type: ClassVar[str]

    seq: int
    at: datetime
    prev: str
    version: int
    fields: Fields = field(repr=False)

    @classmethod
    def read(cls, head: Head) -> Event:
        """The event of this type with these fields. Raises Misread for a field that is not what it must be."""
        raise NotImplementedError

    def to_line(self) -> bytes:
        """The journal line, without its LF. Keys are in a fixed order; non-ASCII text as it is.

        A byte of a file's name that is no UTF-8 (`os.fsdecode` gives half a surrogate pair) is escaped: `\\udce9`.
        """
        body = {"v": self.version, "seq": self.seq, "at": format_time(self.at), "type": self.type, **self.fields}
        text = json.dumps({**body, "prev": self.prev}, ensure_ascii=False, separators=(",", ":"))
        try:
            return text.encode()
        except UnicodeEncodeError:  # only then: it is the rare case, and every line comes by here
            return escaped(text).encode()

    @property
    def person(self) -> str:
        """The git identity of who did it; "" where nobody is recorded."""
        by = getattr(self, "by", None)
        return by.git if isinstance(by, By) else ""


@dataclass(frozen=True, slots=True)
class TaskEvent(Event):
    """An event of an attempt (from 1) at a task, by its key."""

    task: str
    attempt: int


def _of_task(fields: Fields) -> tuple[str, int]:
    return j.key(fields, "task"), j.whole(fields, "attempt", 1)


def _by(fields: Fields) -> By:
    return j.part(fields, "by", By.from_json)


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """The first line, once. `adopted`: keys of tasks taken over as done; `commit`: template of commit messages.

    `grammar`: of the runbook; runs of 0.1 name none, and are read by 1.
    """

    type: ClassVar[str] = "run-started"

    run: str
    workflow: str
    runbook: str
    runbook_sha256: str
    plan: str
    branch: str
    base: str
    sandbox: bool
    by: By
    tasks: tuple[NamedTask, ...]
    adopted: tuple[str, ...]
    commit: str
    shape: Shape | None
    grammar: int

    @classmethod
    def read(cls, head: Head) -> RunStarted:
        f = head[-1]
        tasks = j.parts(f, "tasks", NamedTask.from_json)
        adopted = j.keys(f, "adopted") if "adopted" in f else ()
        known = _require_different(f, "tasks", tasks)
        if not known > set(adopted):
            raise j.misread(f, "adopted", "some of the tasks' keys, and not all")
        return cls(
            *head,
            j.file_name(f, "run"),
            j.file_name(f, "workflow"),
            j.path(f, "runbook"),
            j.digest(f, "runbook_sha256"),
            j.digest(f, "plan"),
            j.text(f, "branch"),
            j.digest(f, "base"),
            j.flag(f, "sandbox"),
            _by(f),
            tasks,
            adopted,
            j.text_if_any(f, "commit"),
            None if f.get("as") is None else j.word(f, "as", _SHAPES),
            j.whole(f, "grammar", 1) if "grammar" in f else 1,
        )


@dataclass(frozen=True, slots=True)
class TaskStarted(TaskEvent):
    """A task, or a new attempt at it, begins. `after`: the commit of the task before; `before`: for work by hand."""

    type: ClassVar[str] = "task-started"

    after: str | None
    before: Snapshot | None

    @classmethod
    def read(cls, head: Head) -> TaskStarted:
        f = head[-1]
        before = j.part(f, "before", Snapshot.from_json) if f.get("before") is not None else None
        return cls(*head, *_of_task(f), j.digest_or_none(f, "after"), before)


@dataclass(frozen=True, slots=True)
class HandedIn(TaskEvent):
    """A person says that a task done by hand is done; `skip` is why it is left out instead, or "".

    `terminal`: whether a terminal was there, which could be asked; None in runs of 0.1, which do not record it.
    """

    type: ClassVar[str] = "handed-in"

    paths: tuple[str, ...]
    via: HandedInVia
    by: By
    skip: str
    terminal: bool | None

    @classmethod
    def read(cls, head: Head) -> HandedIn:
        f = head[-1]
        via = j.word(f, "via", _HANDED_IN_VIA)
        return cls(
            *head,
            *_of_task(f),
            j.paths(f, "paths"),
            via,
            _by(f),
            j.text_if_any(f, "skip"),
            j.flag_if_any(f, "terminal"),
        )


@dataclass(frozen=True, slots=True)
class Answered(TaskEvent):
    """A person, an answers file or a default answered."""

    type: ClassVar[str] = "answered"

    question: str
    answer: str
    via: AnsweredVia
    by: By

    @classmethod
    def read(cls, head: Head) -> Answered:
        f = head[-1]
        via = j.word(f, "via", _ANSWERED_VIA)
        return cls(*head, *_of_task(f), j.text(f, "question"), j.text(f, "answer"), via, _by(f))


@dataclass(frozen=True, slots=True)
class EffectIntended(TaskEvent):
    """Something outside is about to be done; `effect` is unique in the attempt."""

    type: ClassVar[str] = "effect-intended"

    effect: str
    intent: Fields

    @classmethod
    def read(cls, head: Head) -> EffectIntended:
        f = head[-1]
        return cls(*head, *_of_task(f), j.text(f, "effect"), j.record(f, "intent"))


@dataclass(frozen=True, slots=True)
class EffectDone(TaskEvent):
    """It was done, or was found to have been done."""

    type: ClassVar[str] = "effect-done"

    effect: str
    result: Fields

    @classmethod
    def read(cls, head: Head) -> EffectDone:
        f = head[-1]
        return cls(*head, *_of_task(f), j.text(f, "effect"), j.record(f, "result"))


@dataclass(frozen=True, slots=True)
class BranchSwitched(TaskEvent):
    """The run goes on on a branch that its step started."""

    type: ClassVar[str] = "branch-switched"

    branch: str
    from_branch: str

    @classmethod
    def read(cls, head: Head) -> BranchSwitched:
        f = head[-1]
        return cls(*head, *_of_task(f), j.text(f, "branch"), j.text(f, "from"))


@dataclass(frozen=True, slots=True)
class Worked(TaskEvent):
    """The work is done and put before the approver."""

    type: ClassVar[str] = "worked"

    evidence: Evidence
    request: Request

    @classmethod
    def read(cls, head: Head) -> Worked:
        f, version = head[-1], head[-2]
        request = j.part(f, "request", Request.from_json if version == 1 else Request.of_2)
        return cls(*head, *_of_task(f), Evidence.from_json(f, version), request)


@dataclass(frozen=True, slots=True)
class AttemptFailed(TaskEvent):
    """The work or its checks failed."""

    type: ClassVar[str] = "step-failed"

    reason: str
    problems: tuple[str, ...]

    @classmethod
    def read(cls, head: Head) -> AttemptFailed:
        f = head[-1]
        return cls(*head, *_of_task(f), j.text(f, "reason"), j.texts(f, "problems"))


@dataclass(frozen=True, slots=True)
class ReviewOpened(TaskEvent):
    """The same evidence is put before an approver again. Read, and written by nothing here."""

    type: ClassVar[str] = "review-opened"

    request: Request

    @classmethod
    def read(cls, head: Head) -> ReviewOpened:
        f, version = head[-1], head[-2]
        return cls(*head, *_of_task(f), j.part(f, "request", Request.from_json if version == 1 else Request.of_2))


@dataclass(frozen=True, slots=True)
class Approved(TaskEvent):
    """One approval."""

    type: ClassVar[str] = "approved"

    approval: Approval

    @property
    def by(self) -> By:
        return self.approval.by

    @classmethod
    def read(cls, head: Head) -> Approved:
        f = head[-1]
        return cls(*head, *_of_task(f), Approval.from_json(f, head[1]))


@dataclass(frozen=True, slots=True)
class Rejected(TaskEvent):
    """The task goes back to work; also when a request expired."""

    type: ClassVar[str] = "rejected"

    digest: str
    reason: str
    by: By

    @classmethod
    def read(cls, head: Head) -> Rejected:
        f = head[-1]
        return cls(*head, *_of_task(f), j.digest(f, "digest"), j.text(f, "reason"), _by(f))


@dataclass(frozen=True, slots=True)
class Voided(TaskEvent):
    """Something changed after it was shown; `changed` says what, by name, `digest` is "" where nothing was shown."""

    type: ClassVar[str] = "voided"

    digest: str
    changed: tuple[str, ...]

    @classmethod
    def read(cls, head: Head) -> Voided:
        f = head[-1]
        return cls(*head, *_of_task(f), j.digest(f, "digest", or_else=("",)), j.texts(f, "changed"))


@dataclass(frozen=True, slots=True)
class CommitIntended(TaskEvent):
    """Marks and working log are written, git is about to be called.

    `entries`: what the commit must hold; None in runs of 1, which have `paths` instead.
    """

    type: ClassVar[str] = "commit-intended"

    message: str
    paths: tuple[CommitPath, ...]
    entries: tuple[TreeEntry, ...] | None
    approval: str

    @classmethod
    def read(cls, head: Head) -> CommitIntended:
        f, version = head[-1], head[-2]
        paths = j.parts(f, "paths", CommitPath.from_json) if version == 1 else ()
        entries = entries_in(f, "entries") if version > 1 else None
        return cls(*head, *_of_task(f), j.text(f, "message"), paths, entries, j.digest(f, "approval"))

    def objects(self) -> dict[str, str | None]:
        """Path -> the blob id it must get; None for the journal, and for no file."""
        if self.entries is not None:
            return {entry.path: entry.blob for entry in self.entries}
        return {each.path: each.object for each in self.paths}


@dataclass(frozen=True, slots=True)
class CommitRefused(TaskEvent):
    """git or a hook said no; the approval is still good."""

    type: ClassVar[str] = "commit-refused"

    reason: str

    @classmethod
    def read(cls, head: Head) -> CommitRefused:
        f = head[-1]
        return cls(*head, *_of_task(f), j.text(f, "reason"))


@dataclass(frozen=True, slots=True)
class RunbookTaken(Event):
    """An edit of the runbook is in force from here on; `file` is the run's copy of it."""

    type: ClassVar[str] = "runbook-taken"

    file: str
    sha256: str
    plan: str
    tasks: tuple[NamedTask, ...]
    by: By
    after: str | None

    @classmethod
    def read(cls, head: Head) -> RunbookTaken:
        f = head[-1]
        tasks = j.parts(f, "tasks", NamedTask.from_json)
        _require_different(f, "tasks", tasks)
        digests = (j.digest(f, "sha256"), j.digest(f, "plan"))
        return cls(*head, j.file_name(f, "file"), *digests, tasks, _by(f), j.digest_or_none(f, "after"))


@dataclass(frozen=True, slots=True)
class Noted(Event):
    """A remark; `task` is where the run was, or ""."""

    type: ClassVar[str] = "noted"

    text: str
    by: By
    task: str

    @classmethod
    def read(cls, head: Head) -> Noted:
        f = head[-1]
        return cls(*head, j.text(f, "text"), _by(f), j.key(f, "task") if f.get("task") is not None else "")


@dataclass(frozen=True, slots=True)
class RollbackStarted(Event):
    """The run stops where it is and goes back."""

    type: ClassVar[str] = "rollback-started"

    reason: str
    by: By
    after: str | None
    tasks: tuple[RollbackTask, ...]

    @classmethod
    def read(cls, head: Head) -> RollbackStarted:
        f = head[-1]
        tasks = j.parts(f, "tasks", RollbackTask.from_json)
        return cls(*head, j.text(f, "reason"), _by(f), j.digest_or_none(f, "after"), tasks)


@dataclass(frozen=True, slots=True)
class Aborted(Event):
    """The run ends here for good."""

    type: ClassVar[str] = "aborted"

    reason: str
    by: By
    after: str | None

    @classmethod
    def read(cls, head: Head) -> Aborted:
        f = head[-1]
        return cls(*head, j.text(f, "reason"), _by(f), j.digest_or_none(f, "after"))


def _require_different(fields: Fields, name: str, tasks: tuple[NamedTask, ...]) -> set[str]:
    """The keys of these tasks. Raises Misread when there are none, or one is there twice."""
    known = {task.key for task in tasks}
    if not tasks or len(known) < len(tasks):
        raise j.misread(fields, name, "at least one task, and each key once")
    return known


TYPES: Mapping[str, type[Event]] = {
    each.type: each
    for each in (
        RunStarted,
        TaskStarted,
        HandedIn,
        Answered,
        EffectIntended,
        EffectDone,
        BranchSwitched,
        Worked,
        AttemptFailed,
        ReviewOpened,
        Approved,
        Rejected,
        Voided,
        CommitIntended,
        CommitRefused,
        RunbookTaken,
        Noted,
        RollbackStarted,
        Aborted,
    )
}
