"""What does this clone know of attempts that no commit holds yet? `<git dir>/phasegate/<run>.attempts`.

Until a task's commit, what was handed in and why it was rejected stands in files that git does not know: `git clean`
takes them away. So the attempts at the task at hand are kept beside git's own files as well, with the runbook that they
were about. What is found there and in no journal is lost work (`lost_attempts.py`).

Rules:
- Of each run the attempts at one task: those at the tasks before it are in its commits.
- Reasons are as in the journal, where they were masked.
- It is written after an event that is synced, and not synced itself: a power cut may take the last of them. What the
  journal itself may lose so is not kept, for nothing is said to be lost that only a power cut took.
- Who deletes it as well is not found out. That is the audit's "cannot prove".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from state.cheap_classes import NamedTuple
from state.event_types import Event
from state.events import format_time
from state.files import Disk
from state.json_line import read_object
from state.json_values import text
from workflow.doors.git.command import top_above

SUFFIX = ".attempts"
HANDED_IN, REJECTED, FAILED, ABORTED = "worked", "rejected", "step-failed", "aborted"
COMMITS = "commit-intended"
KEPT = (HANDED_IN, REJECTED, FAILED, ABORTED, COMMITS)  # types of events


class Attempt(NamedTuple):
    """One event of an attempt: its type, when, task and number, who it was by, and why it ended; "" where unsaid."""

    type: str
    at: str
    task: str
    number: str
    by: str = ""
    reason: str = ""


class KeptAttempts(NamedTuple):
    """What is kept of a run.

    Attributes:
        run, workflow, runbook: as it began.
        place: of its workspace, from the top of the repository; "" for the top.
        over: whether it was aborted.
        attempts: at the task at hand, the oldest first.
        committed: whether it went to commit a task, so that git has its record (`require_record.py`).
    """

    run: str
    workflow: str
    runbook: str
    place: str
    over: bool = False
    attempts: Sequence[Attempt] = ()
    committed: bool = False


def kept_at(git_dir: Path, run_id: str) -> Path:
    """Where it is."""
    return git_dir / "phasegate" / f"{run_id}{SUFFIX}"


def place_in_repository(workspace: Path) -> str:
    """The workspace's path from the top of its repository; "" for the top."""
    place = workspace.absolute()
    top = top_above(place)
    return "" if top in (None, place) else place.relative_to(top).as_posix()


def keep(git_dir: Path, disk: Disk, kept: KeptAttempts) -> None:
    """Write it down."""
    body = {**kept._asdict(), "attempts": [each._asdict() for each in kept.attempts]}
    disk.write_atomic(kept_at(git_dir, kept.run), json.dumps(body).encode(), sync=False)


def keep_event(git_dir: Path, disk: Disk, before: KeptAttempts, event: Event) -> None:
    """Add an event of the types that are kept to what is known of its run, or `before` where nothing is."""
    known = read_kept(kept_at(git_dir, before.run)) or before
    fields = event.fields
    task, by = str(fields.get("task") or ""), fields.get("by")
    who = str(by.get("git") or "") if isinstance(by, dict) else ""
    if event.type == ABORTED:
        keep(git_dir, disk, known._replace(over=True))
        return
    if event.type == COMMITS:
        keep(git_dir, disk, known._replace(committed=True, attempts=()))
        return
    number, reason = str(fields.get("attempt") or ""), str(fields.get("reason") or "")
    same = [each for each in known.attempts if each.task == task]
    added = Attempt(event.type, format_time(event.at), task, number, who, reason)
    keep(git_dir, disk, known._replace(attempts=(*same, added)))


def read_kept(path: Path) -> KeptAttempts | None:
    """What is kept there; None where nothing is, or where it cannot be read: it is never synced."""
    if not path.is_file():
        return None
    try:
        body = read_object(path.read_bytes())
        said = {name: text(body, name) for name in ("run", "workflow", "runbook", "place")}
        listed = body.get("attempts")
        rows = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        attempts = tuple(Attempt(**{name: str(row.get(name, "")) for name in Attempt._fields}) for row in rows)
    except ValueError:
        return None
    over, committed = body.get("over") is True, body.get("committed") is True
    return KeptAttempts(**said, over=over, attempts=attempts, committed=committed)
