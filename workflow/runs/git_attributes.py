"""How do journals come through a clone as they were written? `.phasegate/.gitattributes`, one of a run's own files.

With `core.autocrlf=true` git would check journals and copies of runbooks out with CRLF, and a journal is hashed byte by
byte. The file is committed with the first task; every later run finds it there.

Rules:
- A file of that name with other content is the person's. It is left alone, never committed, and respected where it
  keeps journals as they are; where it does not, no run starts.

Source: https://git-scm.com/docs/gitattributes (text: unset)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from state.errors import BadInput
from state.files import Disk
from workflow.trailers import ATTRIBUTES

if TYPE_CHECKING:
    from workflow.git_port import Git

CONTENT = b"# Journals are kept byte for byte, whatever core.autocrlf says.\n* -text\n"


def own_attributes(workspace: Path) -> tuple[str, ...]:
    """The file, where it is phasegate's own and goes into the run's commits; else nothing."""
    file = workspace / ATTRIBUTES
    return (ATTRIBUTES,) if file.is_file() and not file.is_symlink() and file.read_bytes() == CONTENT else ()


def refuse_other_attributes(workspace: Path, git: Git, journal: str) -> None:
    """Raise BadInput when the person's own file leaves journals to git's conversion of line ends."""
    if (workspace / ATTRIBUTES).exists() and not own_attributes(workspace) and not git.keeps_line_ends(journal):
        raise BadInput(
            f"{ATTRIBUTES} lets git convert the line ends of journals, which are hashed byte for byte: text is not "
            f"unset for {journal}",
            next_command=f"echo '* -text' >> {ATTRIBUTES} && git add {ATTRIBUTES} && git commit -m 'Keep journals'",
        )


def write_attributes(workspace: Path, disk: Disk) -> None:
    """Put the file there, unless there is one."""
    if not (workspace / ATTRIBUTES).exists():
        disk.write_atomic(workspace / ATTRIBUTES, CONTENT)
