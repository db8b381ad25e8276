"""Where is something ordered? The repository that a directory is in, and what belongs to it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from state.errors import BadInput, PhasegateError, WorkspaceRefused
from state.path_word import path_word
from state.printable import as_name
from workflow.doors.git.command import is_bare, is_git_dir
from workflow.doors.git.plumbing import find_workspace, git_dir_of
from workflow.policy.effective_policy import FILE as POLICY
from workflow.policy.look_alikes import refuse_look_alikes
from workflow.runs.workflow_catalog import is_markdown


def directory_at(directory: Path) -> Path:
    """The directory, resolved. Raises BadInput when there is none."""
    try:
        if directory.is_dir():
            return directory.resolve()
        why = "that is not a directory" if directory.exists() else "there is no such directory"
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or str(error)
    raise BadInput(f"directory {as_name(str(directory)[:200])}: {why}", next_command="ls -d */")


def workspace_of(directory: Path) -> Path:
    """The repository's top directory above this one.

    Raises WorkspaceRefused when there is none, BadInput as `directory_at`.
    """
    start = directory_at(directory)
    found = find_workspace(start)
    if found is not None and is_git_dir(start) and not is_bare(start) and not (start / ".git").exists():
        raise WorkspaceRefused(
            f"{start} looks like a git directory and lies in the working tree of {found}: a clone can bring one, "
            "so it is taken for a directory of files",
            next_command=f"cd {shlex.quote(str(found))}   # or take it elsewhere: git clone --bare",
        )
    if found is None:
        raise WorkspaceRefused(f"{start} is not in a git repository", next_command="git init")
    return found


def governed_workspace_of(directory: Path) -> Path:
    """As `workspace_of`, for verbs by which gates open: what looks like a policy above the directory is refused.

    Raises as `workspace_of` and `workflow.policy.look_alikes.refuse_look_alikes`.
    """
    workspace = workspace_of(directory)
    require_governed(workspace, directory)
    return workspace


def require_governed(workspace: Path, directory: Path) -> None:
    """Raise as `governed_workspace_of`, for a workspace that is known otherwise than by what is above the directory."""
    start = directory_at(directory)
    if start.is_relative_to(workspace):
        refuse_look_alikes(workspace, start.relative_to(workspace).as_posix())
    _refuse_policy_above(workspace)


def _refuse_policy_above(workspace: Path) -> None:
    """Raise BadInput for a policy above a workspace that has none of its own: it would govern nothing here."""
    if os.path.lexists(workspace / POLICY) or (workspace / ".git").exists() or is_bare(workspace):
        return
    for place in workspace.parents:
        if os.path.lexists(place / POLICY):
            above = os.path.relpath(place / POLICY, workspace)
            raise BadInput(
                f"the workspace {as_name(workspace.name)} has no {POLICY}, and the one at {as_name(above)} does not "
                "govern it: each workspace has its own",
                next_command=f"cp {path_word(above)} {POLICY} && git add {POLICY} && git commit -m 'Add a policy'",
            )
        if (place / ".git").exists():
            return


def workspace_or_directory(directory: Path) -> Path:
    """As `workspace_of`, and the directory itself where there is no repository: for what only reads files."""
    start = directory_at(directory)
    return find_workspace(start) or start


@contextmanager
def workspace_and_target(directory: Path, target: str) -> Iterator[tuple[Path, str]]:
    """Where a workflow or a runbook is looked at, and its name there: for what only reads, so it may be anywhere.

    A runbook's path is as seen from the directory, or else from the top of the repository. One outside of both is
    looked at in the repository that it is in, or in its own directory where it is in none; what is refused in the
    block names its whole path then, so that its next command can be typed.

    Raises BadInput as `directory_at`.
    """
    start, workspace = directory_at(directory), workspace_or_directory(directory)
    home, name = _home_of(start, workspace, target)
    try:
        yield home, name
    except PhasegateError as error:
        if home != workspace:
            error.next_command = error.next_command.replace(path_word(name), path_word(str(home / name)))
        raise


def from_the_top(directory: Path, target: str) -> str:
    """A workflow as it is, or a runbook's path from the top of the repository: for what is done in this repository.

    The path is given as `workspace_and_target` takes it; one that lies outside is left for `load_plan` to refuse.

    Raises BadInput as `directory_at`.
    """
    start, workspace = directory_at(directory), workspace_or_directory(directory)
    home, name = _home_of(start, workspace, target)
    if home == workspace:
        return name
    return target if start == workspace else str(home / name)


def require_inside(directory: Path, target: str) -> None:
    """Raise BadInput for a runbook that is not below this repository: for who has no business in other directories.

    A link is where it leads to. A workflow has no path, and comes with phasegate.
    """
    if not is_markdown(target):
        return
    start, workspace = directory_at(directory), workspace_or_directory(directory)
    place = start if (start / target).is_file() else workspace
    try:
        named, meant = Path(os.path.normpath(place / target)), (place / target).resolve()
    except (OSError, RuntimeError, ValueError):  # no name of a file: told as such by whoever reads it
        return
    if not (named.is_relative_to(workspace) and meant.is_relative_to(workspace.resolve())):
        raise BadInput(
            f"{as_name(target[:200])} lies outside of the repository {as_name(workspace.name)}: expected a runbook "
            "below it, or a workflow of phasegate",
            next_command="phasegate runs   # the runs of this repository",
        )


def _home_of(start: Path, workspace: Path, target: str) -> tuple[Path, str]:
    if not is_markdown(target):
        return workspace, target
    top = workspace.resolve()
    try:
        if not (start / target).is_file():
            return workspace, target
        full = (start / target).resolve()
    except (OSError, RuntimeError, ValueError):  # no name of a file, links that lead to one another: told as such
        return workspace, target
    if full.is_relative_to(top):
        return workspace, target if start == top else full.relative_to(top).as_posix()
    home = find_workspace(full.parent) or full.parent
    return home, full.relative_to(home.resolve()).as_posix()


def sandbox_directory(workspace: Path) -> Path:
    """Where this workspace's sandbox keeps itself: beside git's files, never committed, never cloned."""
    return git_dir_of(workspace) / "phasegate" / "sandbox"
