"""Which runs and attempts were in this clone and are in no file and no commit any more? By what it kept of them.

A run whose files `git clean` took away before its first commit is in no history; neither is an attempt whose file of
the journal went so. What `kept_attempts.py` holds of them is told by name by whatever looks for a run, is written down
as a note where work at the same runbook goes on, for its approvers, and counts towards an agent's attempts.

Rules:
- What a branch, a tag, a remote or the stash has is not gone, only elsewhere; neither is a run that was aborted.
- A run here that has the note tells of the gone one: then nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from state.cheap_classes import NamedTuple
from state.counted import counted
from state.errors import JournalDamaged, PhasegateError
from state.event_types import Event, Noted
from state.events import format_time
from state.find_runs import DIRECTORY, find_runs_to_look_at, run_directory
from state.printable import as_name, printable_line
from state.read_journal import read
from state.run_state import RunState
from state.segments import JOURNAL
from workflow.doors.git.plumbing import git_dir_of, look
from workflow.runs.kept_attempts import REJECTED, SUFFIX, Attempt, KeptAttempts, kept_at, place_in_repository, read_kept
from workflow.runs.workflow_catalog import target_of

FEW = 20  # reasons that a note or a refusal quotes, the last ones


class Gone(NamedTuple):
    """A run that is in no file and no commit: what is kept of it, and whether the stash has its files."""

    kept: KeptAttempts
    stashed: bool = False

    @property
    def said(self) -> str:
        """What is known of it, in one line."""
        return f"run {self.kept.run} of {as_name(self.kept.runbook)} was here: {_counted(self.kept.attempts)}"

    @property
    def way(self) -> str:
        """The commands by which work goes on, without what is kept being lost."""
        again = f"phasegate run {target_of(self.kept.workflow, self.kept.runbook)}   # a new run, which tells of it"
        return f"git stash pop   # has its files\n      {again}" if self.stashed else again


def gone_runs(workspace: Path, git_dir: Path | None = None) -> list[Gone]:
    """The runs of this workspace that are gone, and that no run here tells of. git is asked where there may be any.

    `git_dir`: of the workspace's repository, where it is known.
    """
    kept_here = sorted(((git_dir or git_dir_of(workspace)) / "phasegate").glob(f"*{SUFFIX}"))
    if not kept_here:
        return []
    here, place, found = set(find_runs_to_look_at(workspace)), place_in_repository(workspace), []
    for path in kept_here:
        kept = None if path.stem in here or _is_behind_a_link(workspace, path.stem) else read_kept(path)
        if kept and kept.run == path.stem and kept.place == place and not (kept.over or kept.committed):
            directory = f"{DIRECTORY}/{kept.run}"
            if not look(workspace, "rev-list", "-1", "--all", "HEAD", "--", directory).stdout:
                found.append(Gone(kept, _has(workspace, "refs/stash^3", directory)))
    told = _notes(workspace, here) if found else ""
    return [each for each in found if each.kept.run not in told]


def _is_behind_a_link(workspace: Path, run_id: str) -> bool:
    """Whether a link stands in the place of the run's directory, or of all: nothing is looked for through it."""
    directory = run_directory(workspace, run_id)
    return directory.is_symlink() or directory.parent.is_symlink()


def _has(workspace: Path, commit: str, directory: str) -> bool:
    return look(workspace, "ls-tree", commit, "--", directory).stdout != b""


def _notes(workspace: Path, runs: set[str]) -> str:
    """The notes of these runs; of a damaged one none, which is refused elsewhere."""
    texts = []
    for run_id in runs:
        try:
            events = read(run_directory(workspace, run_id) / JOURNAL)
            texts += [event.text for event in events if isinstance(event, Noted)]
        except PhasegateError:
            continue
    return "\n".join(texts)


def refuse_gone(workspace: Path, run_id: str = "") -> None:
    """Raise JournalDamaged where a run (one whose id begins so) is gone."""
    gone = [each for each in gone_runs(workspace) if each.kept.run.startswith(run_id)]
    if not gone:
        return
    last = gone[-1]
    raise JournalDamaged(
        f"{last.said}; its files are gone, and no commit has them (`git clean` removes files that git does not know "
        "yet)",
        body="\n".join(
            line for each in gone for line in (*([each.said] * (len(gone) > 1)), *_quoted(each.kept.attempts))
        ),
        next_command=last.way,
    )


def notes_of_gone(workspace: Path, git_dir: Path, run: RunState) -> Iterator[str]:
    """What a run that begins is to tell its approvers: of each run of its runbook that is gone."""
    for gone in gone_runs(workspace, git_dir):
        if gone.kept.runbook == run.start.runbook:
            lines = (f"{gone.said}; its files are gone, and no commit has them", *_quoted(gone.kept.attempts))
            yield "\n".join(lines)


def note_of_lost(git_dir: Path, run: RunState, events: Sequence[Event]) -> str:
    """What a run that goes on is to tell of attempts of its own that its journal has not (any more); "" for none."""
    lost = _lost(git_dir, run.run_id, events)
    if not lost:
        return ""
    text = "\n".join((f"the journal lost what it had of {_counted(lost)}", *_quoted(lost)))
    return "" if any(isinstance(event, Noted) and event.text == text for event in events) else text


def attempts_before(workspace: Path, run: RunState, events: Sequence[Event], task: str) -> int:
    """How many attempts at this task were made in runs of the runbook that are gone, and in what the journal lost."""
    git_dir = git_dir_of(workspace)
    count = len({each.number for each in _lost(git_dir, run.run_id, events) if each.task == task})
    for path in (git_dir / "phasegate").glob(f"*{SUFFIX}"):
        kept = None if path.stem == run.run_id else read_kept(path)
        if kept and kept.runbook == run.start.runbook and any(each.task == task for each in kept.attempts):
            told = any(isinstance(event, Noted) and f"run {kept.run} " in event.text for event in events)
            count += len({each.number for each in kept.attempts if each.task == task}) if told else 0
    return count


def _lost(git_dir: Path, run_id: str, events: Sequence[Event]) -> list[Attempt]:
    """What is kept of a run's attempts and its journal has not."""
    kept = read_kept(kept_at(git_dir, run_id))
    if kept is None or not kept.attempts:
        return []
    known = {(event.type, format_time(event.at)) for event in events}
    return [each for each in kept.attempts if (each.type, each.at) not in known]


def _counted(attempts: Sequence[Attempt]) -> str:
    numbers = {(each.task, each.number) for each in attempts}
    rejections = [each for each in attempts if each.type == REJECTED]
    if not numbers:
        return "nothing was handed in that is known of"
    return f"{counted(len(numbers), 'attempt')}, {counted(len(rejections), 'rejection')}, as far as is known"


def _quoted(attempts: Sequence[Attempt]) -> list[str]:
    ended = [each for each in attempts if each.reason][-FEW:]
    return [
        f"- {each.task}, attempt {each.number}{f', by {printable_line(each.by)}' if each.by else ''}: "
        f"{printable_line(each.reason)}"
        for each in ended
    ]
