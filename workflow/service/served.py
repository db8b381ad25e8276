"""Which repositories does a page serve? Each is served by one process at a time.

Rules:
- The lock is `flock` on a file of git's own directory, which goes with its process; nothing of the working tree is
  touched. The file says who serves, for the refusal of a second one.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from state.errors import RunHeld
from state.json_line import read_object
from state.json_values import text, whole
from state.printable import as_name
from workflow.doors.git.plumbing import git_dir_of
from workflow.service.workspace import workspace_of

SERVED = "phasegate/served"  # below git's own directory


def repositories(directories: Sequence[Path]) -> dict[str, Path]:
    """The repositories of these directories, each once, by the names that a page has for them: `shop`, `shop-2`.

    Raises WorkspaceRefused and BadInput as `workspace_of`.
    """
    found: dict[str, Path] = {}
    for workspace in dict.fromkeys(map(workspace_of, directories)):
        plain = name = as_name(workspace.name) or "repository"
        number = 1
        while name in found:
            number += 1
            name = f"{plain}-{number}"
        found[name] = workspace
    return found


@contextmanager
def served(workspaces: Mapping[str, Path], address: str) -> Iterator[None]:
    """In the block, these repositories are served at this address by this process.

    Raises RunHeld when another process serves one of them.
    """
    with ExitStack() as held:
        for workspace in workspaces.values():
            held.callback(os.close, _taken(workspace, address))
        yield


def _taken(workspace: Path, address: str) -> int:
    """The descriptor whose closing gives the repository up."""
    place = git_dir_of(workspace) / SERVED
    place.parent.mkdir(exist_ok=True)
    handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        if not isinstance(error, BlockingIOError):
            raise
        raise RunHeld(
            f"{workspace} is served already{_by_whom(place)}",
            next_command="phasegate serve DIR   # another repository; or end that process first",
        ) from error
    os.ftruncate(handle, 0)
    os.write(handle, json.dumps({"pid": os.getpid(), "address": address}).encode())
    return handle


def _by_whom(place: Path) -> str:
    try:
        body = read_object(place.read_bytes())
        return f": process {whole(body, 'pid', 1)} at {text(body, 'address')}"
    except (OSError, ValueError):
        return ""
