"""Is a task's commit what was approved, and nothing else? Files, contents, message and trailers of one commit.

Rules:
- A file is compared by the object id that was intended, which holds under every filter; an artifact also by SHA-256,
  where git stored it as it was, with LF for CRLF, or as an LFS pointer.
- A hook may add trailers to a message. Where the journal names the commit, that was seen; on the run's last commit
  nobody can tell it from an amendment, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from state.model import Plan
from state.run_state import RunState, TaskState
from workflow.audit.facts import Commit, Repository
from workflow.audit.findings import Finding, Unprovable
from workflow.audit.runbook_copy import digests
from workflow.commit import commit_message, footer
from workflow.trailers import APPROVAL, APPROVER, END, RUN, TASK, run_files

Said = Callable[[Finding | Unprovable], None]

_TRAILER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*): \S.*")
_FILTERED = re.compile(rb"(?m)^[^#\n]*\s(?:filter=|ident(?:\s|$)|working-tree-encoding=|text|eol=|crlf)")


def check_commit(
    repository: Repository, run: RunState, plan: Plan | None, state: TaskState, commit: Commit, said: Said
) -> None:
    """Everything about the commit of one task but its marks (`runbook_trail`) and its place (`claims`)."""
    assert state.commit_intent is not None
    _check_files(repository, run, state, commit, said)
    if plan is not None:
        _check_intent(run, plan, state, said)
    _check_message(run, state, commit, said)


def _check_files(repository: Repository, run: RunState, state: TaskState, commit: Commit, said: Said) -> None:
    assert state.commit_intent is not None
    wanted = {entry["path"]: entry["object"] for entry in state.commit_intent["paths"]}
    for path in sorted(commit.changes.keys() - wanted.keys()):
        said(Finding("extra-file", f"{path} is not among the files of this task", state.key, commit.sha))
    journal = run_files(run.run_id)[0]
    artifacts = {artifact["path"]: artifact["sha256"] for artifact in (state.worked or {})["artifacts"]}
    for path in sorted(artifacts.keys() - wanted.keys()):
        said(Finding("file-differs", f"{path} was approved and is not in the commit", state.key, commit.sha))
    for path, intended in wanted.items():
        if path in (journal, run.start["runbook"]):
            continue  # journals.py, runbook_trail.py
        change = commit.changes.get(path)
        seen = change.new if change else repository.id_at(commit.sha, path)
        if seen != (intended or ""):
            message = f"{path}: expected blob {_short(intended)}, seen {_short(seen)}"
            said(Finding("file-differs", message, state.key, commit.sha))
            continue
        digest = artifacts.get(path)
        held = repository.get(seen) if digest is not None else None
        if digest is not None and (held is None or not _holds(held.data, digest)):
            message = f"{path}: approved as {digest[:12]}, what git holds hashes to another digest"
            if _is_filtered(repository, commit.sha, path):
                said(Unprovable("filtered-file", message, state.key))
            else:
                said(Finding("file-differs", message, state.key, commit.sha))


def _short(sha: str | None) -> str:
    return sha[:10] if sha else "none"


def _holds(data: bytes, digest: str) -> bool:
    """Whether the file that git stored as these bytes had this SHA-256: as it is, with CRLF, or in LFS."""
    if digest in digests(data):
        return True
    return data.startswith(b"version https://git-lfs.github.com/spec/") and f"oid sha256:{digest}\n".encode() in data


def _is_filtered(repository: Repository, commit: str, path: str) -> bool:
    """Whether attributes in force at this path let git store something else than the file. Source: gitattributes(5)."""
    places = [".gitattributes", *(f"{parent}/.gitattributes" for parent in PurePosixPath(path).parents)]
    held = (repository.at(commit, place) for place in dict.fromkeys(places))
    return any(attributes and _FILTERED.search(attributes.data) for attributes in held)


def expected_message(run: RunState, plan: Plan, state: TaskState) -> str:
    """What the task's commit says: the runbook's words, then what names run, task, approval and approvers.

    Raises KeyError when the plan has no such task.
    """
    return f"{commit_message(plan, plan.task(state.key))}\n\n{footer(plan, run, state)}"


def _approvers(state: TaskState) -> Sequence[str]:
    return list(dict.fromkeys(event["by"]["git"] for event in state.approvals))


def _check_intent(run: RunState, plan: Plan, state: TaskState, said: Said) -> None:
    assert state.commit_intent is not None and state.request is not None
    try:
        expected = expected_message(run, plan, state)
    except KeyError:
        said(Finding("task-skipped", f"the plan has no task {state.key}", state.key))
        return
    seen = state.commit_intent["message"]
    if seen != expected:
        message = f"expected {_first_difference(expected, seen)}"
        said(Finding("intent-differs", message, state.key))
    if state.commit_intent["approval"] != state.request.digest:
        message = f"intended for {state.commit_intent['approval'][:12]}, shown was {state.request.digest[:12]}"
        said(Finding("intent-differs", message, state.key))


def _check_message(run: RunState, state: TaskState, commit: Commit, said: Said) -> None:
    assert state.commit_intent is not None
    intended, seen = state.commit_intent["message"].rstrip("\n"), commit.message.rstrip("\n")
    if seen == intended:
        return
    assert state.request is not None
    wanted: Mapping[str, Sequence[str]] = {
        RUN: [run.run_id], TASK: [state.key], APPROVAL: [state.request.digest], APPROVER: _approvers(state),
    }  # fmt: skip
    forged = [key for key, values in wanted.items() if commit.named(key) and list(commit.named(key)) != list(values)]
    for key in forged:
        message = f"{key}: expected {', '.join(wanted[key])}, seen {', '.join(commit.named(key))}"
        said(Finding("trailer-forged", message, state.key, commit.sha))
    added = seen[len(intended) :].strip("\n") if seen.startswith(intended + "\n") else ""
    if added and all(_TRAILER.fullmatch(line) for line in added.split("\n")) and not forged:
        if state.commit != commit.sha:
            said(Unprovable("added-trailers", f"who added to the message of {commit.sha[:10]}: {added}", state.key))
    elif not forged:
        message = f"expected {_first_difference(intended, seen)}"
        said(Finding("message-changed", message, state.key, commit.sha))


def _first_difference(expected: str, seen: str) -> str:
    """`'a line', seen 'another'`: the first line in which they differ."""
    ours, theirs = expected.split("\n"), seen.split("\n")
    for number in range(max(len(ours), len(theirs))):
        one, other = (lines[number] if number < len(lines) else "" for lines in (ours, theirs))
        if one != other:
            return f"{one!r}, seen {other!r}"
    return f"{expected!r}, seen {seen!r}"


def check_end(run: RunState, name: str, commit: Commit, said: Said) -> None:
    """The commit of a run's other end: its journal and its runbook, and the engine's words."""
    for path in sorted(commit.changes.keys() - set(run_files(run.run_id))):
        said(Finding("extra-file", f"{path} is not a file of the run's end", commit=commit.sha))
    expected = f"{name}: abort run {run.run_id}\n\n{RUN}: {run.run_id}\n{END}: {run.end}"
    seen = commit.message.rstrip("\n")
    if not (seen + "\n").startswith(expected + "\n"):
        said(Finding("message-changed", f"expected {_first_difference(expected, seen)}", commit=commit.sha))


def check_tasks_in_order(run: RunState, plan: Plan, said: Said) -> None:
    """Tasks begin in the plan's order, none left out; on the way back in the order that it was begun with."""
    back = {task.key for task in plan.rollback}
    for way, begun in (
        (plan.tasks, [key for key in run.tasks if key not in back]),
        (plan.rollback, [key for key in run.tasks if key in back]),
    ):
        for task, seen in zip(way, begun, strict=False):
            if task.key != seen:
                said(Finding("task-skipped", f"{seen} began where the plan has {task.key}", seen))
                return
