"""What is another now than when somebody last approved this task? By files, checks and answers, not by bytes. Pure.

Rules:
- It is for who approved evidence that was void, rejected or too old afterwards, and is asked again: they see at once
  where to look. It takes nothing off the page.
- An approval of what waits now is none of these, nor is one that its gate would not have counted: whoever can write
  here can write such a line. Of an unsigned one nobody knows more than that it was recorded in their name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gates.words import SHORT
from state.counted import counted
from state.events import Event
from state.evidence import Approval
from state.fold import fold
from state.printable import as_name
from state.run_state import RunState
from state.task_events import Approved
from state.task_state import TaskState

Counts = Callable[[RunState, TaskState, Approval], bool]  # whether a gate counts an approval of what stood there then


@dataclass(frozen=True, slots=True)
class SinceApproved:
    """What was approved, and what is another now.

    Attributes:
        digest: the first digits of what was approved; `at`: when; `signed`: whether that is proven.
        files: by path `changed`, `new` or `no more part of it`; those that are the same are counted in `same`.
        checks: the names of those that came out otherwise, are new, or are gone; `answers` likewise.
    """

    digest: str
    at: datetime
    signed: bool
    files: Mapping[str, str]
    checks: Sequence[str]
    answers: Sequence[str]
    same: int

    @property
    def when(self) -> str:
        """How the digest is introduced: as what they approved where a signature says so, else as what is recorded."""
        return "Since you approved" if self.signed else "Since the approval recorded in your name, unsigned, of"

    def lines(self) -> list[str]:
        """What to look at, a line each."""
        said = [f"{as_name(path)}: {how}" for path, how in self.files.items()]
        said += [f"check: {name}" for name in self.checks]
        said += [f"answer: {name}" for name in self.answers]
        if not said:
            said = ["no file, check or answer; the digest covers more: times, policy, commit, what was recorded since"]
        return [*said, f"{counted(self.same, 'file')} the same"] if self.same else said


def since_approved(events: Sequence[Event], me: str, counts: Counts) -> SinceApproved | None:
    """What `me` (a git identity) approved of the task at hand before this; None for nothing, or what waits now."""
    now = fold(events).current_task
    assert now is not None and now.request is not None
    for number in range(len(events) - 1, 0, -1):
        match events[number]:
            case Approved(task=now.key, approval=Approval(by=by) as approval) if by.git == me:
                run = fold(events[: number + 1])
                before = run.current_task
                assert before is not None
                if not counts(run, before, approval):
                    continue
                return None if approval.digest == now.request.digest else _compared(before, now, approval)
    return None


def _compared(before: TaskState, now: TaskState, approval: Approval) -> SinceApproved:
    was, is_ = _files(before), _files(now)
    files = {path: _how(was.get(path), is_.get(path)) for path in {**is_, **was} if was.get(path) != is_.get(path)}
    return SinceApproved(
        approval.digest[:SHORT],
        approval.at,
        bool(approval.signature),
        files,
        _others(_checks(before), _checks(now)),
        _others(before.answers, now.answers),
        len(is_) - sum(path in is_ for path in files),
    )


def _how(was: object, is_: object) -> str:
    if was is None:
        return "new"
    return "changed" if is_ is not None else "no more part of it"


def _others(was: Mapping[str, object], is_: Mapping[str, object]) -> list[str]:
    return [name for name in {**is_, **was} if was.get(name) != is_.get(name)]


def _files(state: TaskState) -> dict[str, object]:
    """What is known of each file: its digest, and its mode where the run records them."""
    worked = state.worked
    assert worked is not None
    modes = {entry.path: entry.mode for entry in worked.entries or ()}
    return {each.path: (each.sha256, modes.get(each.path)) for each in worked.artifacts}


def _checks(state: TaskState) -> dict[str, object]:
    assert state.worked is not None
    return {each.name: (each.verdict, each.expected, each.seen) for each in state.worked.checks}
