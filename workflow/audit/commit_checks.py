"""Is a task's commit what was approved, and nothing else? Files, contents, message and trailers of one commit.

Rules:
- A file is compared by the object id that was intended, which holds under every filter; an artifact also by SHA-256,
  where git stored it as it was, with LF for CRLF, or as an LFS pointer.
- A hook may add trailers to a message. Where the journal names the commit, that was seen; on the run's last commit
  nobody can tell it from an amendment, and that is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import filterfalse
from typing import NamedTuple

from state.files import MISSING, blob_id
from state.model import Plan
from state.position import Outcome
from state.printable import as_name
from state.run_state import RunState
from state.task_state import TaskState
from workflow.audit.entry_checks import check_entries
from workflow.audit.facts import Commit, Repository
from workflow.audit.file_history import FileHistory
from workflow.audit.findings import Finding, Report, Unprovable
from workflow.audit.stored import holds, is_filtered
from workflow.engine.commit import footer, message_in
from workflow.engine.message_check import claims, first_difference, judge_message
from workflow.runs.git_attributes import CONTENT
from workflow.trailers import ATTRIBUTES, END, RUN, agent_author, run_files


class Content(NamedTuple):
    """An artifact in the commit of its task: the blob that git holds, and the SHA-256 that was approved."""

    task: str
    commit: str
    path: str
    blob: str
    digest: str


def check_commit(
    files: FileHistory, run: RunState, plan: Plan | None, state: TaskState, commit: Commit, report: Report
) -> list[Content]:
    """Everything about the commit of one task but its marks (`runbook_trail`) and its place (`claims`).

    Returns the artifacts that have the intended object; what those hold is for `check_contents`.
    """
    assert state.commit_intent is not None
    _check_parents(commit, state.key, report)
    if plan is not None:
        _check_intent(run, plan, state, report)
    _check_message(run, state, commit, report)
    _check_author(state, commit, report)
    _check_paths(files, state, commit, report)
    return _check_blobs(files, run, state, commit, report)


def _check_author(state: TaskState, commit: Commit, report: Report) -> None:
    """The commit of an agent's work names the agent, and never a person, as its author."""
    expected = agent_author(state)
    if expected and commit.author != expected:
        report(Finding("author-differs", f"expected {expected}, seen {commit.author}", state.key, commit.sha))


def _check_paths(files: FileHistory, state: TaskState, commit: Commit, report: Report) -> None:
    """The commit touches what was intended, and that is all that was approved."""
    assert state.commit_intent is not None
    wanted = state.commit_intent.objects()
    _check_attributes(commit, state.key, report)
    for path in sorted(commit.changes.keys() - wanted.keys()):
        report(Finding("extra-file", f"{as_name(path)} is not among the files of this task", state.key, commit.sha))
    check_entries(files, state, commit, report)
    artifacts = state.worked.digests() if state.worked else {}
    for path in sorted(artifacts.keys() - wanted.keys()):
        report(Finding("file-differs", f"{as_name(path)} was approved and is not in the commit", state.key, commit.sha))


def _check_blobs(files: FileHistory, run: RunState, state: TaskState, commit: Commit, report: Report) -> list[Content]:
    """Each file is the intended object; returns the artifacts that are."""
    assert state.commit_intent is not None
    wanted = state.commit_intent.objects()
    artifacts = state.worked.digests() if state.worked else {}
    elsewhere = {run.file_of(state.commit_intent.seq)}  # journals.py
    if run.is_of_0_1:
        elsewhere.add(run.start.runbook)  # runbook_trail.py alone
    found = []
    for path, intended in wanted.items():
        if path in elsewhere:
            continue
        seen = files.id_at(commit.sha, path)
        if seen != (intended or ""):
            message = f"{as_name(path)}: expected blob {_short(intended)}, seen {_short(seen)}"
            report(Finding("file-differs", message, state.key, commit.sha))
        elif path in artifacts and (seen or artifacts[path] != MISSING):
            found.append(Content(state.key, commit.sha, path, seen, artifacts[path]))
    return found


def check_contents(repository: Repository, contents: Sequence[Content], report: Report) -> None:
    """Artifacts are what was approved, by SHA-256 of what git holds."""
    blobs = repository.read_all([content.blob for content in contents])
    for (task, commit, path, _, digest), held in zip(contents, blobs, strict=True):
        if held is not None and holds(held.data, digest):
            continue
        message = f"{as_name(path)}: approved as {digest[:12]}, what git holds hashes to another digest"
        if is_filtered(repository, commit, path):
            report(Unprovable("filtered-file", message, task))
        else:
            report(Finding("file-differs", message, task, commit))


