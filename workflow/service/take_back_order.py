"""How is an order taken back that nobody has begun? Its ref goes, and its branch says so; by one push, under leases.

Rules:
- The branch stays, so nothing orders the run again; a worker that was quicker has it, and then nothing is taken back.
- Who may order may take back: the commit that says so is signed by a runner.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from phases.fleet.wave import ordered_runs
from phases.step import PastEffect
from state.errors import BadInput, PhasegateError, RunFenced
from state.event_types import EffectIntended, Event
from state.path_word import path_word
from workflow.doors.git.tips import Tip
from workflow.meeting.moves import Move, move
from workflow.meeting.refs import Standing
from workflow.ports import Person
from workflow.service.meeting_place import Place, place_of
from workflow.service.runner_key import tips_of
from workflow.service.who import Who


def take_back(workspace: Path, who: Who, run_id: str, reason: str) -> str:
    """Take back the order of this run; the commit that says so. `reason`: without secrets.

    Raises BadInput where it is no order, or was begun; RunFenced where somebody begins it now; WorkspaceRefused when
    the remote does not answer.
    """
    place = place_of(workspace)
    seen = place.standing(run_id)
    if seen.state != "todo":
        raise BadInput(
            f"run {run_id} is not in this clone, and was begun: on remote {place.remote.name} it is "
            f"{seen.state or 'over'}",
            next_command=f"phasegate resume {path_word(run_id)}   # takes it over, then\n"
            f"      phasegate abort {path_word(run_id)} --reason TEXT",
        )
    return _taken_back(place, who, run_id, seen, reason)


def take_back_all(workspace: Path, who: Who, person: Person, events: Sequence[Event], reason: str) -> Sequence[str]:
    """Take back what a fleet ordered and nobody has begun; the names of the effects by which that was ordered.

    What cannot be taken back is told, and stays.
    """
    effects = [PastEffect("", "", e.attempt, e.effect, e.intent, None) for e in events if isinstance(e, EffectIntended)]
    given = ordered_runs(effects)
    if not given:
        return ()
    found = []
    try:
        place = place_of(workspace)
        todo = place.runs("todo")
        for each in given.values():
            if each.run in todo:
                _taken_back(place, who, each.run, place.standing(each.run), reason)
                person.progress(f"taken back: {each.run}, which nobody had begun")
                found.append(f"order {each.target} {each.number}")
    except PhasegateError as error:
        person.progress(f"orders that nobody has begun may be left at the remote: {error.message}")
    return found


def _taken_back(place: Place, who: Who, run_id: str, seen: Standing, reason: str) -> str:
    tip: Tip = place.tip(run_id, seen)
    by = who.known()
    made = tips_of(place.workspace, run_id, f"{by.git} on {by.host}").taken_back(tip.head, reason)
    branch = place.names.branch(run_id)
    try:
        gone = Move(place.names.of("todo", run_id), seen.tip, "")
        move(place.remote, [gone, Move(branch, seen.branch, made)], run=run_id)
    except RunFenced:
        raise RunFenced(
            f"run {run_id} is begun by somebody just now: its order is not taken back",
            next_command=f"phasegate status {path_word(run_id)} --remote   # where it stands",
        ) from None
    return made
