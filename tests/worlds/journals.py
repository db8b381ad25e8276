"""The journal of a run as a test reads and forges it: all of its lines, in whichever files they lie.

Which event begins a file is told here once more, beside the product's own rule (`state/segments.py`), and from plain
values, so that what is no event can be forged, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Events = list[dict[str, Any]]
JOURNAL = "journal.jsonl"
NAMES_A_COMMIT = ("task-started", "rollback-started", "aborted", "runbook-taken", "noted", "policy-approved")


def journal_files(journal: Path) -> list[Path]:
    """The files of the journal that begins at `journal`, or in the one run of a workspace, in order."""
    if journal.name != JOURNAL:
        (journal,) = journal.glob(f".phasegate/*/{JOURNAL}")
    below = (each for each in (journal.parent / "journal").glob("*/*.jsonl"))
    return [journal, *sorted(below, key=lambda each: (int(each.parent.name), each.name))]


def journal_bytes(journal: Path) -> bytes:
    """What stands in all of them."""
    return b"".join(each.read_bytes() for each in journal_files(journal))


def journal_events(journal: Path) -> Events:
    """Its events, as plain values."""
    return [json.loads(line) for line in journal_bytes(journal).splitlines()]


def last_file(journal: Path) -> Path:
    """The file that is written to."""
    return journal_files(journal)[-1]


def file_with(journal: Path, text: bytes) -> Path:
    """The first file in which this stands."""
    return next(each for each in journal_files(journal) if text in each.read_bytes())


def chained(events: Events) -> bytes:
    """The journal with these events, as one: `seq` and `prev` are made anew."""
    data, prev = b"", "0" * 64
    for seq, event in enumerate(events):
        body = {**event, "seq": seq}
        body.pop("prev", None)
        line = json.dumps({**body, "prev": prev}, ensure_ascii=False, separators=(",", ":")).encode()
        data, prev = data + line + b"\n", hashlib.sha256(line).hexdigest()
    return data


def in_files(data: bytes) -> dict[str, bytes]:
    """The files of the journal with these lines, by name in the run's directory."""
    files, name, apart, intended = {JOURNAL: b""}, JOURNAL, False, False
    for line in data.splitlines(keepends=True):
        event = _plain(line)
        apart = apart or (event.get("type") == "run-started" and event.get("storage") == 2 and event.get("v") != 1)
        named = event.get("type") in NAMES_A_COMMIT and event.get("after")
        if apart and intended and named:
            name = f"journal/{len(files) // 100:02}/{len(files) % 100:02}.jsonl"
        says_nothing = event.get("type") in ("noted", "policy-approved", "aborted") and not named
        intended = event.get("type") == "commit-intended" or (intended and says_nothing)
        files[name] = files.get(name, b"") + line
    return files


def _plain(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def write_journal(journal: Path, events: Events) -> None:
    """Have the journal hold these events, in the files where they belong."""
    for old in journal_files(journal):
        old.unlink()
    for name, data in in_files(chained(events)).items():
        path = journal.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def line_count(workspace: Path) -> int:
    """How many whole lines the journals of a workspace have."""
    return sum(len(journal_bytes(each).split(b"\n")) - 1 for each in workspace.glob(f".phasegate/*/{JOURNAL}"))


def place_of(journal: Path, seq: int) -> str:
    """Where an event stands: `journal/00/01.jsonl:3`, from the run's directory."""
    left: Sequence[Path] = journal_files(journal)
    for file in left:
        lines = file.read_bytes().count(b"\n")
        if seq < lines:
            return f"{file.relative_to(left[0].parent).as_posix()}:{seq + 1}"
        seq -= lines
    raise AssertionError(f"no event {seq} more")
