"""In which workspace of this clone is a run at the remote kept, and what is typed to work at it there?

Rules:
- Its tip says so, or its order: never where the command was typed. So it needs no `.phasegate` yet, as for a worker.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from state.errors import BadInput, PhasegateError
from state.path_word import path_word
from state.printable import as_name
from workflow.doors.git.plumbing import is_inside, prefix_of, top_of
from workflow.doors.git.tips import read_tip
from workflow.service.meeting_at import any_names_runners
from workflow.service.run_in_tip import workspace_in
from workflow.service.workspace import directory_at, workspace_of

if TYPE_CHECKING:
    from workflow.service.meeting_place import Place


def below_at_remote(directory: Path, run_id: str | None) -> str:
    """From this directory, that of the run which is meant, where it is at the remote only; "" for this one.

    "" also for what is nowhere, and where nothing is shared: its refusal is another's.
    """
    from workflow.runs.find_run import choose
    from workflow.service.meeting_place import place_of

    try:
        workspace = workspace_of(directory)
        try:
            choose(workspace, run_id)
            return ""
        except BadInput:
            if not any_names_runners(workspace):
                return ""
        place = place_of(workspace)
        home = home_at(place, place.meant(run_id))
    except PhasegateError:
        return ""
    return "" if home == workspace else os.path.relpath(home, directory_at(directory))


def home_at(place: Place, run_id: str) -> Path:
    """The workspace of a run that is at the remote. Raises BadInput where this clone has no such directory."""
    standing = place.standing(run_id)
    if not standing.tip:
        return place.workspace  # it is over by now: whoever claims it says so
    place.remote.fetch([standing.tip])
    tip = read_tip(place.workspace, standing.tip)
    home = workspace_in(place.workspace, run_id, tip)
    if home == prefix_of(place.workspace).rstrip("/"):
        return place.workspace
    top = top_of(place.workspace)
    found = top / home
    if not is_inside(found, top):
        branch = path_word(place.names.branch(run_id).removeprefix("refs/heads/"))
        raise BadInput(
            f"run {run_id} is kept in {named_home(home)}, which is not here; nothing was pushed",
            next_command=f"git switch -c {branch} {tip.head[:10]}   # has it",
        )
    return found


def named_home(home: str) -> str:
    """`home`: a workspace as the repository has it; "" for its top."""
    return f"directory {as_name(home)}" if home else "the top"


def typed_in(workspace: Path, home: str, words: str) -> str:
    """The command of these words as it works for a run that is kept in `home`, typed where this process stands."""
    place = os.path.relpath(top_of(workspace) / home)
    return f"phasegate {words}" if place == "." else f"phasegate -C {path_word(place)} {words}"
