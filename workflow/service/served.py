"""Which repositories does a page serve, and where is the page of a gate? Each is served by one process at a time.

Rules:
- The lock is `flock` on a file of git's own directory, which goes with its process; nothing of the working tree is
  touched. The file says who serves, for the refusal of a second one.
- A second lock is held once the file says it. Who only looks whether somebody serves tries that one, shared and for a
  moment: lookers do not take each other for a server, and a server that begins meanwhile waits for them.
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
from workflow.service.workspace import workspace_of

SERVED = "phasegate/served"  # below git's own directory
HELD = "phasegate/served.held"


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
            for handle in _taken(workspace, address, name):
                held.callback(os.close, handle)
        yield


def page_address(*parts: str) -> str:
    """The address of a page about a repository, or a run of it, on its server: `/r/shop/RUN/gate`."""
    return "/".join(["/r", *(quote(part, safe="") for part in parts)])


def there_address(repository: str, run_id: str) -> str:
    """The address of the page about what waits of a run at the remote of a repository."""
    return "/".join(["/there", *(quote(part, safe="") for part in (repository, run_id))])


def gate_served(workspace: Path, run_id: str) -> str:
    """The address of the gate of this run on the page that serves this repository now; "" where none does."""
    place = git_dir_of(workspace) / SERVED
    if not _is_held(place.with_name(Path(HELD).name)):
        return ""
    try:
        body = read_object(place.read_bytes())
        return f"{text(body, 'address')}{page_address(text(body, 'name'), run_id, 'gate')}"
    except (OSError, ValueError):  # it begins, or ends
        return ""


def _is_held(place: Path) -> bool:
    """Whether a server holds this lock now."""
    try:
        handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:  # none ever did, or it is no file of ours
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _taken(workspace: Path, address: str, name: str) -> Iterator[int]:
    """The descriptors whose closing gives the repository up, each as soon as it is there."""
    place = git_dir_of(workspace) / SERVED
    place.parent.mkdir(exist_ok=True)
    handle = _opened(place)
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
    yield handle
    os.ftruncate(handle, 0)
    os.write(handle, json.dumps({"pid": os.getpid(), "address": address, "name": name}).encode())
    held = _opened(git_dir_of(workspace) / HELD)
    yield held
    fcntl.flock(held, fcntl.LOCK_EX)


def _opened(place: Path) -> int:
    return os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _by_whom(place: Path) -> str:
    try:
        body = read_object(place.read_bytes())
        return f": process {whole(body, 'pid', 1)} at {text(body, 'address')}"
    except (OSError, ValueError):
        return ""
