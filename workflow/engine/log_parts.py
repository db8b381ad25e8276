"""In which part of the working log does a task's entry stand? One file until it is long enough, then another beside it.

Rules:
- Of a run whose journal is in segments a commit adds at most PART of log, in the longest run too: once a part is that
  long, the next entry begins `<name>-2.md` beside it. A part is not written again once there is a next one.
- The first line of a further part names the part before and its SHA-256, as git had it. A file of that name that does
  not begin so is somebody's own: it is no part, and is not written over.
- Which part holds an entry is among the tree entries that were approved; before that it follows from the files here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path, PurePosixPath

from state.errors import PhasegateError
from state.files import sha256
from state.late_pattern import late
from state.line_endings import with_lf
from state.outside_file import KIB, open_outside, read_outside
from state.printable import printable_line
from state.run_state import RunState
from workflow.engine.working_log import entry_in

PART = 64 * KIB
_HEAD = late(rb"# [^\n]*: working log, part (\d+), behind `([^`\n]+)` \(SHA-256 ([0-9a-f]{64})\)\n")


def part_name(log: str, number: int) -> str:
    """Workspace path of a part of the working log at `log`, from 1."""
    path = PurePosixPath(log)
    return log if number == 1 else path.with_stem(f"{path.stem}-{number}").as_posix()


@lru_cache(maxsize=4096)
def part_number(log: str, path: str) -> int | None:
    """Which part of the working log at `log` this workspace path is; None where it is none."""
    first, here = PurePosixPath(log), PurePosixPath(path)
    found = re.fullmatch(re.escape(first.stem) + r"-([1-9]\d*)", here.stem)
    number = 1 if path == log else int(found[1]) if found else 0
    return number if number and part_name(log, number) == path else None


def part_among(log: str, paths: Iterable[str]) -> str:
    """The part of the working log that is among these paths of a commit; `log` where none is."""
    return next((path for path in paths if part_number(log, path)), log)


def newest_part(workspace: Path, log: str) -> int:
    """The number of the part that was begun last; 1 where there is none yet. Few files are looked at, and one read."""
    known, beyond = 1, 2
    while _is_there(workspace, part_name(log, beyond)):
        known, beyond = beyond, beyond * 2
    while beyond - known > 1:
        between = (known + beyond) // 2
        known, beyond = (between, beyond) if _is_there(workspace, part_name(log, between)) else (known, between)
    while known > 1 and not _begins_as_part(workspace / part_name(log, known)):
        known -= 1
    return known


def _is_there(workspace: Path, path: str) -> bool:
    return os.path.lexists(workspace / path)


def _begins_as_part(path: Path) -> bool:
    try:
        with open_outside(path, "working log", name=path.name) as file:
            return _HEAD.match(with_lf(file.readline())) is not None
    except (OSError, PhasegateError):
        return False


def own_parts(workspace: Path, log: str) -> set[str]:
    """The parts that there are, and the one that would be begun next: a run's own to write."""
    return {part_name(log, number) for number in range(1, newest_part(workspace, log) + 2)}


def part_for(workspace: Path, log: str, run: RunState, task: str) -> str:
    """The part that a task's entry (by its key) goes into, where it is not recorded yet."""
    if not run.segments.are_kept_apart:
        return log
    number = newest_part(workspace, log)
    path, following = part_name(log, number), part_name(log, number + 1)
    try:
        is_full = (workspace / path).stat().st_size >= PART
    except OSError:
        return path  # there is none yet, or what is there is refused when it is read
    if not is_full or _is_there(workspace, following):
        return path
    data = with_lf(read_outside(workspace / path, "working log", limit=None, name=path))
    return following if entry_in(data, run_id=run.run_id, task=task) is None else path


def head_of(title: str, log: str, path: str, before: bytes) -> bytes | None:
    """The first line of a part; None of the first one. `before`: the part before, as git has it."""
    number = part_number(log, path)
    if number is None or number == 1:
        return None
    name = PurePosixPath(part_name(log, number - 1)).name
    words = printable_line(title).replace("<!--", "&lt;!--")
    return f"# {words}: working log, part {number}, behind `{name}` (SHA-256 {sha256(before)})\n".encode()


def part_before(data: bytes) -> tuple[str, str] | None:
    """Name and SHA-256 of the part before, as the first line of a part says; None of the first one."""
    found = _HEAD.match(data)
    return (found[2].decode(), found[3].decode()) if found else None


def is_head(data: bytes) -> bool:
    """Whether this is the first line of a further part, and nothing else."""
    return _HEAD.fullmatch(data) is not None
