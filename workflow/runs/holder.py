"""What does this clone know of a run, and no clone brings? `<git dir>/phasegate/<run>.holder`, beside git's own files.

Who holds the run, for messages; with which line it began (`beginning.py`); up to which event its journal was brought
by somebody else: an answer from there makes no command run here (`workflow/engine/brought_answers.py`). Without that
file a run is one of a clone.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from state.cheap_classes import NamedTuple
from state.journal import Journal
from state.json_line import read_object
from state.json_values import text, whole
from workflow.ports import Doors

SUFFIX = ".holder"


def holder_of(git_dir: Path, run_id: str) -> Path:
    """Where it is."""
    return git_dir / "phasegate" / f"{run_id}{SUFFIX}"


class Holder(NamedTuple):
    """What this clone knows of a run, and no clone brings.

    Attributes:
        shown: who held it last, for messages; "" for what nobody kept.
        first: SHA-256 of the line that it began with; "" for what nobody kept.
        taken_on_at: how many events the journal brought when it was first held here, None where it never was.
        segment: number of the file of its journal that was open last; 0 for what nobody kept.
    """

    shown: str = ""
    first: str = ""
    taken_on_at: int | None = None
    segment: int = 0


def keep_holder(git_dir: Path, journal: Journal, doors: Doors, first: str, *, taken_on_at: int) -> None:
    """Write down what this clone knows of a run, now and whenever a further file of its journal is begun."""
    since = f"{doors.clock.now():%Y-%m-%d %H:%M:%S} UTC"
    body = {"pid": os.getpid(), "host": doors.me.host, "since": since, "first": first, "taken_on_at": taken_on_at}
    path = holder_of(git_dir, journal.path.parent.name)

    def write(segment: int) -> None:
        named = {"segment": segment} if segment else {}
        doors.disk.write_atomic(path, json.dumps({**body, **named}).encode(), sync=False)

    journal.on_begun = write
    write(journal.segments.last)


def read_holder(git_dir: Path, run_id: str) -> Holder:
    """What is known of this run; nothing where nobody kept it, or where it cannot be read."""
    path = holder_of(git_dir, run_id)
    if not path.is_file():
        return Holder()
    try:
        body = read_object(path.read_bytes())
        pid, host, since = whole(body, "pid", 1), text(body, "host"), text(body, "since")
    except ValueError:
        return Holder()  # never synced, so a power cut may have emptied it
    first = body.get("first")  # 0.1 wrote none
    first = first if isinstance(first, str) else ""
    brought = body.get("taken_on_at")
    if not isinstance(brought, int) or brought < 0:  # of a version that kept none: with its first line it began here
        brought = 0 if first else None
    segment = body.get("segment")
    segment = segment if isinstance(segment, int) and segment > 0 else 0
    return Holder(f"process {pid} on {host} since {since}", first, brought, segment)
