"""Which secret does this user have on this machine? A snapshot is believed only when it was sealed with it.

Rules:
- It lies in the user's own state directory (mode 0600), where no clone and no archive of a repository brings anything.
- It is made once, whole, by whichever process is first, and never changed.
- Where there is no home to write in (a container's user), it lies in a directory of this user's in the temporary one.

Source: https://specifications.freedesktop.org/basedir-spec/latest/ (XDG_STATE_HOME)
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile
from pathlib import Path
from shlex import quote

from workflow.sandbox.errors import SandboxRefused

SIZE = 32  # [bytes]


def machine_secret() -> bytes:
    """This user's secret, made when there is none yet.

    Raises SandboxRefused when the file, or its directory, is not this user's alone.
    """
    path = _directory() / "secret"
    with contextlib.suppress(FileExistsError):
        _make(path)
    return _read(path)


def _directory() -> Path:
    for place in _places():
        with contextlib.suppress(OSError):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            if os.access(place, os.W_OK | os.X_OK):
                _require_ours(place, place.lstat(), 0o022)
                return place
    raise SandboxRefused(
        "the sandbox has no directory to keep its secret in",
        next_command="export XDG_STATE_HOME=DIRECTORY   # one that only you can write in",
    )


def _places() -> list[Path]:
    named = Path(os.environ.get("XDG_STATE_HOME", ""))
    found = [named / "phasegate"] if named.is_absolute() else []
    with contextlib.suppress(RuntimeError):  # a user id without a name, and no HOME
        found.append(Path.home() / ".local" / "state" / "phasegate")
    return [*found, Path(tempfile.gettempdir()) / f"phasegate-{os.getuid()}"]


def _make(path: Path) -> None:
    """Make the file, or raise FileExistsError; nobody ever sees half of it."""
    draft = path.with_name(f".secret.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, secrets.token_bytes(SIZE))
        os.fsync(handle)
        path.hardlink_to(draft)  # unlike a rename it replaces nothing
    finally:
        os.close(handle)
        draft.unlink()


def _read(path: Path) -> bytes:
    _require_ours(path, path.lstat(), 0o077)
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        _require_ours(path, os.fstat(handle), 0o077)
        found = file.read(SIZE + 1)
    if len(found) != SIZE:
        raise SandboxRefused(
            f"{path} is not a secret of phasegate's: expected {SIZE} bytes", next_command=f"rm {quote(str(path))}"
        )
    return found


def _require_ours(path: Path, seen: os.stat_result, others: int) -> None:
    plain = stat.S_ISREG(seen.st_mode) or stat.S_ISDIR(seen.st_mode)
    if seen.st_uid != os.getuid() or not plain or seen.st_mode & others:
        raise SandboxRefused(
            f"{path} is not yours alone (owner {seen.st_uid}, mode {stat.S_IMODE(seen.st_mode):o}; expected owner "
            f"{os.getuid()}, no link, and nobody else's to use)",
            next_command=f"ls -ld {quote(str(path))}   # it is made again when it is gone",
        )
