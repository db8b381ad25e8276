"""Is this journal the one that the run began with? Its first line says by which format's rules the run goes on.

Rules:
- The digest of the first line is kept beside git's own files from the start on (`<git dir>/phasegate/<run>.holder`),
  when no commit holds the journal yet: a run of 2 that is written down as one of 1 would go on by the rules of 0.1.
- 0.1 begins no run where one of format 2 is, for it reads all journals first and refuses that one as newer: a run of 1
  that began there was written down as such afterwards.
- What was never kept proves nothing: holders of 0.1 have no digest, a power cut may empty one, a clone has none. What
  is left open then is `modes-unrecorded` in the audit.
"""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from state.errors import JournalDamaged
from state.events import from_line
from state.files import sha256
from state.find_runs import find_runs, run_directory
from state.outside_file import open_outside
from state.path_word import path_word
from state.run_state import RunState
from state.segments import look_at_change
from workflow.trailers import run_files

if TYPE_CHECKING:
    from workflow.git_port import Git

SHORT = 12  # characters of a digest in messages


def first_line(workspace: Path, run_id: str) -> bytes:
    """The first line of a run's journal, without its line end; empty where there is none."""
    with open_outside(run_directory(workspace, run_id) / "journal.jsonl", "journal", name=run_id) as file:
        return file.readline().rstrip(b"\n")


def refuse_another_beginning(workspace: Path, run: RunState, kept: str, git: Git) -> None:
    """Raise JournalDamaged for a journal whose first line is not the one that the run began with.

    `kept` is the SHA-256 of that line as it was written down at the start, "" where nobody did.
    """
    journal = run_files(run.run_id)[0]
    seen = sha256(first_line(workspace, run.run_id))
    aside = f"mv {quote(f'.phasegate/{run.run_id}')} {quote(f'{run.run_id}.changed')}   # puts it aside, for a new run"
    if kept and kept != seen:
        raise JournalDamaged(
            f"{journal}:1: is not the line that the run began with: expected SHA-256 {kept[:SHORT]}, seen "
            f"{seen[:SHORT]}",
            next_command=f"{look_at_change(journal)}\n      {aside}",
        )
    if run.is_of_0_1 and (other := _of_format_2_before(workspace, run, git)):
        raise JournalDamaged(
            f"{journal}:1: says format 1, and run {other} of format 2 was there when it began: 0.1 begins no run then",
            next_command=f"git -P log --oneline -- {path_word(journal)}   # look where it came from\n      {aside}",
        )


def _of_format_2_before(workspace: Path, run: RunState, git: Git) -> str:
    """A run of format 2 whose journal is in the commit that this one started from; "" when there is none."""
    for other in find_runs(workspace):
        if other == run.run_id or not git.tree_ids(run.start.base, [run_files(other)[0]]):
            continue
        try:
            event = from_line(first_line(workspace, other))
        except ValueError:
            continue  # damaged: refused where it is meant
        if event.version > 1:
            return other
    return ""
