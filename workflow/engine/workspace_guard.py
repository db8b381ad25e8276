"""Is the workspace still what the run left behind? Runbook, approved files and commits, looked at before work goes on.

Rules:
- Looks, and writes nothing. What differs is named, with the command that brings back what was approved; a person
  decides, nothing is put back by itself.
- A task that is not committed yet may have rewritten its own files: those are its gate's business, not ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from shlex import quote

from phases.step import Step
from state.errors import BadInput, JournalDamaged, Problem, RunbookEdited, WorkspaceRefused
from state.files import blob_id
from state.line_endings import digest_as, turned_like
from state.task_state import TaskStatus
from workflow.engine.committed_runbook import last_own_commit, why_not_as_left
from workflow.engine.expected_runbook import ExpectedRunbook
from workflow.engine.open_run import OpenRun
from workflow.trailers import RUN, copy_of_runbook, run_files

SHORT = 10  # characters of a commit's id in messages


def turned_by_hand(run: OpenRun) -> bool:
    """Whether the runbook has other line ends than the run's copy, and git would store it with others than HEAD has.

    git itself may have turned them (core.autocrlf, in a clone): that is no edit, and no commit shows it.
    """
    git, path = run.doors.git, run.plan.runbook
    file, copy = run.workspace / path, run.workspace / copy_of_runbook(run.run_id, run.state.runbook)
    if file.stat().st_size == copy.stat().st_size:  # marks do not change it, line ends do
        return False
    head = git.head()
    stored = turned_like(file.read_bytes(), git.blob(head, path) or b"")
    return git.object_ids([path])[path] != blob_id(stored, head)


def _with_runbook(run: OpenRun) -> str:
    """A commit that has the runbook: HEAD, or where it was moved away, the run's last one, else the one before."""
    there = run.doors.git.blob("HEAD", run.plan.runbook) is not None
    return "HEAD" if there else last_own_commit(run)[:SHORT]


def require_runbook(run: OpenRun, runbook: ExpectedRunbook) -> None:
    """Return where the runbook is as run: of the boxes only the done are ticked.

    Raises RunbookEdited, with the difference; BadInput where the file is gone, and where its line ends alone were
    changed, which is no edit that a run could take.
    """
    name = run.plan.runbook
    path = run.workspace / name
    if not path.is_file():
        raise BadInput(
            f"{name} is gone, and run {run.run_id} ticks its boxes",
            next_command=f"git checkout {_with_runbook(run)} -- {quote(name)}   # then: phasegate resume {run.run_id}",
        )
    expected, seen = runbook.now(), path.read_bytes()
    if seen == expected:
        if not turned_by_hand(run):
            _require_committed(run, runbook)
            return
        raise BadInput(
            f"the line ends of {name} were changed by hand during the run, and nothing else",
            next_command=f"git stash push -- {quote(name)} && phasegate resume {run.run_id}",
        )
    diff = difflib.unified_diff(
        expected.decode("utf-8", "replace").split("\n"),
        seen.decode("utf-8", "replace").split("\n"),
        "as the run left it",
        "as it is now",
        lineterm="",
        n=0,
    )
    raise RunbookEdited(
        f"{name} was changed by hand during the run:",
        body="\n".join(diff),
        next_command=(
            f"git stash push -- {quote(name)} && phasegate resume {run.run_id}   # goes on with the plan as run\n"
            f"      phasegate resume {run.run_id} --take-edit   # or goes on with the edit; what is done stays\n"
            f"      phasegate abort {run.run_id} --reason TEXT   # or ends the run, for a new one with the edit"
        ),
    )


def _require_committed(run: OpenRun, runbook: ExpectedRunbook) -> None:
    """Raise RunbookEdited when the runbook is as run, and not what HEAD holds."""
    if why := why_not_as_left(run, runbook, run.doors.git.head()):
        name = run.plan.runbook
        raise RunbookEdited(
            f"the runbook in HEAD is not as run {run.run_id} left it, the file here is: {why}",
            next_command=(
                f"git commit -m 'Put the runbook back' -- {quote(name)}   # then: phasegate resume {run.run_id}"
            ),
        )


def require_artifacts(run: OpenRun, working: Step | None, only: Collection[str] | None = None) -> None:
    """Raise BadInput with every file of a committed task that is not what was approved.

    Args:
        working: the step of the task in hand, whose own files may differ.
        only: these paths; None for all.
    """
    own = working.writes if working else ()
    wanted = None if only is None else set(only).difference(own)
    looked: set[str] = set()  # the latest task that left a path is the one that counts
    found = []
    for state in reversed(run.state.tasks.values()):
        if wanted is not None and wanted <= looked:
            break
        if state.status != TaskStatus.DONE or state.worked is None:
            continue
        for artifact in reversed(state.worked.artifacts):
            path, expected = artifact.path, artifact.sha256
            if path in state.handed_in_paths:
                continue  # the repository's own: what people make of it next is their business
            if path in looked or path in own or (wanted is not None and path not in wanted):
                continue
            looked.add(path)
            seen = digest_as(run.workspace / path, expected)
            if seen != expected:
                label = run.plan.task(state.key).label
                what = f"task {label} was approved with {expected[:7]}, now it is {seen[:7]}"
                found.append((Problem(path, what), f"git checkout {(state.commit or '')[:SHORT]} -- {quote(path)}"))
    if found:
        raise BadInput(
            f"run {run.run_id} does not go on with files that were changed after their approval",
            problems=[problem for problem, _fix in reversed(found)],
            next_command=f"{found[-1][1]}   # brings back what was approved, then: phasegate resume {run.run_id}",
        )


def require_commits(run: OpenRun) -> None:
    """HEAD has every commit that the journal names, and none of this run that it does not know. One `git log`.

    Raises WorkspaceRefused for a commit that was amended, rebased or reset away, JournalDamaged when git knows more
    than the journal.
    """
    git = run.doors.git
    known = {state.commit: state.key for state in run.state.tasks.values() if state.commit}
    found = {commit.sha for commit in git.find_commits({RUN: run.run_id}, since=run.state.start.base)}
    lost = [f"{key} {sha[:SHORT]}" for sha, key in known.items() if sha not in found]
    if lost:
        raise WorkspaceRefused(
            f"run {run.run_id} has commits that are not in the history of {git.branch()} any more (amended, rebased or "
            f"reset): {', '.join(lost)}",
            next_command=(
                "git -P reflog -12   # find where the branch was before, then:\n"
                f"      git reset --keep THAT && phasegate resume {run.run_id}"
            ),
        )
    more = [sha for sha in found if sha not in known]
    if more:
        journal = run_files(run.run_id)[0]
        raise JournalDamaged(
            f"{journal} knows nothing of {len(more)} commits of its run ({', '.join(sha[:SHORT] for sha in more)}): "
            "an older copy of it was put in its place",
            next_command=f"git checkout -- {quote(journal)}   # the copy in the last commit; then: phasegate resume",
        )
