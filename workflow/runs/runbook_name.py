"""What is a runbook without a workflow called here? Its path says; where two would be one, the later one says which.

Rules:
- The name is a run's for ever (run ids, messages, `artifacts/<name>/`), so a path keeps the name that a run of it had.
- Two paths never have one name: `a-b/tasks.md` and `a/b-tasks.md` would both be `a-b-tasks`. Four hex digits of the
  path's SHA-256 are added to the one that comes later, and to a name that is a workflow's, or too long for a file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from phases.step import Workflow
from state.errors import BadInput, PhasegateError
from state.event_types import RunStarted
from state.events import from_line
from state.find_runs import find_runs, run_directory
from state.outside_file import open_outside
from state.path_word import path_word
from state.printable import as_name
from workflow.runs.workflow_catalog import (
    KNOWN,
    LONGEST,
    MOVED,
    name_of_runbook,
    placed_apart,
    short_name,
    slug_of,
    workflow_of,
)

UNFIT = ("-", "'", '"')  # what no name begins with, nor with a blank


def name_here(workspace: Path, path: str) -> str:
    """The name of the runbook at this path of the workspace. Raises as `find_runs`."""
    plain = name_of_runbook(path)
    if "/" not in path:
        return plain
    begun = list(_begun(workspace))
    known = {started.runbook: started.workflow for started in begun if started.workflow not in KNOWN}
    if path in known:
        return known[path]
    taken = {*KNOWN, *known.values(), *_places_apart(begun, but=path)}
    fits = plain and len(plain.encode()) <= LONGEST  # else the system refuses to look for it
    is_free = fits and plain not in taken and not (workspace / f"{plain}.md").exists()
    return plain if is_free else short_name(plain, path)


def _begun(workspace: Path) -> Iterator[RunStarted]:
    """How the runs here began, the latest last; a damaged one is refused later."""
    for run_id in find_runs(workspace):
        journal = run_directory(workspace, run_id) / "journal.jsonl"
        try:
            with open_outside(journal, "journal", name=run_id) as file:
                started = from_line(file.readline().rstrip(b"\n"))
        except (OSError, ValueError, PhasegateError):
            continue
        if isinstance(started, RunStarted):
            yield started


def _places_apart(begun: Iterable[RunStarted], *, but: str) -> set[str]:
    """The names of the directories in which runs of workflows keep what they leave of other runbooks than this one."""
    others = (each for each in begun if each.runbook != but)
    return {slug_of(each.runbook) for each in others if placed_apart(each.workflow, each.runbook, each.grammar)}


def refuse_shared_place(workspace: Path, runbook: str, workflow: Workflow) -> None:
    """Raise BadInput when this run of a workflow would keep its files where a run of another runbook keeps its own."""
    if workflow.name not in MOVED:
        return
    place = workflow.rollback_plan
    for other in _begun(workspace):
        if other.runbook != runbook and "/" in runbook and workflow_of(other).rollback_plan == place:
            target = _free(workspace, PurePosixPath(runbook))
            raise BadInput(
                f"the runbook {as_name(runbook)} would keep its artifacts in {PurePosixPath(place).parent}, "
                "where those of run "
                f"{other.run} of {as_name(other.runbook)} are: expected a path that gives another name",
                next_command=(
                    f"git mv -- {path_word(runbook)} {path_word(target)} && git commit -m 'Rename the runbook'"
                ),
            )


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
    target = _free(workspace, PurePosixPath(f"runbook{begin}" if begin.startswith(".") else begin))
    raise BadInput(
        f"the runbook {as_name(path)} would give its run the name {name!r}, which commands would take for an option or "
        "other words: expected one that begins with no hyphen, no blank and no quotation mark",
        next_command=f"git mv -- {path_word(path)} {path_word(target)} && git commit -m 'Rename the runbook'",
    )


def _free(workspace: Path, target: PurePosixPath) -> str:
    """This path, or the next one like it that nothing lies at."""
    number, stem = 1, target.stem
    while os.path.lexists(workspace / target):
        number += 1
        target = target.with_stem(f"{stem}-{number}")
    return target.as_posix()
