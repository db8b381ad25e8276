"""In which directory below the top of a repository is a run kept? A workspace may be one: a team's, in a monorepo.

    infra.git/
      shop/.phasegate/shop-20260102-030405-5f0c3a9e/      the workspace `shop`, begun by `mkdir shop/.phasegate`
      ops/.phasegate/release-20260102-030406-1b2c3d4e/    the workspace `ops`

Rules:
- What is at the top comes first; git is asked only where the run that is meant is not there.
- Several that fit are named, never guessed among.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from state.errors import BadInput, PhasegateError
from state.find_runs import DIRECTORY, find_runs
from state.path_word import path_word
from state.printable import as_names
from workflow.doors.git.command import is_bare
from workflow.doors.git.plumbing import look
from workflow.runs.workflow_catalog import is_markdown
from workflow.service.workspace import directory_at, workspace_of


def below_with_run(directory: Path, run_id: str | None) -> str:
    """The directory below this top of a repository that keeps the run that is meant; "" where it is kept here.

    `run_id`: as it was typed; None for the only one there is. "" also for what is nowhere: its refusal is another's.

    Raises BadInput where several directories keep runs, and none was named.
    """
    try:
        workspace = workspace_of(directory)
        if workspace != directory_at(directory) or is_bare(workspace):
            return ""
        here = find_runs(workspace)
    except PhasegateError:  # whoever opens the workspace says so
        return ""
    if run_id is None:
        return "" if here else _the_only(sorted({home for home, _ in _kept_below(workspace)}))
    if any(name.startswith(run_id) for name in here):
        return ""
    homes = {home for home, name in _kept_below(workspace) if name.startswith(run_id)}
    return homes.pop() if len(homes) == 1 else ""


def below_with_runbook(directory: Path, target: str) -> str:
    """The workspace below this directory that a runbook's path leads into; "" where it is in the one of here."""
    if not is_markdown(target):
        return ""
    path = PurePosixPath(os.path.normpath(target))
    if path.is_absolute() or ".." in path.parts:
        return ""
    inside = [each for each in path.parents if each != PurePosixPath(".") and (directory / each / DIRECTORY).is_dir()]
    return inside[0].as_posix() if inside else ""


def _the_only(homes: list[str]) -> str:
    if len(homes) > 1:
        raise BadInput(
            f"runs are kept in {len(homes)} directories below, say in which: {as_names(homes)}",
            next_command="\n      ".join(f"phasegate -C {path_word(home)} status" for home in homes),
        )
    return homes[0] if homes else ""


def _kept_below(workspace: Path) -> list[tuple[str, str]]:
    """Directory and id of each run that is kept below the top, committed or not."""
    where = f":(glob)**/{DIRECTORY}/*/journal.jsonl"
    listed = look(workspace, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", where)
    paths = [PurePosixPath(os.fsdecode(each)) for each in listed.stdout.split(b"\0") if each]
    found = ((path.parents[2].as_posix(), path.parent.name) for path in paths if len(path.parts) > 3)
    return sorted({(home, name) for home, name in found if (workspace / home / DIRECTORY / name).is_dir()})
