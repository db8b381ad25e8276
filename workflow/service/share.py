"""How does a run come to a remote, where others see what waits and decide? And how does it come off again?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from state.errors import BadInput
from state.fold import fold
from workflow.engine.engine import Engine
from workflow.ports import Person
from workflow.runs.find_run import choose, events_of, is_over
from workflow.service.meeting_place import Kept, Place, place_of
from workflow.service.met import met, parked
from workflow.service.open_run import held_run
from workflow.service.probe_remote import require_fit
from workflow.service.run_home import home_at
from workflow.service.runner_key import require_runner
from workflow.service.shared_file import keep_alone
from workflow.service.shared_there import from_now_on
from workflow.service.who import Who
from workflow.service.workspace import workspace_of


@dataclass(frozen=True, slots=True)
class Shared:
    """What became of it: where the run stands at the remote now, "" for nowhere."""

    run: str
    remote: str
    state: str


def share(
    directory: Path, who: Who, person: Person, run_id: str | None, *, remote: str | None = None, key: Path | None = None
) -> Shared:
    """Push this run's branch and files to the remote, signed; from now on each of its gates by itself.

    Raises BadInput where nobody could read or approve it there: no runners, no key, a run of format 1, one that is
    over; WorkspaceRefused where the host does not do what that needs.
    """
    workspace = workspace_of(directory)
    chosen = choose(workspace, run_id)
    kept = Kept(workspace, chosen)
    if kept.is_shared:
        with held_run(workspace, chosen, who, person, tip_key=key):
            pass
        return _as_it_is(place_of(workspace, kept.remote), chosen)
    place = place_of(workspace, remote)
    _require_shareable(workspace, chosen, place, key)
    with from_now_on(place, chosen), held_run(workspace, chosen, who, person, tip_key=key):
        pass
    return _as_it_is(place, chosen)


def _as_it_is(place: Place, run_id: str) -> Shared:
    return Shared(run_id, place.remote.name, place.standing(run_id).state)


def _require_shareable(workspace: Path, run_id: str, place: Place, key: Path | None) -> None:
    run = fold(events_of(workspace, run_id))
    if is_over(workspace, run_id):
        raise BadInput(f"run {run_id} is over: nothing of it waits", next_command=f"phasegate log {run_id}")
    if run.is_of_0_1:
        raise BadInput(
            f"run {run_id} is of format 1, which cannot record a verdict from a remote; it goes on as it began",
            next_command=f"phasegate resume {run_id}",
        )
    require_runner(workspace, key)
    require_fit(place)


@contextmanager
def taken_over(place: Place, run_id: str) -> Iterator[Path]:
    """The workspace of a run at the remote that this clone has never had: in the block it is opened, and is kept here.

    Raises BadInput where that directory is not here.
    """
    home = home_at(place, run_id)
    with from_now_on(place, run_id):
        yield home


def stop_sharing(directory: Path, who: Who, person: Person, run_id: str | None) -> Shared:
    """Take the run's ref off the remote; its branch stays. Raises BadInput while verdicts wait that nobody took in."""
    workspace = workspace_of(directory)
    chosen = choose(workspace, run_id)
    kept = Kept(workspace, chosen)
    if not kept.is_shared:
        raise BadInput(f"run {chosen} is not shared by this clone", next_command=f"phasegate share {chosen}")
    place = place_of(workspace, kept.remote)
    if waiting := place.standing(chosen).verdicts:
        raise BadInput(
            f"{len(waiting)} of run {chosen}'s verdicts are on the remote, and not taken in yet",
            next_command=f"phasegate resume {chosen}   # takes them in",
        )
    with met(workspace, chosen, who, person) as meeting:
        if meeting is None:
            raise BadInput(
                f"run {chosen} is worked at by another process here", next_command=f"phasegate status {chosen}"
            )
        meeting.holding.park_as_before("", "shared no longer")
        meeting.is_parked = True
    keep_alone(workspace, chosen)
    kept.forget()
    return Shared(chosen, place.remote.name, "")


@contextmanager
def shared_from_the_start(engine: Engine, who: Who, person: Person) -> Iterator[None]:
    """In the block a run that has just begun is shared, where `meeting` of phasegate.yaml names a remote."""
    workspace, run_id = engine.workspace, engine.run.run_id
    place = place_of(workspace)
    if not place.shares_by_itself:
        yield
        return
    with ExitStack() as held:
        held.enter_context(from_now_on(place, run_id))
        meeting = held.enter_context(met(workspace, run_id, who, person))
        assert meeting is not None
        held.enter_context(parked(meeting, engine))
        yield


def require_meeting_fit(directory: Path) -> None:
    """Before a run begins that will be shared by itself: raise as `share` does, with nothing written."""
    workspace = workspace_of(directory)
    place = place_of(workspace)
    if place.shares_by_itself:
        require_runner(workspace)
        require_fit(place)
