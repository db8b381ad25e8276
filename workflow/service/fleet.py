"""How is one order given over many targets? A fleet is a run of its own: planned, begun, looked at, and stopped here.

Rules:
- A fleet file that is wrong, or that the repository does not have as it is, orders nothing.
- Stopping is open to whoever can push; going on is a command of whoever has the fleet's run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from phases.fleet.runbook import TITLE
from phases.fleet.wave import bases_of, ordered_runs, over_at
from phases.step import PastEffect
from state.errors import BadInput, Problem
from state.event_types import EffectDone, EffectIntended, Event
from state.find_runs import find_runs
from state.fold import fold
from state.path_word import path_word
from workflow.doors.git.handed_over import blob_named
from workflow.doors.git.plumbing import look, prefix_of
from workflow.doors.git.tips import WORKER, read_tip
from workflow.meeting.refs import STATES
from workflow.meeting.schedule import Ready
from workflow.ports import Person
from workflow.runbook.kept_runbook import read_kept
from workflow.runs.find_run import is_over
from workflow.runs.load_plan import load_plan, plan_of
from workflow.service.drive import Driving, Follower
from workflow.service.fleet_file import FleetHere, read_fleet
from workflow.service.fleet_runs import events_at, latest, under_way
from workflow.service.look_at_tips import Seen, look_at
from workflow.service.meeting_place import Place, place_of
from workflow.service.ordered_runs import ALL, OrderedRuns, lift_stops, say_stop, stop_of
from workflow.service.probe_remote import require_fit
from workflow.service.resume import resume
from workflow.service.run import Wanted, run
from workflow.service.runner_key import require_runner
from workflow.service.who import Who
from workflow.service.workspace import governed_workspace_of, workspace_of
from workflow.views.driven import Driven
from workflow.views.fleet import FleetPlan, FleetStatus, TargetLine


def plan(directory: Path, file: str) -> FleetPlan:
    """What would be ordered. Raises BadInput with every problem; nothing is written, and no remote is asked."""
    workspace = workspace_of(directory)
    place = place_of(workspace)
    here = read_fleet(directory, workspace, file, place)
    return FleetPlan(here.document.fleet, here.path, place.remote.name, _head(workspace))


def runbook(directory: Path, file: str) -> str:
    """The fleet's runbook, to be committed beside its file. Raises BadInput with every problem of what that says."""
    return read_fleet(directory, workspace_of(directory), file).runbook_bytes.decode()


def start(
    directory: Path,
    who: Who,
    person: Person,
    file: str,
    *,
    wait: bool = False,
    follower: Follower | None = None,
    typed: Callable[[str], str] = str,
) -> Driven:
    """Begin the fleet's run, or go on with it where it has begun, by whomever: what was stopped goes on, too.

    Raises BadInput with every problem of the file before anything is written; then as `run` and `resume`.
    """
    workspace = governed_workspace_of(directory)
    place = place_of(workspace)
    try:
        here = read_fleet(directory, workspace, file)
    except BadInput:
        read_fleet(directory, workspace, file, place)  # with all else that is wrong, at once
        raise
    driving = Driving(wait=wait)
    if begun := under_way(place, here):
        for part in lift_stops(place, begun):
            person.progress(f"{begun}: {'everything' if part == ALL else f'wave {part}'} goes on, which was stopped")
        return resume(workspace, who, person, begun, driving, follower=follower)
    here = read_fleet(directory, workspace, file, place)
    require_runner(workspace)
    require_fit(place)
    _require_runbook(workspace, here)
    _require_none_open(workspace, here, place)
    return run(workspace, who, person, Wanted("fleet", here.runbook), driving, follower=follower, typed=typed)


def status(directory: Path, file: str) -> FleetStatus:
    """Where its runs are, by the fleet's journal and by the remote. Raises BadInput where it is nowhere."""
    workspace = workspace_of(directory)
    here, place = read_fleet(directory, workspace, file), place_of(workspace)
    run_id = latest(place, here)
    events = events_at(place, run_id)
    state, fleet = fold(events), here.document.fleet
    effects = _effects(events)
    given, bases = ordered_runs(effects), bases_of(effects)
    runs = {each.run: each.directory for each in given.values()}
    there = OrderedRuns(workspace, state.start).look(runs, over_at(effects))

    def line(name: str) -> TargetLine:
        if name not in given:
            return TargetLine(name)
        seen = there[given[name].run]
        unknown = "gone" if seen.run in bases else "not ordered yet"
        why = seen.because if seen.state or seen.run not in bases else "its branch"
        return TargetLine(name, seen.run, seen.state or unknown, why, seen.commit)

    if run_id in find_runs(workspace):
        tasks = plan_of(workspace, state).tasks
    else:
        tasks = read_kept(here.runbook_bytes, state.start).tasks
    keys = {task.title.removeprefix(TITLE): task.key for task in tasks}
    waves: Mapping[str, tuple[str, Sequence[TargetLine]]] = {
        wave.name: (
            str(state.task(keys[wave.name]).status) if wave.name in keys else "not planned",
            [line(name) for name in wave.targets],
        )
        for wave in fleet.waves
    }
    return FleetStatus(fleet.name, here.path, run_id, str(state.outcome), waves, _stops(place, run_id))


