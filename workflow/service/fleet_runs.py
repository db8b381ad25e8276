"""Which run is the fleet of this file? One that is in this clone, or one that is under way at the remote.

Rules:
- One fleet of a file is under way at a time, whoever began it: a second one would order every target again.
- At the remote it is found by its tip: workflow `fleet`, this runbook, this workspace.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from phases.fleet.model import FLEET
from state.errors import BadInput
from state.event_types import Event
from state.find_runs import find_runs
from state.fold import fold
from state.path_word import path_word
from workflow.doors.git.plumbing import prefix_of
from workflow.doors.git.tips import read_tip
from workflow.meeting.refs import STATES
from workflow.meeting.schedule import Ready
from workflow.runs.find_run import events_of, is_over
from workflow.service.fleet_file import FleetHere
from workflow.service.look_at_tips import Seen, look_at
from workflow.service.meeting_at import any_names_runners
from workflow.service.meeting_place import Place
from workflow.service.run_in_tip import events_in


def under_way(place: Place, here: FleetHere) -> str:
    """The fleet's run that is not over: of this clone, else at the remote; "" for none.

    Raises WorkspaceRefused where runs are met at a remote that does not answer.
    """
    in_this_clone = next((each for each in _runs(place.workspace, here) if not is_over(place.workspace, each)), "")
    return in_this_clone or _at_remote(place, here)


def latest(place: Place, here: FleetHere) -> str:
    """The fleet's run: the one under way, else the last one here. Raises BadInput where there is none."""
    if found := under_way(place, here):
        return found
    runs = _runs(place.workspace, here)
    if not runs:
        raise BadInput(
            f"fleet {here.document.fleet.name} was not begun in this clone, and is not under way on remote "
            f"{place.remote.name}",
            next_command=f"phasegate fleet {path_word(here.path)} --plan   # what it would order\n"
            "      phasegate inbox   # what waits at the remote",
        )
    return runs[-1]


def events_at(place: Place, run_id: str) -> Sequence[Event]:
    """The events of a fleet's run: as they are in this clone, else as its tip has them. Raises JournalDamaged."""
    if run_id in find_runs(place.workspace):
        return events_of(place.workspace, run_id)
    standing = place.standing(run_id)
    place.remote.fetch([standing.tip])
    return events_in(place.workspace, run_id, read_tip(place.workspace, standing.tip))


def _runs(workspace: Path, here: FleetHere) -> list[str]:
    """The runs of this fleet that are here, the latest last."""
    started = [fold(events_of(workspace, each)).start for each in find_runs(workspace)]
    found = [each for each in started if (each.workflow, each.runbook) == (FLEET, here.runbook)]
    return [each.run for each in sorted(found, key=lambda each: each.at)]


def _at_remote(place: Place, here: FleetHere) -> str:
    """The run of this fleet that is under way at the remote; "" for none."""
    if not (place.shares_by_itself or any_names_runners(place.workspace)):
        return ""
    ready = [Ready(run, state, tip) for run, (state, tip) in place.runs(*STATES).items()]
    home = prefix_of(place.workspace).rstrip("/")
    wanted = (FLEET, here.runbook, home)
    found = [
        run.run
        for run, seen in look_at(place, ready).items()
        if isinstance(seen, Seen) and (seen.workflow, seen.runbook, seen.directory) == wanted
    ]
    return max(found, default="")
