"""What can happen to a run as a whole? It begins, takes an edit of its runbook, is noted on, rolled back or aborted.

Rules: as in `event_types.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, get_args

from state import json_values as j
from state.event_base import Event, Head, by_whom, template
from state.event_parts import NamedTask, RollbackTask
from state.evidence import By
from state.json_values import Fields
from state.model import Shape

_SHAPES: Mapping[str, Shape] = j.words(*get_args(Shape))


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
            by_whom(f),
            tasks,
            adopted,
            template(f) or "",
            None if f.get("as") is None else j.word(f, "as", _SHAPES),
            j.whole(f, "grammar", 1) if "grammar" in f else 1,
        )


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
        return cls(*head, j.file_name(f, "file"), *digests, tasks, by_whom(f), j.digest_or_none(f, "after"))


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
        return cls(*head, j.text(f, "text"), by_whom(f), j.key(f, "task") if f.get("task") is not None else "")


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
        return cls(*head, j.text(f, "reason"), by_whom(f), j.digest_or_none(f, "after"), tasks)


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
        return cls(*head, j.text(f, "reason"), by_whom(f), j.digest_or_none(f, "after"))


def _require_different(fields: Fields, name: str, tasks: tuple[NamedTask, ...]) -> set[str]:
    """The keys of these tasks. Raises Misread when there are none, or one is there twice."""
    known = {task.key for task in tasks}
    if not tasks or len(known) < len(tasks):
        raise j.misread(fields, name, "at least one task, and each key once")
    return known
