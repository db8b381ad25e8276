"""Did a file of the working tree become something else while it was looked at? Then that is refused, and no fault.

Rules:
- Between looking what a name is and reading it, an editor, a build or another checkout may swap it for a link or a
  directory, or take it away. The system's answer to that is told with the place, by every face alike.
- What lies in no working tree, or in git's own directory, is not judged: one of phasegate's own files that is missing
  is a fault.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from state.errors import WorkspaceRefused
from state.plain_files import look_at
from state.printable import as_name
from workflow.doors.git.command import top_above

# what the system says of a name that is not what it was: gone, a directory or none, a link, a FIFO, there already
_SWAPPED = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ELOOP,
    errno.EINVAL,  # of readlink, where there is no link any more
    errno.ENXIO,
    errno.EEXIST,
    errno.ENOTEMPTY,
    errno.ESTALE,
}


def as_refusal(error: OSError) -> WorkspaceRefused | None:
    """The refusal that an answer of the system is; None where it is no such answer."""
    file = error.filename2 or error.filename
    if error.errno not in _SWAPPED or not isinstance(file, str | bytes):
        return None
    path = Path(os.path.abspath(os.fsdecode(file)))  # noqa: PTH100 - no link is followed: it is the name that counts
    top = top_above(path.parent)
    if top is None or ".git" in path.parts:
        return None
    name = path.relative_to(top)
    return WorkspaceRefused(
        f"{as_name(str(name))} became something else while it was read: {error.strerror}; expected what was there a "
        "moment before",
        next_command=look_at(path),
    )
