"""How does this clone take a run that is shared? Seen where it is, signed by who may, claimed, and brought here.

Rules:
- What this clone cannot go on with is refused before its claim: a run of another directory, one that nobody has begun.
- A run that is working elsewhere is left alone, unless its ref does not move for a lease as this process saw it.
"""

from __future__ import annotations

import time
from typing import Protocol

from state.errors import BadInput, PhasegateError, RunFenced, RunHeld, WorkspaceRefused
from state.path_word import path_word
from workflow.doors.clock import SystemClock
from workflow.doors.git.laid_down import lay_down
from workflow.doors.git.plumbing import prefix_of
from workflow.doors.git.tips import WORKER, Tip, read_tip
from workflow.meeting.holding import Holding, boot_time
from workflow.meeting.refs import Standing
from workflow.ports import Person
from workflow.service.meeting_place import Kept, Place, in_another_clone
from workflow.service.run_home import named_home, typed_in
from workflow.service.run_in_tip import branch_of, has_begun, workspace_in
from workflow.service.shared_there import require_all_of

wait = SystemClock().wait
now = time.time
APART = 5.0  # so much may the clocks of two machines differ: the later one's time is waited for [s]
LOOKS = 12  # how often a lease's ref is looked at, before it is taken over


class Taken(Protocol):
    """A run that is being taken: `workflow.service.met.Met`."""

    place: Place
    run_id: str
    kept: Kept
    holding: Holding

    def claim(self, seen: Standing, tip: Tip) -> None: ...

    def let_go(self) -> None: ...


def claim(meeting: Taken, person: Person, left: Standing | None) -> None:
    kept, run_id = meeting.kept, meeting.run_id
    seen = left or meeting.place.standing(run_id)
    if not seen.state and not kept.last:  # it is shared from now on
        require_all_of(meeting.place, run_id, seen)
        meeting.holding.standing = seen
        return
    if not seen.state:
        raise BadInput(
            f"run {run_id} is not on remote {meeting.place.remote.name} any more: it is over, or shared no longer",
            next_command=f"git fetch {meeting.place.remote.name} {path_word(meeting.place.names.branch(run_id))} && "
            "git merge --ff-only FETCH_HEAD   # brings what it came to\n"
            f"      phasegate share {run_id}   # or shares it",
        )
    own = kept.is_own(seen.tip)
    if kept.is_fenced and not own:
        raise RunFenced(
            f"run {run_id} was taken over by another clone while this one worked at it",
            next_command=in_another_clone(run_id),
        )
    if seen.state == "working" and not own and left is None:
        seen = until_still(meeting.place, run_id, seen, person)
    tip = _tip_for_here(meeting.place, run_id, seen) if left is None else meeting.place.verified(run_id, seen)
    require_home(meeting.place, run_id, tip)
    _require_later(run_id, tip)
    if not own:
        kept.lays_down()
    meeting.claim(seen, tip)
    if kept.behind is not None:
        try:
            bring(meeting.place, run_id, tip, kept)
        except PhasegateError:
            let_go(meeting, person)  # it is nobody's fault that it cannot go on here
            raise


def _require_later(run_id: str, tip: Tip) -> None:
    """Return when it is not earlier here than where the tip was made: the times of a journal go forward.

    Raises WorkspaceRefused where the two clocks are further apart than is waited for.
    """
    ahead = tip.at - now()
    if ahead > APART:
        raise WorkspaceRefused(
            f"run {run_id} was left {ahead:.0f} s later than it is here, by the clock of "
            f"{tip.said(WORKER) or 'its holder'}: its journal's times would go back",
            next_command="date -u   # which of the two clocks is wrong?",
        )
    if ahead > 0:
        wait(ahead)


def _tip_for_here(place: Place, run_id: str, seen: Standing) -> Tip:
    """The run's tip, of a run that a person can go on with. Raises BadInput for one that nobody has begun."""
    tip = place.tip(run_id, seen)
    if not has_begun(place.workspace, run_id, tip):
        raise BadInput(
            f"run {run_id} is ordered on remote {place.remote.name}, and nobody has begun it: a worker does",
            next_command=f"phasegate status {run_id} --remote   # where it stands\n"
            "      phasegate worker --once   # in a worker's clone (docs/remote.md)",
        )
    return tip


def let_go(meeting: Taken, person: Person) -> None:
    try:
        meeting.let_go()
    except PhasegateError as error:
        person.progress(f"run {meeting.run_id} could not be given back at the remote: {error.message}")


def require_home(place: Place, run_id: str, tip: Tip) -> None:
    """Raise BadInput unless this workspace is that of the run: in another one it would be no run at all."""
    home = workspace_in(place.workspace, run_id, tip)
    if home != (seen := prefix_of(place.workspace).rstrip("/")):
        raise BadInput(
            f"run {run_id} is kept in {named_home(home)}, this is {named_home(seen)}; nothing was pushed",
            next_command=typed_in(place.workspace, home, f"resume {path_word(run_id)}"),
        )


def bring(place: Place, run_id: str, tip: Tip, kept: Kept) -> None:
    """Have the run in this clone as it is in this tip. Raises as `lay_down`."""
    before = read_tip(place.workspace, kept.behind) if kept.behind else None
    if before is None and not has_begun(place.workspace, run_id, tip):  # it was ordered: there is nothing of it yet
        kept.laid_down()
        return
    lay_down(place.workspace, tip, before, run=run_id, branch=branch_of(place.workspace, run_id, tip))
    kept.laid_down()


def until_still(place: Place, run_id: str, seen: Standing, person: Person) -> Standing:
    """The run, whose ref has not moved for a lease as this process saw it. Raises RunHeld when it moves."""
    began = boot_time()
    place.remote.fetch([seen.tip])
    at_work = read_tip(place.workspace, seen.tip).said(WORKER) or "another clone"
    person.progress(f"run {run_id} is worked at by {at_work}; looking for {place.lease:.0f} s whether it moves")
    while boot_time() - began < place.lease:
        wait(place.lease / LOOKS)
        later = place.standing(run_id)
        if later.tip != seen.tip:
            if later.state and later.state != "working":
                return later
            raise RunHeld(
                f"run {run_id} is worked at by {at_work}",
                next_command=f"phasegate status {run_id} --remote   # where it stands there",
            )
    return place.standing(run_id)
