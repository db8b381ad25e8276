"""What is a runbook without a workflow called here? Its path says; where two would be one, the later one says which.

Rules:
- The name is a run's for ever (run ids, messages, `artifacts/<name>/`), so a path keeps the name that a run of it had.
- Two paths never have one name: `a-b/tasks.md` and `a/b-tasks.md` would both be `a-b-tasks`. Four hex digits of the
  path's SHA-256 are added to the one that comes later, and to a name that is a workflow's, or too long for a file.
"""

from __future__ import annotations

from pathlib import Path

from state.errors import PhasegateError
from state.event_types import RunStarted
from state.events import from_line
from state.files import sha256
from state.journal import find_runs, run_directory
from state.outside_file import open_outside
from workflow.runs.workflow_catalog import KNOWN, name_of_runbook

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
