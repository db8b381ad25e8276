"""Which runs are there in this workspace, and where? By their directories and the first lines of their journals."""

from __future__ import annotations

import os
from pathlib import Path

from state.journal_end import End, end_of
from state.late_pattern import late
from state.outside_file import open_outside
from state.plain_files import refuse_links
from state.read_journal import run_name
from state.segments import JOURNAL

DIRECTORY = ".phasegate"  # of all runs, in the workspace
_RUN_ID = late(r".+-\d{8}-\d{6}(?:-(?:[0-9a-f]{8}|\d+))?")


def find_runs(workspace: Path) -> list[str]:
    """The ids of the runs in this workspace, in order of id. One that died before its first event is none.

    Raises WorkspaceRefused for a link among the runs' directories, BadInput for a journal that is no plain file.
    """
    return sorted(each.name for each in _directories(workspace) if _has_begun(each / JOURNAL))


def ends_of(workspace: Path) -> dict[str, End | None]:
    """As `find_runs`, with how the journal of each ends; None where that is not plain to see."""
    top = workspace / DIRECTORY
    refuse_links(workspace, top)
    if not top.is_dir():
        return {}
    with os.scandir(top) as entries:
        found = {each.name: None if each.is_symlink() else end_of(each.path) for each in entries if each.is_dir()}
    return {name: end for name, end in found.items() if end or is_run_here(workspace, name)}


def is_run_here(workspace: Path, name: str) -> bool:
    """Whether a run of this workspace has this id, and has begun; no other is looked at. Raises as `find_runs`."""
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        return False
    journal = run_directory(workspace, name) / JOURNAL
    refuse_links(workspace, journal)
    return _has_begun(journal)


def find_runs_to_look_at(workspace: Path) -> list[str]:
    """As `find_runs`, for who writes nothing: a run in whose journal's place a link stands is one, and is named.

    Nothing is reached through a link: where one stands for `.phasegate` or a run's directory, there is no run.
    """
    top = workspace / DIRECTORY
    if top.is_symlink() or not top.is_dir():
        return []
    found = [each for each in top.iterdir() if each.is_dir() and not each.is_symlink()]
    return sorted(each.name for each in found if (each / JOURNAL).is_symlink() or _has_begun(each / JOURNAL))


def is_run_id(name: str) -> bool:
    """Whether a name has the form that ids are made in: name, day and time, and 8 hex digits of chance.

    Releases before 0.2 had no such digits, and a number where the second was taken.
    """
    return _RUN_ID.fullmatch(name) is not None


def find_unbegun(workspace: Path) -> list[str]:
    """The ids under which a process died before its first event was whole: nothing depends on what they left.

    An empty directory under another name is somebody's own. Raises as `find_runs`.
    """
    found = []
    for directory in _directories(workspace):
        journal = directory / JOURNAL
        if journal.exists():
            unbegun = not _has_begun(journal)
        else:
            unbegun = is_run_id(directory.name) and not any(directory.iterdir())
        if unbegun:
            found.append(directory.name)
    return sorted(found)


def _directories(workspace: Path) -> list[Path]:
    """The directories of all runs. Raises WorkspaceRefused where a link stands in the place of one, or of a journal."""
    top = workspace / DIRECTORY
    refuse_links(workspace, top)
    if not top.is_dir():
        return []
    with os.scandir(top) as entries:
        found = [each for each in entries if each.is_dir()]
    for each in found:  # the way to `top` was looked at above
        if each.is_symlink() or os.path.islink(f"{each.path}/{JOURNAL}"):  # noqa: PTH114 - a thousand times as well
            refuse_links(workspace, top / each.name / JOURNAL)
    return [top / each.name for each in found]


def remove_unbegun(workspace: Path, run_id: str) -> None:
    """Remove what such a run left; the journal goes last, so that it is found again after another kill."""
    directory = run_directory(workspace, run_id)
    for path in sorted(directory.iterdir(), key=lambda each: each.name == JOURNAL):
        path.unlink()
    directory.rmdir()


def _has_begun(journal: Path) -> bool:
    try:
        with open_outside(journal, "journal", name=f"{run_name(journal)}/{JOURNAL}") as file:
            return file.readline().endswith(b"\n")
    except FileNotFoundError:
        return False


def run_directory(workspace: Path, run_id: str) -> Path:
    return workspace / DIRECTORY / run_id
