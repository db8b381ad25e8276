"""Which repositories does a page serve, and where is the page of a gate? Each is served by one process at a time.

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
from urllib.parse import quote

from state.errors import RunHeld
from state.json_line import read_object
from state.json_values import text, whole
from state.printable import as_name
from workflow.doors.git.plumbing import git_dir_of
from workflow.doors.lock_holder import lock_holder
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
        for name, workspace in workspaces.items():
            held.callback(os.close, _taken(workspace, address, name))
        yield


def page_address(*parts: str) -> str:
    """The address of a page about a repository, or a run of it, on its server: `/r/shop/RUN/gate`."""
    return "/".join(["/r", *(quote(part, safe="") for part in parts)])


def gate_served(workspace: Path, run_id: str) -> str:
    """The address of the gate of this run on the page that serves this repository now; "" where none does."""
    place = git_dir_of(workspace) / SERVED
    if not lock_holder(place):
        return ""
    try:
        body = read_object(place.read_bytes())
        return f"{text(body, 'address')}{page_address(text(body, 'name'), run_id, 'gate')}"
    except (OSError, ValueError):  # it begins, or ends
        return ""


def _taken(workspace: Path, address: str, name: str) -> int:
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
    os.write(handle, json.dumps({"pid": os.getpid(), "address": address, "name": name}).encode())
    return handle


def _by_whom(place: Path) -> str:
    try:
        body = read_object(place.read_bytes())
        return f": process {whole(body, 'pid', 1)} at {text(body, 'address')}"
    except (OSError, ValueError):
        return ""
