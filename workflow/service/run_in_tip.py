"""What does a tip say of its run? Read from its commit, as the journal there has it; nothing is checked out."""

from __future__ import annotations

import os
from pathlib import Path

from state.event_types import Event
from state.run_state import RunState
from state.segments import JOURNAL
from workflow.doors.git.plumbing import look
from workflow.doors.git.tips import TAKE, WORKSPACE, Tip


def takes(tip: Tip) -> int:
    """How often in a row the run was taken over, or given back, without getting any further."""
    said = tip.said(TAKE)
    return int(said) if said.isdecimal() else 0


def has_begun(workspace: Path, run_id: str, tip: Tip) -> bool:
    """Whether the tip has a journal of the run, in the directory that it says; else the run was ordered only."""
    directory = tip.said(WORKSPACE)
    path = f"{directory}/" if directory else ""
    return look(workspace, "cat-file", "-e", f"{tip.sha}:{path}.phasegate/{run_id}/{JOURNAL}").returncode == 0


def branch_of(workspace: Path, run_id: str, tip: Tip) -> str:
    """The branch that the run in this tip commits to. Raises JournalDamaged."""
    return run_in(workspace, run_id, tip).branch


def run_in(workspace: Path, run_id: str, tip: Tip) -> RunState:
    """The run as its journal in this tip has it. Raises JournalDamaged."""
    from state.run_state import fold

    return fold(events_in(workspace, run_id, tip))


def events_in(workspace: Path, run_id: str, tip: Tip) -> list[Event]:
    """The events of its journal in this tip. Raises JournalDamaged."""
    from state.read_journal import read_pieces
    from state.segments import pieces

    def held(path: str) -> bytes:
        return look(workspace, "cat-file", "blob", f"{tip.sha}:./{path}").stdout

    below = f".phasegate/{run_id}/journal/"
    listed = look(workspace, "ls-tree", "-r", "-z", "--name-only", tip.sha, "--", below).stdout.split(b"\0")
    names = [os.fsdecode(each).removeprefix(f".phasegate/{run_id}/") for each in listed if each]
    further = lambda: {name: held(f".phasegate/{run_id}/{name}") for name in names}  # noqa: E731
    found = pieces(held(f".phasegate/{run_id}/{JOURNAL}"), further, run=f".phasegate/{run_id}")
    return list(read_pieces(found, run=f".phasegate/{run_id}")[0].events)
