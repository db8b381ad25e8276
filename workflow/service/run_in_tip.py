"""What does a tip say of its run? Read from its commit, as the journal there has it; nothing is checked out."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from state.errors import WorkspaceRefused
from state.event_types import Event
from state.printable import as_name
from state.run_state import RunState
from state.segments import JOURNAL
from workflow.doors.git.handed_over import blob_named
from workflow.doors.git.plumbing import look
from workflow.doors.git.tips import TAKE, Tip, below
from workflow.meeting.orders import Order, file_of


def takes(tip: Tip) -> int:
    """How often in a row the run was taken over, or given back, without getting any further."""
    said = tip.said(TAKE)
    return int(said) if said.isdecimal() else 0


def has_begun(workspace: Path, run_id: str, tip: Tip) -> bool:
    """Whether the tip has a journal of the run, in the directory that it says; else the run was ordered only."""
    return look(workspace, "cat-file", "-e", tip.names(f".phasegate/{run_id}/{JOURNAL}")).returncode == 0


def branch_of(workspace: Path, run_id: str, tip: Tip) -> str:
    """The branch that the run in this tip commits to. Raises JournalDamaged."""
    return run_in(workspace, run_id, tip).branch


def workspace_in(workspace: Path, run_id: str, tip: Tip) -> str:
    """The directory that the run of this tip is kept in, as the repository has it; "" for its top.

    `workspace`: any of this repository. Raises WorkspaceRefused for one that leads out of it, or an order that is none.
    """
    found = tip.workspace
    if not found and (data := blob_named(workspace, f"{tip.sha}:{file_of(run_id)}")):
        try:
            found = Order.from_bytes(data).directory  # of one that an earlier release ordered
        except ValueError as error:
            raise WorkspaceRefused(
                f"{file_of(run_id)} at {tip.sha[:10]} is no order: {error}",
                next_command=f"git show {tip.sha[:10]}   # who pushed it?",
            ) from None
    if found and (PurePosixPath(found).is_absolute() or {"..", ".git"} & set(PurePosixPath(found).parts)):
        raise WorkspaceRefused(
            f"the tip {tip.sha[:10]} of run {run_id} says that it is kept in {as_name(found[:200])}: expected a "
            "directory of the repository",
            next_command=f"git show {tip.sha[:10]}   # who pushed it?",
        )
    return found


def run_in(workspace: Path, run_id: str, tip: Tip) -> RunState:
    """The run as its journal in this tip has it, in the tip's own workspace. Raises JournalDamaged.

    `workspace`: any of this repository; whether the run's is checked out does not matter.
    """
    from state.fold import fold

    return fold(events_in(workspace, run_id, tip))


def events_in(workspace: Path, run_id: str, tip: Tip) -> list[Event]:
    """The events of its journal in this tip. Raises JournalDamaged."""
    from state.read_journal import read_pieces
    from state.segments import pieces

    home = below(tip.workspace, f".phasegate/{run_id}/")

    def held(path: str) -> bytes:
        return blob_named(workspace, f"{tip.sha}:{home}{path}") or b""

    listing = ("ls-tree", "-r", "-z", "--name-only", "--full-tree", tip.sha, "--", f"{home}journal/")
    names = [os.fsdecode(each).removeprefix(home) for each in look(workspace, *listing).stdout.split(b"\0") if each]
    further = lambda: {name: held(name) for name in names}  # noqa: E731
    found = pieces(held(JOURNAL), further, run=home.rstrip("/"))
    return list(read_pieces(found, run=home.rstrip("/"))[0].events)
