"""What does a worker do at one run? One segment of it, in a clone of its own: `resume` for nobody's terminal.

    the tip was read     where does it act, has it begun, how often was it taken over in vain (`look_at_tips.py`)
    claimed              as `workflow.service.met`; an order that nobody has begun is begun
    worked               verdicts taken in, tasks to the next gate, question or end
    parked               and the clone goes

Rules:
- Nobody is asked, and nothing is approved: what waits for a person waits for one. A step that only a person can tell
  the state of after a crash is not begun again (`AfterCrash.ASK_A_PERSON`); no order answers for that person.
- In a segment the profile of its order holds, where it names one, as if the worker had been started with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from state.errors import Waiting, WorkspaceRefused
from state.files import Disk
from state.find_runs import run_directory
from state.path_word import path_word
from workflow.doors.git.handed_over import blob_named
from workflow.doors.git.laid_down import require_inside
from workflow.doors.git.meeting_place import GitRemote
from workflow.doors.git.own_tree import OneWorker, check_out
from workflow.doors.git.plumbing import git_dir_of
from workflow.doors.git.tips import read_tip
from workflow.engine.engine import Engine
from workflow.meeting.orders import FILE as ORDER
from workflow.meeting.orders import Order
from workflow.meeting.refs import Names, Standing
from workflow.meeting.schedule import Ready
from workflow.ports import Meeting, Person, Settings
from workflow.runs.askable import refuse_unasked
from workflow.runs.begin import Ordered, start
from workflow.runs.load_plan import load_plan
from workflow.runs.workflow_catalog import KNOWN
from workflow.service.at_target import at_profile, require_at_target
from workflow.service.doors import make_doors
from workflow.service.drive import go_on
from workflow.service.look_at_tips import Seen
from workflow.service.meeting_place import Kept, Place
from workflow.service.met import Met, met, parked
from workflow.service.notify import notified
from workflow.service.open_run import held_run, recover
from workflow.service.run_in_tip import run_in
from workflow.service.who import Who
from workflow.service.workspace import sandbox_directory

AGAIN = "repeat-"  # how questions begin whether a step may run again that nobody can tell the state of


def work_at(place: Place, run: Ready, seen: Seen, who: Who, person: Person, clones: OneWorker) -> str:
    """Have this run one segment further; what it is at the remote then: `waiting`, `stopped`, `working`, or `over`.

    Raises RunFenced where another worker was first, and as `Engine.drive`; the run is parked then.
    """
    with clones.tree(place.workspace) as tree:
        own = Place(tree, GitRemote(tree, place.remote.name), place.names, place.lease, place.shares_by_itself)
        standing = own.standing(run.run)
        if (standing.state, standing.tip) != (run.state, run.tip):
            return standing.state or "over"
        if not standing.branch:
            raise _no_branch(place, run)
        own.remote.fetch([standing.tip, standing.branch, *(standing.verdicts or {}).values()])
        workspace = tree / seen.directory
        _lay_out(tree, workspace, run, standing.branch, seen)
        if seen.target is not None and seen.target.sandbox:
            _with_sandbox(place.workspace, workspace)
        Kept(workspace, run.run).begin(place.remote.name)
        meeting: Meeting | None = None
        try:
            with at_profile(seen.profile), _opened(workspace, run, standing, seen, who, person) as engine:
                meeting = engine.open_run.meeting
                go_on(engine)
        except Waiting:
            pass
        left_at = meeting.holding.standing if isinstance(meeting, Met) else own.standing(run.run)
        return left_at.state or "over"


def _no_branch(place: Place, run: Ready) -> WorkspaceRefused:
    """The refusal of a run whose branch somebody has deleted: the tip has its commits, so it can be put back."""
    branch, head = Names.branch(run.run), read_tip(place.workspace, run.tip).head
    return WorkspaceRefused(
        f"run {run.run} is {run.state} on remote {place.remote.name}, its branch (it was at {head[:10]}) is gone",
        next_command=f"git push {place.remote.name} {head}:{path_word(branch)}   # puts it back",
    )


def _lay_out(tree: Path, workspace: Path, run: Ready, head: str, seen: Seen) -> None:
    """Have the branch that the run commits to checked out, as the remote has it."""
    branch = Names.branch(run.run).removeprefix("refs/heads/")
    check_out(tree, head, branch)
    require_inside(workspace, tree, run.run, seen.directory, head)
    if seen.order is None:
        check_out(tree, head, run_in(workspace, run.run, read_tip(tree, run.tip)).branch)


def _with_sandbox(home: Path, workspace: Path) -> None:
    """Have the sandbox of the clone that the worker was started in: what earlier segments made is there."""
    place, there = sandbox_directory(workspace), sandbox_directory(home)
    place.parent.mkdir(parents=True, exist_ok=True)
    there.mkdir(parents=True, exist_ok=True)
    place.symlink_to(there, target_is_directory=True)


@contextmanager
def _opened(workspace: Path, run: Ready, standing: Standing, seen: Seen, who: Who, person: Person) -> Iterator[Engine]:
    """The run, claimed and open, its verdicts taken in; begun, where it was ordered. At its end it is parked."""
    if seen.order is not None:
        with _begun(workspace, run, standing, seen.order, who, person) as engine:
            yield engine
        return
    settings = Settings(_answers(workspace, run, seen))
    with held_run(workspace, run.run, who, person, settings, left=standing) as engine:
        recover(engine)
        if engine.open_run.meeting is not None:
            engine.open_run.meeting.take_in()
        yield engine


@contextmanager
def _begun(workspace: Path, run: Ready, standing: Standing, order: Order, who: Who, person: Person) -> Iterator[Engine]:
    """The run, as it was ordered, claimed and begun. Raises as `workflow.service.run.run`."""
    with ExitStack() as held:
        meeting = held.enter_context(met(workspace, run.run, who, person, left=standing))
        target, runbook = (order.workflow, order.runbook or None) if order.workflow in KNOWN else (order.runbook, None)
        found = load_plan(workspace, target, runbook)
        answers = without_repeats(order.answers)
        refuse_unasked(answers, found.plan, found.workflow, workspace)
        doors = make_doors(workspace, who, person, sandbox=order.target.sandbox)
        if not order.target.sandbox:
            require_at_target(order.target, doors.connect(), again=f"phasegate worker --target {order.target}")
        engine = start(
            workspace,
            found,
            doors,
            Settings(answers),
            sandbox=order.target.sandbox,
            git_dir=git_dir_of(workspace),
            said=Ordered(order.ordered_by, order.target, run.run),
        )
        held.enter_context(engine.journal)
        Disk(workspace).write_atomic(run_directory(workspace, run.run) / ORDER, order.to_bytes())
        held.enter_context(notified(engine))
        held.enter_context(parked(meeting, engine, is_new=True))
        yield engine


def _answers(tree: Path, run: Ready, seen: Seen) -> Mapping[str, str]:
    """What the run's order answers, nothing where nobody ordered it; the order goes along in the tips."""
    data = blob_named(tree, f"{run.tip}:./.phasegate/{run.run}/{ORDER}")
    return without_repeats(Order.from_bytes(data).answers) if data else {}


def without_repeats(answers: Mapping[str, str]) -> Mapping[str, str]:
    """The answers without those whether a step may run again: a person gives them who has looked."""
    return {name: answer for name, answer in answers.items() if not name.startswith(AGAIN)}
