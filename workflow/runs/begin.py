"""How does a run begin, and how does it come back? Everything between a command and an Engine.

Rules:
- A refusal changes nothing on disk: plan, workspace, inputs and step bindings are checked before the journal is made.
- A run is opened from its own copy of the runbook; the plan must be the one it started with.
- Two unfinished runs of one runbook, or with artifacts in one place, would mix their commits: the second is refused.
- Who holds a run is written beside git's own files (`<git dir>/phasegate/<run>.holder`), for messages, and with which
  line it began (`beginning.py`), and up to which event its journal was brought by somebody else: an answer from there
  makes no command run here (`workflow/engine/brought_answers.py`). Without that file a run is one of a clone.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from phases.step import Workflow
from state.counted import counted
from state.errors import BadInput, JournalDamaged, RunHeld, WorkspaceRefused
from state.files import Disk, sha256
from state.find_runs import find_runs, find_unbegun, remove_unbegun, run_directory
from state.journal import Journal
from state.json_line import read_object
from state.json_values import text, whole
from state.model import Plan
from state.outside_file import INPUT, read_if_there
from state.path_word import path_word
from state.plain_files import open_lock
from state.printable import as_name
from state.run_state import RunState, fold
from state.segments import JOURNAL, STORAGE, segment_name
from workflow.doors.git.branch_gone import is_here, switch_to, way_to_branch
from workflow.doors.git.runs_elsewhere import goes_on_elsewhere
from workflow.doors.git.shallow import refuse_cut_history
from workflow.engine.engine import Doors, Engine, Settings
from workflow.engine.log_parts import own_parts
from workflow.engine.open_run import OpenRun
from workflow.engine.rollback_tasks import rollback_tasks
from workflow.policy.effective_policy import PolicyInForce
from workflow.ports import Git
from workflow.runbook.plan_checks import start_problems
from workflow.runs.apply_runbook_edit import remove_untaken
from workflow.runs.beginning import first_line, refuse_another_beginning
from workflow.runs.checks_beside import checks_in, that_cannot_hold
from workflow.runs.completed_tasks import adopted_tasks, require_open_tasks
from workflow.runs.find_run import events_of, is_over
from workflow.runs.git_attributes import refuse_other_attributes, write_attributes
from workflow.runs.grow_plan import finish_growth
from workflow.runs.load_plan import RunTarget, plan_of
from workflow.runs.run_before import run_before
from workflow.runs.runbook_name import refuse_shared_place, refuse_unfit
from workflow.runs.take_boxes_back import take_boxes_back
from workflow.runs.workflow_catalog import placed, workflow_of
from workflow.trailers import run_files


def start(
    workspace: Path,
    target: RunTarget,
    doors: Doors,
    settings: Settings,
    *,
    sandbox: bool,
    git_dir: Path,
    again: bool = False,
) -> Engine:
    """A new run, held by this process, not yet at its first task.

    `again`: the ticked boxes of the runbook are taken back, where there are any.

    Raises WorkspaceRefused, RunHeld or BadInput when another run is in the way, or BadInput with every problem of the
    inputs; nothing was written then.
    """
    with _starting(git_dir):
        return _start(workspace, target, doors, settings, sandbox=sandbox, git_dir=git_dir, again=again)


@contextmanager
def _starting(git_dir: Path) -> Iterator[None]:
    """One start at a time: between looking at the other runs and having a journal, nobody else looks."""
    (git_dir / "phasegate").mkdir(exist_ok=True)
    with open_lock(git_dir / "phasegate" / "start.lock") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _start(
    workspace: Path,
    target: RunTarget,
    doors: Doors,
    settings: Settings,
    *,
    sandbox: bool,
    git_dir: Path,
    again: bool,
) -> Engine:
    plan, workflow, data, shape = target
    refuse_shared_place(workspace, plan.runbook, workflow)
    _refuse_second(workspace, target, git_dir)
    _forget_unbegun(workspace, doors)
    run_id = _new_id(workspace, workflow.name, doors.clock.now())
    directory = run_directory(workspace, run_id)
    ours = workflow.paths(plan.runbook) | set(run_files(run_id)) | own_parts(workspace, workflow.log)
    doors.git.preflight(sorted(ours), plan.runbook)
    refuse_unfit(workspace, plan.runbook, workflow.name)
    refuse_other_attributes(workspace, doors.git, run_files(run_id)[0])
    workflow.preflight(lambda path: read_if_there(workspace / path, "input", limit=INPUT, name=path), settings.answers)
    _require_tickable(plan)
    policies = PolicyInForce(workspace, doors.git, plan.runbook)
    policies.check(workflow.name, plan, lambda: rollback_tasks(plan, workflow.rollback, data))
    _require_sound_checks(workspace, plan, doors.person.progress)
    former = run_before(workspace, target) if again else ""
    if not former and not any(map(workflow.step_for, plan.tasks)):
        require_open_tasks(workspace, plan)
    adopted = [] if former else adopted_tasks(plan, workflow, settings.answers, doors.person)
    template = policies.commit_template()
    optional: dict[str, object] = {"adopted": adopted, "commit": template, "as": shape, "again": former}
    optional = {name: value for name, value in optional.items() if value}
    base, branch, by = doors.git.head(), doors.git.branch(), dict(doors.by)
    journal = Journal.create(directory / JOURNAL, doors.disk)
    try:
        doors.disk.write_atomic(directory / "runbook.md", data)
        write_attributes(workspace, doors.disk)
        journal.append(
            "run-started",
            doors.clock.now(),
            run=run_id,
            workflow=workflow.name,
            runbook=plan.runbook,
            runbook_sha256=plan.sha256,
            plan=plan.digest,
            tasks=[{"id": task.id, "key": task.key, "title": task.title} for task in plan.tasks],
            grammar=plan.grammar,
            branch=branch,
            base=base,
            sandbox=sandbox,
            by=by,
            storage=STORAGE,
            sync=True,
            **optional,
        )
        _keep_holder(git_dir, journal, doors, sha256(first_line(workspace, run_id)), taken_on_at=0)
        opened = OpenRun(workspace, plan, workflow, journal, fold(journal.events), doors, settings)
        return Engine(replace(opened, plan=take_boxes_back(opened)) if former else opened)
    except BaseException:
        journal.close()
        raise


def _require_tickable(plan: Plan) -> None:
    """Raise BadInput, with each, where the runbook has boxes that no commit could tick."""
    problems = start_problems(plan)
    if problems:
        raise BadInput(
            f"{as_name(plan.runbook)} has boxes that could not be ticked",
            problems=problems,
            next_command=f"$EDITOR {path_word(plan.runbook)}   # then the same command again",
        )


def _require_sound_checks(workspace: Path, plan: Plan, tell: Callable[[str], None]) -> None:
    """Raise BadInput unless the checks beside the runbook, where there are any, are sound and belong to its tasks.

    What they say that nothing can make true is told before the run begins.
    """
    found = checks_in(workspace, plan.runbook)
    if found is None:
        return
    found.require_fits(plan)
    for line in that_cannot_hold(found, plan):
        tell(line)


def _refuse_second(workspace: Path, target: RunTarget, git_dir: Path) -> None:
    for run_id in find_runs(workspace):
        if is_over(workspace, run_id):
            continue
        other = fold(events_of(workspace, run_id)).start
        if other.runbook != target.plan.runbook and _place(workflow_of(other)) != _place(target.workflow):
            continue
        further = goes_on_elsewhere(workspace, run_id)
        if further:
            raise BadInput(
                f"run {run_id} of {as_name(other.runbook)} went on on branch {further.branch}; a second run here "
                "would mix "
                "its commits with it when the branches are joined",
                next_command=f"git merge {quote(further.branch)}   # joins them\n"
                f"      {switch_to(workspace, further.branch)}   # or goes on there",
            )
        with (run_directory(workspace, run_id) / JOURNAL).open("rb") as journal:
            try:
                fcntl.flock(journal, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = _read_holder(git_dir, run_id).shown or "another process"
                raise RunHeld(
                    f"run {run_id} of {as_name(other.runbook)} is held by {holder}; a second run would mix its "
                    "commits with it",
                    next_command=f"phasegate status {run_id}",
                ) from error
        raise BadInput(
            f"run {run_id} of {as_name(other.runbook)} ({other.workflow}) is not finished; a second run would mix its "
            "commits with it",
            next_command=f"phasegate resume {run_id}\n      phasegate abort {run_id} --reason TEXT   # or ends it",
        )


def _place(workflow: Workflow) -> str:
    """Where its runs keep what they leave: what tells one workflow from another, and a moved one from itself."""
    return workflow.rollback_plan


def _forget_unbegun(workspace: Path, doors: Doors) -> None:
    """Remove what starts left that died before their first event; a journal that git knows was emptied: it stays."""
    for run_id in find_unbegun(workspace):
        if not doors.git.tree_ids("HEAD", run_files(run_id)):
            remove_unbegun(workspace, run_id)


def _new_id(workspace: Path, name: str, now: datetime) -> str:
    """`<workflow>-<start, UTC>`; a second run in the same second gets a number."""
    base = f"{name}-{now:%Y%m%d-%H%M%S}"
    number, run_id = 1, base
    while run_directory(workspace, run_id).exists():
        number += 1
        run_id = f"{base}-{number}"
    return run_id


def reopen(
    workspace: Path,
    run_id: str,
    make_doors: Callable[[RunState], Doors],
    settings: Settings,
    *,
    git_dir: Path,
    find: Callable[[str], Workflow],
    disk: Disk,
    patience: float = 0,
) -> Engine:
    """A run that was started before, held by this process from now on; `find` gives the workflow by its name.

    `patience` is how long to try when another process holds it [s].

    Raises RunHeld, JournalDamaged, BadInput (branch switched, no such run), WorkspaceRefused (HEAD is detached).
    """
    directory = run_directory(workspace, run_id)
    known = _read_holder(git_dir, run_id)
    journal = Journal.open(directory / JOURNAL, disk, holder=known.shown, patience=patience)
    try:
        run = fold(journal.events)
        plan = plan_of(workspace, run)
        workflow = placed(find(run.start.workflow), run.start.runbook, run.start.grammar)
        doors = make_doors(run)
        remove_untaken(directory, run, doors)
        if journal.cut_bytes:
            doors.person.progress(
                f"cut {counted(journal.cut_bytes, 'byte')} of a torn last line off {run_id}'s journal"
            )
        commits = [run.start.base, *(state.commit for state in run.tasks.values() if state.commit)]
        refuse_cut_history(workspace, run_id, commits)
        try:
            branch = doors.git.branch()
        except WorkspaceRefused as error:  # a branch of its own would be another one than the run's
            raise WorkspaceRefused(
                f"run {run_id} commits to branch {run.branch}, and {error.message}",
                next_command=way_to_branch(workspace, run.branch, "", commits),
            ) from error
        if branch not in run.branches:
            way = way_to_branch(workspace, run.branch, branch, commits)
            gone = "" if is_here(workspace, run.branch) else ", and the former is not here (any more)"
            raise BadInput(
                f"run {run_id} commits to branch {run.branch}, {branch} is checked out{gone}",
                next_command=f"{way}   # then: phasegate resume {run_id}" if gone else way,
            )
        _refuse_older(workspace, run_id, branch)
        _refuse_lost_segment(git_dir, run_id, known, journal, doors.git)
        refuse_another_beginning(workspace, run, known.first, doors.git)
        brought = _brought(git_dir, run, known, len(journal.events))
        _keep_holder(git_dir, journal, doors, known.first, taken_on_at=brought)  # before anything runs
        held = OpenRun(workspace, plan, workflow, journal, run, doors, settings)
        held = _with_runbook_in_place(held)
        held.taken_on_at = brought
        return Engine(held)
    except BaseException:
        journal.close()
        raise


def _with_runbook_in_place(held: OpenRun) -> OpenRun:
    """The run, its runbook written as it recorded where the process that recorded it died before."""
    state = held.state
    if state.start.again and not state.tasks and not state.aborted:
        held = replace(held, plan=take_boxes_back(held))
    finish_growth(held)
    return held


def _refuse_older(workspace: Path, run_id: str, branch: str) -> None:
    """Raise BadInput when another branch knows more of this run than the one checked out: work would be done twice."""
    further = goes_on_elsewhere(workspace, run_id)
    if further:
        raise BadInput(
            f"run {run_id} went on on branch {further.branch}, whose commit {further.sha[:10]} {branch} does not have",
            next_command=f"{switch_to(workspace, further.branch)}\n"
            f"      git merge {quote(further.branch)}   # or takes it over",
        )


def _brought(git_dir: Path, run: RunState, known: _Holder, events: int) -> int:
    """How many events of this journal were brought: all of them, where this clone has never held the run.

    0.1 kept who held a run and no more, so any such file says that the run began, or went on, here.
    """
    if known.taken_on_at is not None:
        return known.taken_on_at
    return 0 if run.is_of_0_1 and _holder_of(git_dir, run.run_id).is_file() else events


def _holder_of(git_dir: Path, run_id: str) -> Path:
    return git_dir / "phasegate" / f"{run_id}.holder"


class _Holder(NamedTuple):
    """What this clone knows of a run, and no clone brings.

    Attributes:
        shown: who held it last, for messages; "" for what nobody kept.
        first: SHA-256 of the line that it began with; "" for what nobody kept.
        taken_on_at: how many events the journal brought when it was first held here, None where it never was.
        segment: number of the file of its journal that was open last; 0 for what nobody kept.
    """

    shown: str = ""
    first: str = ""
    taken_on_at: int | None = None
    segment: int = 0


def _keep_holder(git_dir: Path, journal: Journal, doors: Doors, first: str, *, taken_on_at: int) -> None:
    """Write down what this clone knows of a run, now and whenever a further file of its journal is begun."""
    since = f"{doors.clock.now():%Y-%m-%d %H:%M:%S} UTC"
    body = {"pid": os.getpid(), "host": doors.me.host, "since": since, "first": first, "taken_on_at": taken_on_at}
    path = _holder_of(git_dir, journal.path.parent.name)

    def write(segment: int) -> None:
        named = {"segment": segment} if segment else {}
        doors.disk.write_atomic(path, json.dumps({**body, **named}).encode(), sync=False)

    journal.on_begun = write
    write(journal.segments.last)


def _refuse_lost_segment(git_dir: Path, run_id: str, known: _Holder, journal: Journal, git: Git) -> None:
    """Raise JournalDamaged where the open file of the journal is gone: it is untracked until its commit.

    One that HEAD holds is found where the run's commits are looked at.
    """
    name = f".phasegate/{run_id}/{segment_name(known.segment)}"
    if known.segment < journal.files or git.tree_ids("HEAD", [name]):
        return
    holder = quote(os.path.relpath(_holder_of(git_dir, run_id), journal.path.parents[2]))
    raise JournalDamaged(
        f"{name} is gone, and what run {run_id} did since its last commit with it (`git clean` removes files that git "
        "does not know yet)",
        next_command=f"rm {holder} && phasegate resume {run_id}   # goes on from the last commit: what was done since "
        "is done again; better is a copy of the file",
    )


def _read_holder(git_dir: Path, run_id: str) -> _Holder:
    path = _holder_of(git_dir, run_id)
    if not path.is_file():
        return _Holder()
    try:
        body = read_object(path.read_bytes())
        pid, host, since = whole(body, "pid", 1), text(body, "host"), text(body, "since")
    except ValueError:
        return _Holder()  # never synced, so a power cut may have emptied it
    first = body.get("first")  # 0.1 wrote none
    first = first if isinstance(first, str) else ""
    brought = body.get("taken_on_at")
    if not isinstance(brought, int) or brought < 0:  # of a version that kept none: with its first line it began here
        brought = 0 if first else None
    segment = body.get("segment")
    segment = segment if isinstance(segment, int) and segment > 0 else 0
    return _Holder(f"process {pid} on {host} since {since}", first, brought, segment)
