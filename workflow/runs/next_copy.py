"""How is a checklist that was gone through used once more? As a copy of it with open boxes, under a name of its own.

The ticks and filled-in fields of the one that is done are people's words, and stay.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from shlex import quote

from state.find_runs import find_runs, run_directory
from state.fold import fold
from state.path_word import path_word
from state.run_state import copy_name
from workflow.runs.find_run import events_of

OPEN = r"s/^([ >]*([-*+]|[0-9]+[.)]) +)\[[xX]\]/\1[ ]/"  # takes the ticks of a list's boxes away


def copy_commands(workspace: Path, runbook: str) -> str:
    """The commands that make such a copy of a runbook and run it: from how its latest run began, else without ticks."""
    path = PurePosixPath(runbook)
    new = next(
        name
        for name in (path.with_name(f"{path.stem}-{number}{path.suffix}").as_posix() for number in range(2, 10_000))
        if not (workspace / name).exists()
    )
    runs = [(run_id, fold(events_of(workspace, run_id)).start) for run_id in find_runs(workspace)]
    own = [(start.at, run_id) for run_id, start in runs if start.runbook == runbook]
    if own:
        kept = (run_directory(workspace, max(own)[1]) / copy_name(1)).relative_to(workspace).as_posix()
        made = f"cp {path_word(kept)} {path_word(new)}   # as it was before its latest run"
    else:
        made = f"sed -E {quote(OPEN)} {path_word(runbook)} > {path_word(new)}   # a copy with open boxes"
    commit = f"git add -- {path_word(new)} && git commit -m {quote(f'{path.name} once more')} -- {path_word(new)}"
    return "\n      ".join((made, commit, f"phasegate run {path_word(new)}"))
