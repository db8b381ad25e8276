"""What can happen in an attempt at a task? From its beginning to the intent of its commit.

Rules: as in `event_types.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Literal, get_args

from state import json_values as j
from state.cheap_classes import dataclass
from state.event_base import Head, TaskEvent, asked_again, by_whom, of_task, template
from state.event_parts import CommitPath, Snapshot
from state.evidence import Approval, By, Evidence, Request
from state.json_values import Fields
from state.passkey_signature import Signature, signature_in
from state.tree_entry import TreeEntry, entries_in

HandedInVia = Literal["prompt", "done", "--yes", "checkpoint", "mcp", "profile"]
AnsweredVia = Literal["prompt", "command", "answers-file", "phasegate.yaml", "default", "mcp", "web"]

LEFT_OUT_VIA = "profile"  # how, and by whom, a task is settled that the run's profile leaves out: by nobody

ItemVerdict = Literal["attested", "fail", "not-applicable", "waived"]  # "fail": somebody said no
NEED_A_REASON = ("not-applicable", "waived")

LEFT_OPEN = "left to whoever approves"  # the answer of who did the work to a box that was looked at in vain
_ITEM_VERDICTS: Mapping[str, ItemVerdict] = j.words(*get_args(ItemVerdict))
_HANDED_IN_VIA: Mapping[str, HandedInVia] = j.words(*get_args(HandedInVia))
_HANDED_IN_VIA_1 = {
    word: via for word, via in _HANDED_IN_VIA.items() if word not in ("mcp", LEFT_OUT_VIA)
}  # of format 1
_ANSWERED_VIA: Mapping[str, AnsweredVia] = j.words(*get_args(AnsweredVia))
RejectedVia = Literal["command", "web", "remote", ""]
_REJECTED_VIA: Mapping[str, RejectedVia] = j.words("command", "web", "remote")
_OF_2 = ("command", "mcp", "web")
_ANSWERED_VIA_1 = {word: via for word, via in _ANSWERED_VIA.items() if word not in _OF_2}  # of format 1


@dataclass(frozen=True, slots=True)
class TaskStarted(TaskEvent):
    """A task, or a new attempt at it, begins. `after`: the commit of the task before; `before`: for work by hand.

    `commit`: the template of commit messages from here on; None where it is the one before.
    """

    type: ClassVar[str] = "task-started"

    after: str | None
    before: Snapshot | None
    commit: str | None

    @classmethod
    def read(cls, head: Head) -> TaskStarted:
        f = head[-1]
        before = j.part(f, "before", Snapshot.from_json) if f.get("before") is not None else None
        if before is not None and head[3] == 1:
            before = replace(before, modes=None)  # 0.1 knows none
        return cls(*head, *of_task(f), j.digest_or_none(f, "after"), before, template(f))


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
        via = j.word(f, "via", _HANDED_IN_VIA if head[3] > 1 else _HANDED_IN_VIA_1)
        return cls(
            *head,
            *of_task(f),
            j.paths(f, "paths"),
            via,
            by_whom(f),
            j.text_if_any(f, "skip"),
            j.flag_if_any(f, "terminal"),
        )


@dataclass(frozen=True, slots=True)
class Answered(TaskEvent):
    """A person, an answers file or a default answered; in runs of 0.1 a command's answer is the answers file's.

    It answers a question, or says a word on an item (from format 2 on): then `item` is its id, `verdict` what was said,
    `why` the reason, and there is no question. `item` is "" for an answer to a question, which has a `why` only where
    an agent itself said that a command is not to be run.

    `terminal`: of an answers file, whether it was given where a person could have been asked; None where nobody knows.
    """

    type: ClassVar[str] = "answered"

    question: str
    answer: str
    via: AnsweredVia
    by: By
    item: str = ""
    verdict: ItemVerdict = "attested"
    why: str = ""
    terminal: bool | None = None

    @property
    def leaves_open(self) -> str:
        """The id of the box that it leaves to whoever approves, which takes back the word on it; "" for none."""
        _, is_box, number = self.question.rpartition("-box-")
        return f"box {number}" if is_box and self.answer == LEFT_OPEN else ""

    @classmethod
    def read(cls, head: Head) -> Answered:
        f = head[-1]
        if head[3] > 1 and "item" in f:
            return cls._on_item(head)
        via = j.word(f, "via", _ANSWERED_VIA if head[3] > 1 else _ANSWERED_VIA_1)
        question, answer = j.text(f, "question"), _without_nul(f, "answer")
        terminal = j.flag_if_any(f, "terminal") if head[3] > 1 else None
        why = j.text_if_any(f, "why") if head[3] > 1 else ""
        return cls(*head, *of_task(f), question, answer, via, by_whom(f), why=why, terminal=terminal)

    @classmethod
    def _on_item(cls, head: Head) -> Answered:
        f = head[-1]
        said, why = j.word(f, "verdict", _ITEM_VERDICTS), j.text_if_any(f, "why")
        if said in NEED_A_REASON and not why.strip():
            raise j.misread(f, "why", "a reason")
        item = j.text(f, "item")
        if not item:
            raise j.misread(f, "item", "an item's id")
        via, terminal = j.word(f, "via", _ANSWERED_VIA), j.flag_if_any(f, "terminal")
        return cls(*head, *of_task(f), "", "", via, by_whom(f), item, said, why, terminal)


def _without_nul(fields: Fields, name: str) -> str:
    """A text that can be a part of a command or a path."""
    text = j.text(fields, name)
    if "\0" in text:
        raise j.misread(fields, name, "a text without NUL")
    return text


@dataclass(frozen=True, slots=True)
class EffectIntended(TaskEvent):
    """Something outside is about to be done; `effect` is unique in the attempt.

    `alone`: who has it done where nobody could be asked (`terminal` false); None where a terminal was there, or nobody
    knows.
    """

    type: ClassVar[str] = "effect-intended"

    effect: str
    intent: Fields
    alone: By | None

    @classmethod
    def read(cls, head: Head) -> EffectIntended:
        f = head[-1]
        alone = by_whom(f) if head[3] > 1 and j.flag_if_any(f, "terminal") is False else None
        return cls(*head, *of_task(f), j.text(f, "effect"), j.record(f, "intent"), alone)


@dataclass(frozen=True, slots=True)
class EffectDone(TaskEvent):
    """It was done, or was found to have been done."""

    type: ClassVar[str] = "effect-done"

    effect: str
    result: Fields

    @classmethod
    def read(cls, head: Head) -> EffectDone:
        f = head[-1]
        return cls(*head, *of_task(f), j.text(f, "effect"), j.record(f, "result"))


@dataclass(frozen=True, slots=True)
class BranchSwitched(TaskEvent):
    """The run goes on on a branch that its step started."""

    type: ClassVar[str] = "branch-switched"

    branch: str
    from_branch: str

    @classmethod
    def read(cls, head: Head) -> BranchSwitched:
        f = head[-1]
        return cls(*head, *of_task(f), j.text(f, "branch"), j.text(f, "from"))


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
        return cls(*head, *of_task(f), Evidence.from_json(f, version), request)


@dataclass(frozen=True, slots=True)
class AttemptFailed(TaskEvent):
    """The work or its checks failed, or an answer was taken back.

    `asked_again`: the questions whose answers of the run count no more; none in format 1.
    """

    type: ClassVar[str] = "step-failed"

    reason: str
    problems: tuple[str, ...]
    asked_again: tuple[str, ...]

    @classmethod
    def read(cls, head: Head) -> AttemptFailed:
        f = head[-1]
        return cls(*head, *of_task(f), j.text(f, "reason"), j.texts(f, "problems"), asked_again(head))


@dataclass(frozen=True, slots=True)
class ReviewOpened(TaskEvent):
    """The same evidence is put before an approver again. Read, and written by nothing here."""

    type: ClassVar[str] = "review-opened"

    request: Request

    @classmethod
    def read(cls, head: Head) -> ReviewOpened:
        f, version = head[-1], head[-2]
        return cls(*head, *of_task(f), j.part(f, "request", Request.from_json if version == 1 else Request.of_2))


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
        return cls(*head, *of_task(f), Approval.from_json(f, head[1], head[-2]))


TAKEN_BACK = "taken back by who handed it in"  # the reason of an attempt that was, in whichever event


def is_taken_back(event: TaskEvent, handed_in: HandedIn | None) -> bool:
    """Whether this event ends an attempt because whoever handed its work in took it back; never in format 1.

    Somebody else who gives that reason rejects it.
    """
    if handed_in is None or event.version == 1:
        return False
    if isinstance(event, Rejected):
        return event.reason == TAKEN_BACK and event.by.git == handed_in.by.git
    return isinstance(event, AttemptFailed) and event.reason == f"{TAKEN_BACK}: {handed_in.by.git}"


@dataclass(frozen=True, slots=True)
class Rejected(TaskEvent):
    """The task goes back to work; also when a request expired.

    `via`: how it came, with its `signature`, where it is signed; else both are "". Not in format 1.
    `asked_again`: as of `AttemptFailed`.
    """

    type: ClassVar[str] = "rejected"

    digest: str
    reason: str
    by: By
    via: RejectedVia
    signature: Signature
    asked_again: tuple[str, ...]

    @classmethod
    def read(cls, head: Head) -> Rejected:
        f, version = head[-1], head[-2]
        via = j.word(f, "via", _REJECTED_VIA) if version > 1 and "via" in f else ""
        signature = signature_in(f, version) if via else ""
        reason, again = j.text(f, "reason"), asked_again(head)
        return cls(*head, *of_task(f), j.digest(f, "digest"), reason, by_whom(f), via, signature, again)


@dataclass(frozen=True, slots=True)
class Voided(TaskEvent):
    """Something changed after it was shown; `changed` says what, by name, `digest` is "" where nothing was shown."""

    type: ClassVar[str] = "voided"

    digest: str
    changed: tuple[str, ...]

    @classmethod
    def read(cls, head: Head) -> Voided:
        f = head[-1]
        return cls(*head, *of_task(f), j.digest(f, "digest", or_else=("",)), j.texts(f, "changed"))


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
        return cls(*head, *of_task(f), j.text(f, "message"), paths, entries, j.digest(f, "approval"))

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
        return cls(*head, *of_task(f), j.text(f, "reason"))
