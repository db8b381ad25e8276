"""Is a run's directory what the run left there? Files of others at the tip, and what the working tree lacks.

Rules:
- A run leaves its journal and its copies of the runbook there, and nothing else: git reads a `.gitattributes` or a
  `.gitignore` wherever it lies, so that one there changes what a clone gets, or what the next commit takes.
- What lies beside the runs in `.phasegate` is somebody's own; but a `.gitignore` there is about the runs.
- A file that the tip holds and the working tree lacks was deleted there, unless git was told not to put it there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from state.find_runs import DIRECTORY
from state.printable import as_name
from state.run_state import RunState
from workflow.audit.facts import Commit, Repository
from workflow.audit.findings import Finding, Report
from workflow.trailers import ATTRIBUTES

IGNORED = f"{DIRECTORY}/.gitignore"


def check_directory(
    repository: Repository, run_id: str, run: RunState | None, commits: Sequence[Commit], report: Report
) -> None:
    """Report what does not belong to the run, with the commit that brought it, and what was deleted here.

    `run`: None where no journal can be read; then nothing is known of what lies there.
    """
    if run is None:
        return
    journal = {run.file_of(seq) for seq in run.segments.starts}
    own = journal | {f"{DIRECTORY}/{run_id}/{version.file}" for version in run.runbook_versions}
    held = repository.below(repository.tip, f"{DIRECTORY}/{run_id}")
    strange = [path for path in held if path not in own]
    if repository.mode_at(repository.tip, IGNORED):
        strange.append(IGNORED)
    for path in strange:
        report(Finding("strange-file", f"{as_name(path)} is no file of the run", commit=_brought_by(commits, path)))
    mine = [path for path in held if path in own]
    for path in repository.lacking([*mine, *([ATTRIBUTES] if repository.mode_at(repository.tip, ATTRIBUTES) else [])]):
        report(Finding(_code(path, journal), f"{as_name(path)} is not in the working tree, though the tip holds it"))


def _code(path: str, journal: Collection[str]) -> str:
    if path == ATTRIBUTES:
        return "artifact-changed-later"
    return "journal-missing" if path in journal else "runbook-copy-differs"


def _brought_by(commits: Sequence[Commit], path: str) -> str:
    """The latest commit that put it, or something below it, there; "" where none of these did."""
    return next(_that_changed(commits, path), "")


def _that_changed(commits: Sequence[Commit], path: str) -> Iterator[str]:
    for commit in reversed(commits):
        if any(each == path or each.startswith(f"{path}/") for each in commit.changes):
            yield commit.sha
