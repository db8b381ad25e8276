"""By which secret is an agents' server of this repository known to its clients? One a repository, made once.

Rules:
- It lies in git's own directory, which no clone has and no commit takes along, for its owner alone to read (mode 600).
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from state.errors import BadInput
from workflow.doors.git.plumbing import git_dir_of
from workflow.service.workspace import workspace_of

PLACE = "phasegate/mcp-token"
BYTES = 32
SHORTEST = 32  # characters; what is shorter was not written by this


def secret_of(directory: Path) -> str:
    """The secret, which is made where there is none yet.

    Raises WorkspaceRefused where there is no repository, BadInput for a file that somebody else can read.
    """
    place = git_dir_of(workspace_of(directory)) / PLACE
    place.parent.mkdir(exist_ok=True)
    try:
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return _read(place)
    with os.fdopen(handle, "w") as made:
        secret = secrets.token_urlsafe(BYTES)
        made.write(secret)
        made.flush()
        os.fsync(made.fileno())
    return secret


def _read(place: Path) -> str:
    try:
        handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise _refused(place, str(error)) from error
    with os.fdopen(handle, "r", errors="replace") as kept:
        if os.fstat(kept.fileno()).st_mode & 0o077:
            raise _refused(place, "others than its owner can read it")
        secret = kept.read(256).strip()
    if len(secret) < SHORTEST or not secret.isascii() or not secret.isprintable():
        raise _refused(place, "it does not hold what phasegate wrote there")
    return secret


def _refused(place: Path, why: str) -> BadInput:
    return BadInput(
        f"the token of the agents' server is refused: {place}: {why}",
        next_command=f"rm {place}   # a new one is made; clients' configurations need it then",
    )
