"""How does a run come back? Everything between a command and the Engine of a run that was started before.

Rules:
- A run is opened from its own copy of the runbook; the plan must be the one it started with.
- Nothing runs before what this clone knows of the run is written down (`holder.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from phases.step import Workflow
from state.counted import counted
from state.errors import BadInput, JournalDamaged, WorkspaceRefused
from state.files import Disk
from state.find_runs import run_directory
from state.fold import fold
from state.journal import Journal
from state.run_state import RunState, copy_name
from state.segments import JOURNAL, segment_name
from workflow.doors.git.runs_elsewhere import goes_on_elsewhere
from workflow.doors.git.shallow import refuse_cut_history
from workflow.engine.engine import Doors, Engine, Settings
from workflow.engine.open_run import OpenRun
from workflow.runs.beginning import refuse_another_beginning
from workflow.runs.holder import Holder, holder_of, keep_holder, read_holder
from workflow.runs.load_plan import plan_of
from workflow.runs.one_worktree import refuse_second_worktree
from workflow.runs.require_record import explain_damage, require_record
from workflow.runs.workflow_catalog import placed

if TYPE_CHECKING:
    from workflow.git_port import Git


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
    refuse_second_worktree(workspace, git_dir, run_id)
    known = read_holder(git_dir, run_id)
    try:
        journal = Journal.open(directory / JOURNAL, disk, holder=known.shown, patience=patience)
    except JournalDamaged as error:
        raise explain_damage(workspace, run_id, error) from error
    try:
        run = fold(journal.events)
        plan = plan_of(workspace, run)
        workflow = placed(find(run.start.workflow), run.start.runbook, run.start.grammar)
        doors = make_doors(run)
        if (directory / copy_name(len(run.runbook_versions) + 1)).exists():
            from workflow.runs.apply_runbook_edit import remove_untaken

            remove_untaken(directory, run, doors)
        if journal.cut_bytes:
            doors.person.progress(
                f"cut {counted(journal.cut_bytes, 'byte')} of a torn last line off {run_id}'s journal"
            )
        commits = [run.start.base, *(state.commit for state in run.tasks.values() if state.commit)]
        refuse_cut_history(workspace, run_id, commits)
        _refuse_older(workspace, run_id, _branch(workspace, run, doors.git, commits))
        require_record(workspace, run, known.segment)
        _refuse_lost_segment(git_dir, run_id, known, journal, doors.git)
        refuse_another_beginning(workspace, run, known.first, doors.git)
        brought = _brought(git_dir, run, known, len(journal.events))
        keep_holder(git_dir, journal, doors, known.first, taken_on_at=brought)  # before anything runs
        held = OpenRun(workspace, plan, workflow, journal, run, doors, settings)
        held = _with_runbook_in_place(held)
        held.taken_on_at = brought
        return Engine(held)
    except BaseException:
        journal.close()
        raise


def _branch(workspace: Path, run: RunState, git: Git, commits: Sequence[str]) -> str:
    """The branch that is checked out. Raises WorkspaceRefused where it is none, BadInput where it is not the run's."""
    try:
        branch = git.branch()
    except WorkspaceRefused as error:  # a branch of its own would be another one than the run's
        from workflow.doors.git.branch_gone import way_to_branch  # here: for refusals only

        raise WorkspaceRefused(
            f"run {run.run_id} commits to branch {run.branch}, and {error.message}",
            next_command=way_to_branch(workspace, run.branch, "", commits),
        ) from error
    if branch not in run.branches:
        from workflow.doors.git.branch_gone import is_here, way_to_branch

        way = way_to_branch(workspace, run.branch, branch, commits)
        gone = "" if is_here(workspace, run.branch) else ", and the former is not here (any more)"
        raise BadInput(
            f"run {run.run_id} commits to branch {run.branch}, {branch} is checked out{gone}",
            next_command=f"{way}   # then: phasegate resume {run.run_id}" if gone else way,
        )
    return branch


def _with_runbook_in_place(held: OpenRun) -> OpenRun:
    """The run, its runbook written as it recorded where the process that recorded it died before."""
    state = held.state
    if state.start.again and not state.tasks and not state.aborted:
        from workflow.runs.take_boxes_back import take_boxes_back

        held = replace(held, plan=take_boxes_back(held))
    if state.runbook in state.uncommitted_versions():
        from workflow.runs.grow_plan import finish_growth

        finish_growth(held)
    return held


def _refuse_older(workspace: Path, run_id: str, branch: str) -> None:
    """Raise BadInput when another branch knows more of this run than the one checked out: work would be done twice."""
    further = goes_on_elsewhere(workspace, run_id)
    if further:
        from workflow.doors.git.branch_gone import switch_to

        raise BadInput(
            f"run {run_id} went on on branch {further.branch}, whose commit {further.sha[:10]} {branch} does not have",
            next_command=f"{switch_to(workspace, further.branch)}\n"
            f"      git merge {quote(further.branch)}   # or takes it over",
        )


def _brought(git_dir: Path, run: RunState, known: Holder, events: int) -> int:
    """How many events of this journal were brought: all of them, where this clone has never held the run.

    0.1 kept who held a run and no more, so any such file says that the run began, or went on, here.
    """
    if known.taken_on_at is not None:
        return known.taken_on_at
    return 0 if run.is_of_0_1 and holder_of(git_dir, run.run_id).is_file() else events


def _refuse_lost_segment(git_dir: Path, run_id: str, known: Holder, journal: Journal, git: Git) -> None:
    """Raise JournalDamaged where the open file of the journal is gone: it is untracked until its commit.

    One that HEAD holds is found where the run's commits are looked at.
    """
    name = f".phasegate/{run_id}/{segment_name(known.segment)}"
    if known.segment < journal.files or git.tree_ids("HEAD", [name]):
        return
    holder = quote(os.path.relpath(holder_of(git_dir, run_id), journal.path.parents[2]))
    raise JournalDamaged(
        f"{name} is gone, and what run {run_id} did since its last commit with it (`git clean` removes files that git "
        "does not know yet)",
        next_command=f"rm {holder} && phasegate resume {run_id}   # goes on from the last commit: what was done since "
        "is done again, and a note tells of attempts that were lost; better is a copy of the file",
    )
