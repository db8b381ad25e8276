"""How does a run begin, and how does it come back? Everything between a command and an Engine.

Rules:
- A refusal changes nothing on disk: plan, workspace, inputs and step bindings are checked before the journal is made.
- A run is opened from its own copy of the runbook; the plan must be the one it started with.
- Two unfinished runs of one runbook or one workflow would mix their commits: the second is refused.
- Who holds a run is written beside git's own files (`<git dir>/phasegate/<run>.holder`), for messages only.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Any

from phases.step import Workflow
from state.errors import BadInput, RunHeld, WorkspaceRefused
from state.files import Disk
from state.journal import Journal, find_runs, find_unbegun, remove_unbegun, run_directory
from state.json_values import read_object, text, whole
from state.model import Plan
from state.outside_file import INPUT, read_if_there
from state.plain_files import open_lock
from state.run_state import RunState, fold
from workflow.doors.git.branch_gone import way_to_branch
from workflow.doors.git.runs_elsewhere import goes_on_elsewhere
from workflow.engine.engine import Doors, Engine, Settings
from workflow.engine.open_run import OpenRun
from workflow.engine.rollback_tasks import rollback_tasks
from workflow.policy.effective_policy import PolicyInForce
from workflow.runbook.plan_checks import start_problems
from workflow.runs.apply_runbook_edit import remove_untaken
from workflow.runs.checks_beside import checks_in
from workflow.runs.completed_tasks import adopted_tasks
from workflow.runs.find_run import events_of, is_over
from workflow.runs.git_attributes import refuse_other_attributes, write_attributes
from workflow.runs.load_plan import RunTarget, plan_of
from workflow.runs.runbook_name import refuse_unfit
from workflow.trailers import run_files


def start(
    workspace: Path, target: RunTarget, doors: Doors, settings: Settings, *, sandbox: bool, git_dir: Path
) -> Engine:
    """A new run, held by this process, not yet at its first task.

    Raises WorkspaceRefused, RunHeld or BadInput when another run is in the way, or BadInput with every problem of the
    inputs; nothing was written then.
    """
    with _starting(git_dir):
        return _start(workspace, target, doors, settings, sandbox=sandbox, git_dir=git_dir)


@contextmanager
def _starting(git_dir: Path) -> Iterator[None]:
    """One start at a time: between looking at the other runs and having a journal, nobody else looks."""
    (git_dir / "phasegate").mkdir(exist_ok=True)
    with open_lock(git_dir / "phasegate" / "start.lock") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _start(
    workspace: Path, target: RunTarget, doors: Doors, settings: Settings, *, sandbox: bool, git_dir: Path
) -> Engine:
    plan, workflow, data, shape = target
    _refuse_second(workspace, target, git_dir)
    _forget_unbegun(workspace, doors)
    run_id = _new_id(workspace, workflow.name, doors.clock.now())
    directory = run_directory(workspace, run_id)
    ours = workflow.paths(plan.runbook) | set(run_files(run_id))
    doors.git.preflight(sorted(ours), plan.runbook)
    refuse_unfit(workspace, plan.runbook, workflow.name)
    refuse_other_attributes(workspace, doors.git, run_files(run_id)[0])
    workflow.preflight(lambda path: read_if_there(workspace / path, "input", limit=INPUT, name=path), settings.answers)
    problems = start_problems(plan)
    if problems:
        raise BadInput(
            f"{plan.runbook} has boxes that could not be ticked",
            problems=problems,
            next_command=f"$EDITOR {quote(plan.runbook)}   # then the same command again",
        )
    policies = PolicyInForce(workspace, doors.git, plan.runbook)
    policies.check(workflow.name, plan, lambda: rollback_tasks(plan, workflow.rollback, data))
    _require_sound_checks(workspace, plan)
    adopted = adopted_tasks(plan, workflow, settings.answers, doors.person)
    template = policies.commit_template()
    optional: dict[str, Any] = {
        name: value for name, value in (("adopted", adopted), ("commit", template), ("as", shape)) if value
    }
    base, branch, by = doors.git.head(), doors.git.branch(), dict(doors.by)
    journal = Journal.create(directory / "journal.jsonl", doors.disk)
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
            **optional,
        )
        _write_holder(git_dir, run_id, doors)
        return Engine(OpenRun(workspace, plan, workflow, journal, fold(journal.events), doors, settings))
    except BaseException:
        journal.close()
        raise


def _require_sound_checks(workspace: Path, plan: Plan) -> None:
    """Raise BadInput unless the checks beside the runbook, where there are any, are sound and belong to its tasks."""
    found = checks_in(workspace, plan.runbook)
    if found is not None:
        found.require_fits(plan)


def _refuse_second(workspace: Path, target: RunTarget, git_dir: Path) -> None:
    for run_id in find_runs(workspace):
        if is_over(workspace, run_id):
            continue
        other = fold(events_of(workspace, run_id)).start
        if other.runbook != target.plan.runbook and other.workflow != target.workflow.name:
            continue
        further = goes_on_elsewhere(workspace, run_id)
        if further:
            raise BadInput(
                f"run {run_id} of {other.runbook} went on on branch {further.branch}; a second run here would mix "
                "its commits with it when the branches are joined",
                next_command=f"git merge {quote(further.branch)}   # joins them\n"
                f"      git switch {quote(further.branch)}   # or goes on there",
            )
        with (run_directory(workspace, run_id) / "journal.jsonl").open("rb") as journal:
            try:
                fcntl.flock(journal, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RunHeld(
                    f"run {run_id} of {other.runbook} is held by "
                    f"{_read_holder(git_dir, run_id) or 'another process'}; a second run would mix its commits with it",
                    next_command=f"phasegate status {run_id}",
                ) from error
        raise BadInput(
            f"run {run_id} of {other.runbook} ({other.workflow}) is not finished; a second run would mix its "
            "commits with it",
            next_command=f"phasegate resume {run_id}\n      phasegate abort {run_id} --reason TEXT   # or ends it",
        )


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
    journal = Journal.open(directory / "journal.jsonl", disk, holder=_read_holder(git_dir, run_id), patience=patience)
    try:
        run = fold(journal.events)
        plan, workflow = plan_of(workspace, run), find(run.start.workflow)
        doors = make_doors(run)
        remove_untaken(directory, run, doors)
        if journal.cut_bytes:
            doors.person.progress(f"cut {journal.cut_bytes} bytes of a torn last line off {run_id}'s journal")
        commits = [run.start.base, *(state.commit for state in run.tasks.values() if state.commit)]
        try:
            branch = doors.git.branch()
        except WorkspaceRefused as error:  # a branch of its own would be another one than the run's
            raise WorkspaceRefused(
                f"run {run_id} commits to branch {run.branch}, and {error.message}",
                next_command=way_to_branch(workspace, run.branch, "", commits),
            ) from error
        if branch not in run.branches:
            way = way_to_branch(workspace, run.branch, branch, commits)
            gone = (
                "" if way.startswith(f"git switch {quote(run.branch)}") else ", and the former is not here (any more)"
            )
            raise BadInput(
                f"run {run_id} commits to branch {run.branch}, {branch} is checked out{gone}",
                next_command=f"{way}   # then: phasegate resume {run_id}" if gone else way,
            )
        _refuse_older(workspace, run_id, branch)
        _write_holder(git_dir, run_id, doors)
        return Engine(OpenRun(workspace, plan, workflow, journal, run, doors, settings))
    except BaseException:
        journal.close()
        raise


def _refuse_older(workspace: Path, run_id: str, branch: str) -> None:
    """Raise BadInput when another branch knows more of this run than the one checked out: work would be done twice."""
    further = goes_on_elsewhere(workspace, run_id)
    if further:
        raise BadInput(
            f"run {run_id} went on on branch {further.branch}, whose commit {further.sha[:10]} {branch} does not have",
            next_command=f"git switch {quote(further.branch)}\n"
            f"      git merge {quote(further.branch)}   # or takes it over",
        )


def _write_holder(git_dir: Path, run_id: str, doors: Doors) -> None:
    body = {"pid": os.getpid(), "host": doors.me.host, "since": f"{doors.clock.now():%Y-%m-%d %H:%M:%S} UTC"}
    doors.disk.write_atomic(git_dir / "phasegate" / f"{run_id}.holder", json.dumps(body).encode(), sync=False)


def _read_holder(git_dir: Path, run_id: str) -> str:
    path = git_dir / "phasegate" / f"{run_id}.holder"
    if not path.is_file():
        return ""
    try:
        body = read_object(path.read_bytes())
        pid, host, since = whole(body, "pid", 1), text(body, "host"), text(body, "since")
    except ValueError:
        return ""  # never synced, so a power cut may have emptied it; it only names the holder
    return f"process {pid} on {host} since {since}"
