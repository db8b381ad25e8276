"""What do the tips of runs say to a worker, before it claims one? All that are asked about, by a few processes of git.

Rules:
- What is read here only says whether a run is this worker's: its claim verifies who signed it (`workflow.service.met`).
- Ten thousand tips are a fetch, a `git log` and three `git cat-file`; no more is kept than what is returned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from state.cheap_classes import dataclass
from state.errors import PhasegateError, RunFenced, WorkspaceRefused
from state.event_parts import RunTarget
from state.fold import fold
from state.read_journal import parse
from state.segments import JOURNAL
from workflow.doors.git.read_many import read_blobs
from workflow.doors.git.tips import UNTIL, Tip, no_tip, read_tips
from workflow.meeting.orders import FILE as ORDER
from workflow.meeting.orders import Order, file_of
from workflow.meeting.schedule import Ready
from workflow.service.meeting_place import Place
from workflow.service.orders import read_order
from workflow.service.run_in_tip import takes

FETCHES = 3  # how often what moved on meanwhile is left out, and the others are fetched again


@dataclass(frozen=True, slots=True)
class Seen:
    """What a tip says of its run.

    Attributes:
        directory: the workspace, as the repository has it; "" for its top.
        target: where it acts; None where nobody has said so.
        workflow: its name.
        order: the order, of a run that nobody has begun.
        takes: how often in a row it was taken over without getting any further.
        profile: of the worker's own configuration, as the order has it; "" for none.
        runbook: its path, below the workspace; "" for that of the workflow's own place, of a run that nobody has begun.
    """

    directory: str
    target: RunTarget | None
    workflow: str
    order: Order | None
    takes: int
    profile: str = ""
    runbook: str = ""


def look_at(place: Place, runs: Sequence[Ready]) -> Mapping[Ready, Seen | PhasegateError]:
    """What each of these tips says, fetched; or why it says nothing.

    That is RunFenced where the run moved on meanwhile, WorkspaceRefused for what is no tip, or no order, and
    JournalDamaged.

    Raises WorkspaceRefused when the remote does not answer.
    """
    found: dict[Ready, Seen | PhasegateError] = {
        run: RunFenced(f"run {run.run} moved on", next_command="phasegate worker") for run in runs
    }
    here = _fetched(place, runs)
    tips = read_tips(place.workspace, [run.tip for run in here])
    known = [run for run in here if run.tip in tips]
    if unread := [run for run in here if run.tip not in tips]:
        refs = place.remote.look(place.names.everything())
        lies = [run for run in unread if refs.get(place.names.of(run.state, run.run)) == run.tip]
        found |= {run: no_tip(place.workspace, run.tip) for run in lies}
    journals = read_blobs(place.workspace, [tips[run.tip].names(f".phasegate/{run.run}/{JOURNAL}") for run in known])
    taken_along = read_blobs(place.workspace, [tips[run.tip].names(f".phasegate/{run.run}/{ORDER}") for run in known])
    put_up = read_blobs(place.workspace, [f"{run.tip}:{file_of(run.run)}" for run in known])
    for run, journal, *orders in zip(known, journals, taken_along, put_up, strict=True):
        try:
            found[run] = _seen(place, run, tips[run.tip], journal, orders[0 if journal else 1])
        except PhasegateError as error:
            found[run] = error
    return found


def until_of(place: Place, stopped: Sequence[Ready]) -> Mapping[Ready, str]:
    """Until when each of these runs waits, "" for one that waits for a person; all are fetched at once."""
    try:
        here = _fetched(place, stopped)
    except WorkspaceRefused:
        return {}  # nobody answers: the next look is another one, and says so
    tips = read_tips(place.workspace, [run.tip for run in here])
    return {run: tips[run.tip].said(UNTIL) for run in here if run.tip in tips}


def _fetched(place: Place, runs: Sequence[Ready]) -> Sequence[Ready]:
    """Those of the runs whose tips the remote still gives, which are here then. Raises WorkspaceRefused."""
    for _ in range(FETCHES):
        try:
            place.remote.fetch(each.tip for each in runs)
            return runs
        except WorkspaceRefused as error:
            refs = place.remote.look(place.names.everything())
            still = [each for each in runs if refs.get(place.names.of(each.state, each.run)) == each.tip]
            if len(still) == len(runs):
                raise
            runs, refused = still, error
    raise refused


def _seen(place: Place, run: Ready, tip: Tip, journal: bytes, order: bytes) -> Seen:
    if not journal:
        ordered = read_order(order, run.run, tip.sha, place.remote.name)
        return Seen(
            ordered.directory, ordered.target, ordered.workflow, ordered, takes(tip), ordered.profile, ordered.runbook
        )
    started = fold(parse(journal.split(b"\n", 1)[0] + b"\n")[0]).start
    profile = read_order(order, run.run, tip.sha, place.remote.name).profile if order else ""
    return Seen(tip.workspace, started.target, started.workflow, None, takes(tip), profile, started.runbook)