def stop(directory: Path, who: Who, file: str, wave: str | None) -> tuple[str, str]:
    """Have nothing more ordered, of one wave or at all; what was ordered goes on. Returns the run, and what is stopped.

    Raises BadInput for a wave that the fleet does not have, and where it is over, or is nowhere.
    """
    workspace = workspace_of(directory)
    here, place = read_fleet(directory, workspace, file), place_of(workspace)
    if wave is not None and here.document.fleet.wave(wave) is None:
        names = [each.name for each in here.document.fleet.waves]
        raise BadInput(
            f"fleet {here.document.fleet.name} has no wave {wave[:80]!r}; there are: {', '.join(names)}",
            next_command=f"phasegate fleet {path_word(here.path)} --stop {names[-1]}",
        )
    run_id = latest(place, here)
    if run_id in find_runs(workspace) and is_over(workspace, run_id):
        raise BadInput(f"run {run_id} is over: it orders nothing more", next_command=f"phasegate log {run_id}")
    by = who.known()
    say_stop(place, run_id, wave or ALL, f"{by.git} on {by.host}")
    return run_id, f"wave {wave}" if wave else "everything"


def _effects(events: Sequence[Event]) -> Sequence[PastEffect]:
    """The effects of a fleet's run, with what came of each."""
    done = {(each.task, each.attempt, each.effect): each.result for each in events if isinstance(each, EffectDone)}
    return [
        PastEffect("", "", each.attempt, each.effect, each.intent, done.get((each.task, each.attempt, each.effect)))
        for each in events
        if isinstance(each, EffectIntended)
    ]


def _stops(place: Place, run_id: str) -> Mapping[str, str]:
    refs = place.remote.look(f"{stop_of(place, run_id, '')}*")
    place.remote.fetch(refs.values())
    return {ref.rpartition("/")[2]: read_tip(place.workspace, sha).said(WORKER) for ref, sha in refs.items()}


def _require_runbook(workspace: Path, here: FleetHere) -> None:
    """Raise BadInput unless HEAD has the fleet's runbook, with nothing ticked yet, as its file gives it."""
    if blob_named(workspace, f"HEAD:./{here.runbook}") == here.runbook_bytes:
        return
    file, runbook = path_word(here.path), path_word(here.runbook)
    raise BadInput(
        f"HEAD does not have {here.runbook} as {here.path} gives it: a task a wave, none ticked; a run begins at it",
        next_command=f"phasegate fleet {file} --runbook > {runbook}\n"
        f"      git add {runbook} && git commit -m 'A runbook for fleet {here.document.fleet.name}' -- {runbook}\n"
        f"      phasegate fleet {file}",
    )


def _require_none_open(workspace: Path, here: FleetHere, place: Place) -> None:
    """Raise BadInput where a run of the workflow is open at the remote in a target's directory: two would do one work.

    So two clones do not order one fleet, and one that was aborted leaves nothing behind that is ordered once more.
    """
    fleet, prefix = here.document.fleet, prefix_of(workspace)
    targets = {f"{prefix}{each.directory}".rstrip("/"): each for each in fleet.targets.values()}
    there = look_at(place, [Ready(run, state, tip) for run, (state, tip) in sorted(place.runs(*STATES).items())])
    problems: list[Problem] = []
    runs: list[Ready] = []
    for ready, seen in there.items():
        target = targets.get(seen.directory) if isinstance(seen, Seen) else None
        if target is None or not isinstance(seen, Seen):
            continue
        named = load_plan(workspace / target.directory, fleet.workflow, None).workflow.name
        if seen.workflow in (named, PurePosixPath(fleet.workflow).stem):
            runs.append(ready)
            told = f"target {target.name} has a run of {named} already: {ready.run} is {ready.state} on remote"
            problems.append(here.document.problem(("targets", target.name), f"{told} {place.remote.name}"))
    if problems:
        todo = next((path_word(each.run) for each in runs if each.state == "todo"), "")
        taken_back = f"\n      phasegate abort {todo} --reason TEXT   # takes back an order that nobody has begun"
        raise BadInput(
            f"runs of {fleet.workflow} are open where fleet {fleet.name} would order theirs, so nothing is ordered",
            problems=problems,
            next_command=f"phasegate status {runs[0].run} --remote   # whose it is; it ends where it is held"
            + (taken_back if todo else ""),
        )


def _head(workspace: Path) -> str:
    return look(workspace, "rev-parse", "--verify", "HEAD^{commit}").stdout.decode().strip()
