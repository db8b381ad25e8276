"""What is a runbook without a workflow called here? Its path says; where two would be one, the later one says which.

Rules:
- The name is a run's for ever (run ids, messages, `artifacts/<name>/`), so a path keeps the name that a run of it had.
- Two paths never have one name: `a-b/tasks.md` and `a/b-tasks.md` would both be `a-b-tasks`. Four hex digits of the
  path's SHA-256 are added to the one that comes later, and to a name that is a workflow's, or too long for a file.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from shlex import quote

from state.errors import BadInput, PhasegateError
from state.event_types import RunStarted
from state.events import from_line
from state.files import sha256
from state.journal import find_runs, run_directory
from state.outside_file import open_outside
from workflow.runs.workflow_catalog import KNOWN, name_of_runbook

UNFIT = ("-", "'", '"')  # what no name begins with, nor with a blank
LONGEST = 120  # bytes: a run id adds 25, and its directory's name may have 255 [POSIX NAME_MAX]


def name_here(workspace: Path, path: str) -> str:
    """The name of the runbook at this path of the workspace. Raises as `find_runs`."""
    plain = name_of_runbook(path)
    if "/" not in path:
        return plain
    known = dict(_names(workspace))
    if path in known:
        return known[path]
    is_free = plain not in KNOWN and plain not in known.values() and not (workspace / f"{plain}.md").exists()
    if plain and is_free and len(plain.encode()) <= LONGEST:
        return plain
    short = plain.encode()[:LONGEST].decode(errors="ignore")
    return f"{short}-{sha256(path.encode())[:4]}".lstrip("-")


def _names(workspace: Path) -> list[tuple[str, str]]:
    """(runbook, name) of the runs here that no workflow's steps do, the latest last; a damaged one is refused later."""
    found = []
    for run_id in find_runs(workspace):
        journal = run_directory(workspace, run_id) / "journal.jsonl"
        try:
            with open_outside(journal, "journal", name=run_id) as file:
                started = from_line(file.readline().rstrip(b"\n"))
        except (OSError, ValueError, PhasegateError):
            continue
        if isinstance(started, RunStarted) and started.workflow not in KNOWN:
            found.append((started.runbook, started.workflow))
    return found


def refuse_unfit(workspace: Path, path: str, name: str) -> None:
    """Raise BadInput for a name that a command would take for an option, or for none: run ids begin with it.

    Args:
        workspace: the top of the repository.
        path: of the runbook, from there; git knows it, and it is at the top where the name is unfit.
        name: the run's workflow, which is this runbook's name.
    """
    if name and not name[0].isspace() and name[0] not in UNFIT:
        return
    begin = re.sub(r"^[-'\"\s]+", "", path)
    target, number = PurePosixPath(f"runbook{begin}" if begin.startswith(".") else begin), 1
    while os.path.lexists(workspace / target):
        number += 1
        target = target.with_stem(f"{target.stem}-{number}")
    raise BadInput(
        f"the runbook {path} would give its run the name {name!r}, which commands would take for an option or "
        "other words: expected one that begins with no hyphen, no blank and no quotation mark",
        next_command=f"git mv -- {quote(path)} {quote(target.as_posix())} && git commit -m 'Rename the runbook'",
    )
