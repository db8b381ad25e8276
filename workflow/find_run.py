"""Which run is meant? Reading only: no lock, no git, no AWS."""

from __future__ import annotations

from pathlib import Path

from state.errors import BadInput
from state.events import Event
from state.journal import find_runs, read, run_directory
from state.run_state import fold


def choose(workspace: Path, run_id: str | None) -> str:
    """The run that is meant: the one named, or the only unfinished one, or the only or latest one.

    Raises BadInput when there is none, or several unfinished ones.
    """
    runs = find_runs(workspace)
    if run_id is not None:
        if run_id in runs:
            return run_id
        raise BadInput(
            f"no run {run_id!r} here; there are: {', '.join(runs) or 'none'}", next_command="phasegate status"
        )
    if not runs:
        raise BadInput("no run has been started in this repository", next_command="phasegate run stage-06 --sandbox")
    unfinished = [name for name in runs if not is_over(workspace, name)]
    if len(unfinished) > 1:
        raise BadInput(
            f"{len(unfinished)} runs are unfinished, say which: {', '.join(unfinished)}",
            next_command=f"phasegate status {unfinished[-1]}",
        )
    return unfinished[0] if unfinished else max(runs, key=lambda name: events_of(workspace, name)[0].at)


def is_over(workspace: Path, run_id: str) -> bool:
    """Whether the run has ended, as far as its journal tells: a last task that intends to commit counts as over."""
    run = fold(events_of(workspace, run_id))
    if run.end:
        return True
    here = run.here
    return here is not None and here.key == run.start["tasks"][-1]["key"] and here.status == "committing"


def events_of(workspace: Path, run_id: str) -> list[Event]:
    return read(run_directory(workspace, run_id) / "journal.jsonl")
