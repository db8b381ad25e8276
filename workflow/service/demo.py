"""How is a workflow shown? In a new repository with a sample of what it works on, which may change between two runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from gates.words import UNCHANGED
from phases.step import SampleChange
from state.errors import BadInput
from state.event_types import Approved, EffectDone
from state.files import Disk
from state.find_runs import run_directory
from state.fold import fold
from state.read_journal import read
from workflow.runs.workflow_catalog import find_workflow
from workflow.sandbox.installed import require_installed


@dataclass(frozen=True, slots=True)
class AskedAbout:
    """How the gates of a run opened, and what it did outside.

    Attributes:
        asked, unchanged: labels of tasks, in order, each once.
        effects: `task 3.2: execute-change-set`, in order.
    """

    asked: Sequence[str]
    unchanged: Sequence[str]
    effects: Sequence[str]

    def text(self) -> str:
        """Three lines."""
        asked = ", ".join(self.asked) or "nobody was asked"
        effects = ", ".join(self.effects) or "nothing"
        return f"  asked about: {asked}\n  unchanged: {', '.join(self.unchanged) or 'nothing'}\n  effects: {effects}"


def free_beside(where: Path, directory: str) -> str:
    """The first name at which nothing is there: the directory's own with 2, 3, ... behind it."""
    return next(name for name in (f"{directory}-{number}" for number in count(2)) if not os.path.lexists(where / name))


def make_sample(workspace: Path, workflow: str, *, elsewhere: str) -> str | None:
    """Make this directory, a repository with the workflow's runbook and sample in its only commit.

    Returns the path of the answers file that it is driven with, where it has one. Its commands find the Python that
    runs this first on PATH, as in an activated environment. `elsewhere` is the command that makes it at another place.

    Raises BadInput when it exists, for a workflow that is not known, and where the packages of the sandbox or of the
    workflow are not there; nothing was written then.
    """
    if workspace.exists() or workspace.is_symlink():  # a link that leads nowhere would be made outside
        raise BadInput(f"{workspace} exists; the demo makes a new directory", next_command=elsewhere)
    from workflow.doors.git.sample_repository import make_sample_repository

    found = find_workflow(workflow)
    require_installed()
    found.requires()
    disk = Disk()
    workspace.mkdir(parents=True)
    disk.write_atomic(workspace / found.runbook, found.runbook_text())
    for path, content in found.sample().items():
        disk.write_atomic(workspace / path, content)
    make_sample_repository(workspace, f"The runbook of {workflow} and a sample")
    if not found.sample_answers:
        return None
    if sys.prefix != sys.base_prefix:
        os.environ["VIRTUAL_ENV"] = sys.prefix  # as who goes through the sample's checklist would have activated it
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return str(workspace / found.sample_answers)


def changes_of(workflow: str) -> Sequence[SampleChange]:
    """What changes between the runs of `demo --again`. Raises BadInput for a workflow that shows one run only."""
    changes = find_workflow(workflow).sample_changes()
    if not changes:
        raise BadInput(
            f"the demo of {workflow} shows one run, and no further one",
            next_command="phasegate demo --workflow stage-06 --again",
        )
    return changes


def change_sample(workspace: Path, change: SampleChange) -> None:
    """Write the files of a change, and commit them; nothing where there are none."""
    from workflow.doors.git.sample_repository import commit_everything

    for path, content in change.files.items():
        Disk().write_atomic(workspace / path, content)
    if change.files:
        commit_everything(workspace, f"The sample changes: {change.title}")


def asked_about(workspace: Path, run_id: str) -> AskedAbout:
    """How the gates of this run opened, by its journal."""
    events = read(run_directory(workspace, run_id) / "journal.jsonl")
    labels = {task.key: task.id or task.title for task in fold(events).all_tasks}
    asked, unchanged = dict[str, None](), dict[str, None]()
    for event in events:
        if isinstance(event, Approved):
            opened = unchanged if event.approval.via == UNCHANGED else asked
            opened[labels[event.task]] = None
    effects = [f"task {labels[each.task]}: {each.effect}" for each in events if isinstance(each, EffectDone)]
    return AskedAbout(list(asked), list(unchanged), effects)
