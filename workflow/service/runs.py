"""Which runs are there, in this repository or in all below a directory? Nothing is written, no lock is taken."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from state.errors import PhasegateError
from state.find_runs import DIRECTORY, find_runs
from state.fold import fold
from workflow.doors.git.plumbing import git_dir_of, other_worktrees
from workflow.runs.find_run import events_of
from workflow.runs.lost_attempts import gone_runs
from workflow.service.status import at_its_gate, resolve_commit, with_agents_part
from workflow.service.workspace import directory_at, workspace_of
from workflow.views.runs import RunLine, RunsView

if TYPE_CHECKING:
    from state.driven_there import DrivenThere

PASSED_OVER = frozenset({".git", "node_modules", ".venv", "__pycache__"})  # nobody keeps runs in there


def runs(directory: Path, *, below: Path | None = None) -> RunsView:
    """The runs of this directory's repository, or with `below` of every repository in that directory, at any depth.

    A run whose journal cannot be read is among them, with the reason. Links are not followed.

    Raises WorkspaceRefused and BadInput as `workspace_of`; BadInput when there is no directory `below`.
    """
    if below is None:
        workspace = workspace_of(directory)
        return RunsView(tuple(_runs_of(workspace, "")), 1, others=tuple(_driven_elsewhere([workspace])))
    top = directory_at(directory / below)
    places = sorted(_with_runs(top))
    named = [(place, os.path.relpath(place, directory_at(directory))) for place in places]
    found = tuple(each for place, name in named for each in _runs_of(place, name))
    return RunsView(found, len(places), str(directory), tuple(_driven_elsewhere(places)))


def run_names(directory: Path) -> list[str]:
    """The ids of the runs here, for completion; none where that cannot be told."""
    try:
        return find_runs(workspace_of(directory))
    except (PhasegateError, OSError):
        return []


def _with_runs(top: Path) -> Iterator[Path]:
    """Every directory below that keeps runs."""
    for place, directories, _files in os.walk(top):
        if DIRECTORY in directories:
            yield Path(place)
        directories[:] = [each for each in directories if each not in PASSED_OVER and each != DIRECTORY]


def _driven_elsewhere(workspaces: Sequence[Path]) -> Iterator[DrivenThere]:
    """The runs that are driven in a worktree which is none of these, each once."""
    listed = {str(each) for each in workspaces}
    for workspace in workspaces:
        if next(other_worktrees(git_dir_of(workspace)), None) is not None:
            from workflow.runs.other_worktrees import driven_elsewhere  # where there is another one only

            found = [each for each in driven_elsewhere(workspace) if each.directory not in listed]
            listed |= {each.directory for each in found}
            yield from found


def _runs_of(workspace: Path, name: str) -> Iterator[RunLine]:
    try:
        ids = find_runs(workspace)
    except PhasegateError as error:
        yield RunLine(name, DIRECTORY, problem=error.message)
        return
    lines = [_line(workspace, name, run_id) for run_id in ids]
    for gone in gone_runs(workspace):
        problem = f"{gone.said}; its files are gone, and no commit has them"
        lines.append(RunLine(name, gone.kept.run, gone.kept.runbook, problem=problem))
    yield from sorted(lines, key=lambda each: (each.started_at is not None, each.started_at or 0, each.run))


def _line(workspace: Path, name: str, run_id: str) -> RunLine:
    try:
        events = events_of(workspace, run_id)
        run = fold(events)
        resolve_commit(workspace, run)
        view = with_agents_part(workspace, run, events, at_its_gate(workspace, run, events))
    except PhasegateError as error:
        return RunLine(name, run_id, problem=error.message)
    return RunLine(name, run_id, run.start.runbook, run.start.at, events[-1].at, view)
