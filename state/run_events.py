"""What can happen to a run as a whole? It begins, takes boxes back or an edit, is given a policy, noted on, ends.

Rules: as in `event_types.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, get_args

from state import json_values as j
from state.cheap_classes import dataclass
from state.event_base import Event, Head, asked_again, by_whom, template
from state.event_parts import NamedTask, RollbackTask, RunTarget
from state.evidence import By
from state.json_values import Fields
from state.passkey_signature import Signature, signature_in
from state.shape import Shape

PolicyApprovedVia = Literal["prompt", "command", "web"]

_SHAPES: Mapping[str, Shape] = j.words(*get_args(Shape))
_TAKEN_BACK_VIA: Mapping[str, Literal["command"]] = j.words("command")
_POLICY_APPROVED_VIA: Mapping[str, PolicyApprovedVia] = j.words(*get_args(PolicyApprovedVia))


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """The first line, once. `adopted`: keys of tasks taken over as done; `commit`: template of commit messages.

    `grammar`: of the runbook; runs of 0.1 name none, and are read by 1. `again`: the run before it, of a run that takes
    the runbook's boxes back, or "". `storage`: how the journal is kept (`segments.py`); 1 in format 1.
    `ordered_by`: who ordered it, where that is not who started it; `target`: where it is to act, where that was said.
    Format 1 has neither.
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
    again: str
    storage: int
    ordered_by: By | None
    target: RunTarget | None

    @property
    def orderer(self) -> By:
        """Who ordered the run, or began it where nobody else did."""
        return self.ordered_by or self.by

    @classmethod
    def read(cls, head: Head) -> RunStarted:
        f, version = head[-1], head[-2]
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
            j.file_name(f, "again") if "again" in f else "",
            _storage(f) if version > 1 else 1,
            j.part(f, "ordered_by", By.from_json) if version > 1 and "ordered_by" in f else None,
            j.part(f, "target", RunTarget.from_json) if version > 1 and "target" in f else None,
        )


@dataclass(frozen=True, slots=True)
class RunbookTaken(Event):
    """An edit of the runbook is in force from here on; `file` is the run's copy of it.

    `grown`: phasegate made it, for tasks that the work needs or with a note; its file is written behind this. Not in
    format 1.
    """

    type: ClassVar[str] = "runbook-taken"

    file: str
    sha256: str
    plan: str
    tasks: tuple[NamedTask, ...]
    by: By
    after: str | None
    grown: bool

    @classmethod
    def read(cls, head: Head) -> RunbookTaken:
        f = head[-1]
        tasks = j.parts(f, "tasks", NamedTask.from_json)
        _require_different(f, "tasks", tasks)
        digests = (j.digest(f, "sha256"), j.digest(f, "plan"))
        after, grown = j.digest_or_none(f, "after"), "grown" in f and j.flag(f, "grown")
        return cls(*head, j.file_name(f, "file"), *digests, tasks, by_whom(f), after, grown)


@dataclass(frozen=True, slots=True)
class BoxesTakenBack(Event):
    """The runbook `file` is in force with its boxes open: blob `after` in the place of blob `before`; not in format 1.

    `sha256`: of the run's copy of it, `runbook-2.md`; `plan`: digest of the plan in it.
    """

    type: ClassVar[str] = "boxes-taken-back"

    file: str
    before: str
    after: str
    sha256: str
    plan: str
    by: By
    via: Literal["command"]

    @classmethod
    def read(cls, head: Head) -> BoxesTakenBack:
        f, version = head[-1], head[-2]
        if version == 1:
            raise ValueError("format 1 cannot record boxes-taken-back")
        digests = (j.digest(f, "before"), j.digest(f, "after"), j.digest(f, "sha256"), j.digest(f, "plan"))
        return cls(*head, j.path(f, "file"), *digests, by_whom(f), j.word(f, "via", _TAKEN_BACK_VIA))


@dataclass(frozen=True, slots=True)
class PolicyApproved(Event):
    """Somebody approved that policy and keys as in the commit `head` count for the run's gates; not in format 1.

    `files`: path -> SHA-256 of phasegate.yaml and the key files that it names, None for one that is gone.
    `signature`: armoured, SSH; a passkey's; or ""; `after`: as of `Noted`.
    """

    type: ClassVar[str] = "policy-approved"

    head: str
    files: Mapping[str, str | None]
    by: By
    via: PolicyApprovedVia
    signature: Signature
    after: str | None

    @classmethod
    def read(cls, head: Head) -> PolicyApproved:
        f, version = head[-1], head[-2]
        if version == 1:
            raise ValueError("format 1 cannot record policy-approved")
        inside = j.record(f, "files")
        files = {each: j.digest_or_none({f"files.{each}": value}, f"files.{each}") for each, value in inside.items()}
        if not files:
            raise j.misread(f, "files", "at least one path")
        via = j.word(f, "via", _POLICY_APPROVED_VIA)
        signature = signature_in(f, version)
        return cls(*head, j.digest(f, "head"), files, by_whom(f), via, signature, _after(head))


@dataclass(frozen=True, slots=True)
class Noted(Event):
    """A remark; `task` is where the run was, or ""; `after`: the commit behind which it is the first event, or None.

    `asked_again`: the questions whose answers of the run count no more. Format 1 has neither this nor the commit.
    """

    type: ClassVar[str] = "noted"

    text: str
    by: By
    task: str
    after: str | None
    asked_again: tuple[str, ...]

    @classmethod
    def read(cls, head: Head) -> Noted:
        f = head[-1]
        task = j.key(f, "task") if f.get("task") is not None else ""
        return cls(*head, j.text(f, "text"), by_whom(f), task, _after(head), asked_again(head))


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


def _after(head: Head) -> str | None:
    """`after` of what may or may not be the first event behind a commit."""
    return j.digest_or_none(head[-1], "after") if head[-2] > 1 and "after" in head[-1] else None


def _storage(fields: Fields) -> int:
    """`storage`. Raises Misread for a kind that this release does not know."""
    found = j.whole(fields, "storage", 1) if "storage" in fields else 1
    if found > 2:
        raise j.misread(fields, "storage", "1 or 2")
    return found


def _require_different(fields: Fields, name: str, tasks: tuple[NamedTask, ...]) -> set[str]:
    """The keys of these tasks. Raises Misread when there are none, or one is there twice."""
    known = {task.key for task in tasks}
    if not tasks or len(known) < len(tasks):
        raise j.misread(fields, name, "at least one task, and each key once")
    return known