def _check_parents(commit: Commit, task: str, report: Report) -> None:
    """A commit of the run stands on one other. Of a merge git shows only what none of its sides has."""
    if len(commit.parents) != 1 and not commit.boundary:
        sides = ", ".join(parent[:10] for parent in commit.parents) or "none"
        message = f"it has {len(commit.parents)} parents ({sides}), and brings in what nobody approved with the task"
        report(Finding("commit-merged", message, task, commit.sha))


def _check_attributes(commit: Commit, task: str, report: Report) -> None:
    """What keeps journals byte for byte is phasegate's own, word for word, where a run's commit brings it."""
    change = commit.changes.get(ATTRIBUTES)
    if change and change.new != blob_id(CONTENT, commit.sha):
        report(Finding("file-differs", f"{ATTRIBUTES} is not the one that phasegate writes", task, commit.sha))


def _short(sha: str | None) -> str:
    return sha[:10] if sha else "none"


def expected_message(run: RunState, plan: Plan, state: TaskState) -> str:
    """What the task's commit says: the runbook's words, then what names run, task, approval and approvers.

    Raises KeyError when the plan has no such task.
    """
    return f"{message_in(plan, run, plan.task(state.key))}\n\n{footer(plan, run, state)}"


def _check_intent(run: RunState, plan: Plan, state: TaskState, report: Report) -> None:
    assert state.commit_intent is not None and state.request is not None
    try:
        expected = expected_message(run, plan, state)
    except KeyError:
        report(Finding("task-skipped", f"the plan has no task {state.key}", state.key))
        return
    seen = state.commit_intent.message
    if seen != expected:
        message = f"expected {first_difference(expected, seen)}"
        report(Finding("intent-differs", message, state.key))
    if state.commit_intent.approval != state.request.digest:
        message = f"intended for {state.commit_intent.approval[:12]}, shown was {state.request.digest[:12]}"
        report(Finding("intent-differs", message, state.key))


def _check_message(run: RunState, state: TaskState, commit: Commit, report: Report) -> None:
    assert state.commit_intent is not None
    judged = judge_message(state.commit_intent.message, commit.message, claims(run, state), commit.trailers)
    for message in judged.forged:
        report(Finding("trailer-forged", message, state.key, commit.sha))
    if judged.changed:
        report(Finding("message-changed", judged.changed, state.key, commit.sha))
    elif judged.added and state.commit != commit.sha:
        added = "\n".join(judged.added)
        report(Unprovable("added-trailers", f"who added to the message of {commit.sha[:10]}: {added}", state.key))


def check_end(run: RunState, name: str, commit: Commit, report: Report) -> None:
    """The commit of a run's other end: its journal and its runbook, and the engine's words.

    A person may have made it, with words that a commit-msg hook takes: then its trailers say what it is.
    """
    _check_parents(commit, "", report)
    _check_attributes(commit, "", report)
    for path in sorted(commit.changes.keys() - {*run_files(run.run_id), run.journal, ATTRIBUTES}):
        report(Finding("extra-file", f"{as_name(path)} is not a file of the run's end", commit=commit.sha))
    expected = f"{name}: abort run {run.run_id}\n\n{RUN}: {run.run_id}\n{END}: {Outcome.ABORTED.trailer}"
    seen = commit.message.rstrip("\n")
    if (seen + "\n").startswith(expected + "\n"):
        return
    if list(commit.named(RUN)) == [run.run_id] and list(commit.named(END)) == [Outcome.ABORTED.trailer]:
        report(Unprovable("end-in-other-words", f"who worded the record of the end: {seen.splitlines()[0]!r}"))
    else:
        report(Finding("message-changed", f"expected {first_difference(expected, seen)}", commit=commit.sha))


def check_tasks_in_order(run: RunState, plan: Plan, report: Report) -> None:
    """Tasks begin in the plan's order, none left out but those done before; on the way back in the order it has."""
    forward = [task.key for task in plan.tasks if not run.task(task.key).adopted]
    back = [task.key for task in plan.rollback]
    began = [state.key for state in run.tasks.values() if not state.adopted]
    for planned, begun in (
        (forward, filterfalse(back.__contains__, began)),
        (back, filter(back.__contains__, began)),
    ):
        wrong = next((pair for pair in zip(planned, begun, strict=False) if pair[0] != pair[1]), None)
        if wrong:
            report(Finding("task-skipped", f"{wrong[1]} began where the plan has {wrong[0]}", wrong[1]))
            return
