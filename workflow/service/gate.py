"""What waits at the gate of a run, with the differences of its files? For who looks at a page; nothing is written.

Rules:
- A file is read once, and shown only where it is the one of the evidence: a program that changes it meanwhile cannot
  have one thing shown and another approved.
- What is shown is what git stores: where that is not what the file has, it is the object that was kept at hand-in. No
  filter is started.
- Work by hand is compared with the commit that its task began from, whatever was committed since.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gates.boxes import unsettled
from gates.operators import is_agents_run
from state.errors import BadInput, PhasegateError
from state.evidence import Artifact
from state.files import MISSING, blob_id, sha256
from state.fold import fold
from state.outside_file import MIB, read_outside
from state.path_word import path_word
from state.printable import as_name
from state.task_state import TaskStatus
from state.tree_entry import TreeEntry
from workflow.doors.clock import SystemClock
from workflow.doors.git.repository import GitDoor
from workflow.doors.git.two_versions import differences
from workflow.engine.gatekeeper import text_to_sign
from workflow.policy.passkeys import challenge_of
from workflow.runs.find_run import choose, events_of
from workflow.runs.load_plan import plan_of
from workflow.runs.workflow_catalog import workflow_of
from workflow.service.keys_here import approving_passkeys, deciding_passkeys
from workflow.service.recorded_approvals import RecordedApprovals, uncounted
from workflow.service.shown_gate import closed_at
from workflow.service.status import require_record, resolve_commit
from workflow.service.weaker_policy import is_weaker_at_head
from workflow.service.workspace import workspace_of
from workflow.views.boxes import SERVE, how_to_approve
from workflow.views.gate import FileChange, GateView, boxes_shown, not_on_a_page
from workflow.views.review import review_view
from workflow.views.side_by_side import diff_lines
from workflow.views.since_approved import since_approved
from workflow.views.who_may import who_may

LARGEST = 4 * MIB  # of a file whose difference is shown; of a larger one it is said how to see it


class _Other(Exception):
    """What the disk has is not what is in the evidence."""


def gate(directory: Path, run_id: str | None, me: str = "") -> GateView:
    """The gate that waits, for `me` (a git identity) to look at. Raises BadInput when none does; as `choose`."""
    workspace = workspace_of(directory)
    events = events_of(workspace, choose(workspace, run_id))
    run = fold(events)
    resolve_commit(workspace, run)
    require_record(workspace, run)
    current = run.current_task
    if current is None or current.status != TaskStatus.IN_REVIEW or run.aborted:
        raise BadInput(
            f"run {run.run_id} waits for no verdict: it is {current.status if current else 'ready'}",
            next_command=f"phasegate status {run.run_id}",
        )
    forged = uncounted(workspace, run, events)
    plan, git = plan_of(workspace, run), GitDoor(workspace)
    view = review_view(workspace, plan, workflow_of(run.start).log, run, plan.task(current.key), git)
    files, changed = _files(workspace, view.worked.artifacts, view.worked.entries or (), current.compared_with)
    closed, then = closed_at(workspace, run, events, forged)
    judge = RecordedApprovals(workspace, run, events)
    approving = approving_passkeys(workspace, run, events)
    since = since_approved(events, me, lambda *then: not judge.why_not(*then))
    if since is not None:
        files = [
            replace(file, since=since.files.get(each.path, ""))
            for file, each in zip(files, view.worked.artifacts, strict=True)
        ]
    return GateView(
        view,
        files,
        changed,
        boxes_shown(view.worked.checks, unsettled(view.worked.checks)),
        [each for each in how_to_approve(run, current) if not each.startswith(SERVE)],  # this is that page
        who_may(run, current, enrolled=len(approving) if view.policy.passkeys_alone else None),
        is_agents_run(run) and view.policy.presence != "any",
        not_on_a_page(view.policy, of_0_1=run.is_of_0_1),
        SystemClock(patient=True).now(),
        "" if run.is_of_0_1 or not view.policy.passkeys else challenge_of(text_to_sign(run)),
        approving,
        deciding_passkeys(workspace, run, events),
        since,
        weaker_policy=is_weaker_at_head(workspace, run, events),
        closed=closed,
        commands_then=then,
        can_sign=not run.is_of_0_1,
    )


def _files(
    workspace: Path, artifacts: Sequence[Artifact], entries: Sequence[TreeEntry], rev: str
) -> tuple[list[FileChange], list[str]]:
    """How the files, as git stores them, differ from this commit, and which of them are others now."""
    git, at = GitDoor(workspace), {entry.path: entry for entry in entries}
    shown: list[FileChange] = []
    pairs: list[tuple[bytes, bytes]] = []
    changed: list[str] = []
    for each in artifacts:
        entry = at.get(each.path)
        what = entry.words if entry is not None and entry.type != "missing" else ""
        file = FileChange(as_name(each.path), what, each.size, each.sha256)
        before = after = b""
        try:
            data = _as_approved(workspace, each, entry)
            after = _as_stored(git, data, each, entry)
            base = git.blob(rev, each.path)
            before = base or b""
            file = replace(file, note=_note(each, base, after, rev), stored=None if after == data else len(after))
        except _Other:
            changed.append(f"{as_name(each.path)} is another file now than the one that was shown")
            file = replace(file, note="is not shown: it was changed since it was put before its approvers")
        shown.append(file)
        pairs.append((b"", b"") if file.note else (before, after))
    lines = differences(pairs)
    return [replace(file, lines=diff_lines(each)) for file, each in zip(shown, lines, strict=True)], changed


def _as_approved(workspace: Path, file: Artifact, entry: TreeEntry | None) -> bytes:
    """The bytes that are in the evidence; nothing for a file that was removed, or is too large to be shown."""
    place = workspace / file.path
    if file.sha256 == MISSING:
        if os.path.lexists(place):
            raise _Other
        return b""
    if place.is_symlink():
        target = os.fsencode(place.readlink())
        if entry is None or entry.type != "link" or (entry.blob and blob_id(target, entry.blob) != entry.blob):
            raise _Other
        return target
    if file.size > LARGEST:
        return b""
    try:
        data = read_outside(place, "file", limit=LARGEST, name=file.path)
    except (OSError, PhasegateError) as error:
        raise _Other from error
    if sha256(data) != file.sha256:
        raise _Other
    return data


def _as_stored(git: GitDoor, data: bytes, file: Artifact, entry: TreeEntry | None) -> bytes:
    """The bytes that git stores of the file, which has `data`. Raises _Other where they are not here."""
    if entry is None or entry.type != "file" or not entry.blob or file.size > LARGEST:
        return data
    if blob_id(data, entry.blob) == entry.blob:
        return data
    stored = git.object(entry.blob)
    if stored is None:
        raise _Other
    return stored


def _shows(file: Artifact, base: bytes | None, rev: str) -> str:
    """The command that shows a file in a terminal: git has no difference of one that it does not know."""
    name, commit = path_word(file.path), rev if rev == "HEAD" else rev[:10]
    if base is None:
        return f"less -- {name}"
    return f"git show {commit}:./{name}" if file.sha256 == MISSING else f"git diff {commit} -- {name}"


def _note(file: Artifact, base: bytes | None, after: bytes, rev: str) -> str:
    """Why no difference is shown, or ""; `base`: what the commit has that it is compared with, None for nothing."""
    before = base or b""
    if file.size > LARGEST or len(before) > LARGEST or len(after) > LARGEST:
        return f"is too large to be shown here: {file.size:,} bytes; `{_shows(file, base, rev)}` shows it"
    if b"\0" in before or b"\0" in after:
        return f"is no text: {file.size:,} bytes"
    if before == after:
        return "is new, and empty" if base is None else "has the content that it had before"
    return ""
