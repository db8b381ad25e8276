"""How does an approved task reach git? Marks, working log, message, one commit of exactly its own paths, and proof.

Rules:
- Everything written here follows from the journal: written again after a crash it is the same bytes.
- The commit holds the run's own paths only; the user's staged and dirty files are left as they are.
- After the commit the whole of it is compared with what was approved (`commit_proof.py`); a hook that changed a byte, a
  mode or a word voids the approval.
- A hook may also write in the journal itself: it is made what it was before anything more is written there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from state.errors import WorkspaceRefused
from state.model import Plan, PlannedTask
from state.outside_file import read_outside
from state.position import Outcome
from state.run_state import RunState
from state.task_state import TaskState
from workflow.engine import working_log as worklog
from workflow.engine.commit_message import commit_message
from workflow.engine.commit_proof import CommitProof
from workflow.engine.expected_runbook import ExpectedRunbook, is_partly
from workflow.engine.log_parts import head_of, part_among, part_name, part_number
from workflow.engine.open_run import OpenRun
from workflow.engine.tree_entries import TreeEntries, paths_with
from workflow.runbook.fills import column_in, filled, unfilled
from workflow.runs.git_attributes import own_attributes
from workflow.trailers import APPROVER, END, RUN, agent_author, approvers, run_files, trailers

if TYPE_CHECKING:
    from workflow.git_port import FoundCommit

FEW = 16  # [bytes] that are compared one by one


def message_in(plan: Plan, run: RunState, task: PlannedTask) -> str:
    """The subject that this task's commit gets in this run: by the template that its attempt began with."""
    state = run.task(task.key)
    return commit_message(plan, task, state.template if state.attempt else run.template, skipped=bool(state.skipped))


def other_message(run: RunState, task: PlannedTask) -> str:
    """How a task that was approved gets another message, as the end of a comment: the digest covers the one it has."""
    if task.commit_message:
        return f", or with another message in {run.start.runbook}: phasegate resume {run.run_id} --take-edit"
    if run.is_of_0_1:
        return "; messages stay as the run began"
    return "; another commit: in phasegate.yaml, committed, holds for what is approved from then on"


def footer(plan: Plan, run: RunState, state: TaskState) -> str:
    """The trailers of the task's commit, a line each: run, task, approval, the end that it is, and who approved."""
    last = bool(plan.rollback) and state.key == plan.rollback[-1].key
    pairs = [
        *trailers(run, state).items(),
        *([(END, Outcome.ROLLED_BACK.trailer)] if last else []),
        *((APPROVER, each) for each in approvers(run, state)),
    ]
    return "".join(f"{name}: {value}\n" for name, value in pairs)


def commit_paths(workspace: Path, log: str, run: RunState, state: TaskState) -> list[str]:
    """Workspace paths of the task's commit, each once, in order: those that were approved, where that is recorded.

    `log` is the one of the working log.
    """
    if state.worked is not None and state.worked.entries is not None:
        return [entry.path for entry in state.worked.entries]
    artifacts = [artifact.path for artifact in state.worked.artifacts] if state.worked else []
    return paths_with(workspace, log, run, artifacts)


class CommitStep:
    """The commits of one run."""

    def __init__(self, run: OpenRun, runbook: ExpectedRunbook) -> None:
        self._run = run
        self._workspace = run.workspace
        self._plan = run.plan
        self._log = run.workflow.log
        self._runbook = runbook
        self._git = run.doors.git
        self._disk = run.doors.disk
        self._trailers_are_found = False
        self._entries = TreeEntries(run)
        self._proof = CommitProof(run, runbook)
        self._intended_journal = (-1, b"")  # the intent's `seq`, and the journal that ends with it
        self._before = ""  # HEAD before the commit that was made last

    def prepare(self, task: PlannedTask, state: TaskState) -> None:
        """Tick the task's boxes, fill in its fields, and write its entry in the working log. All may be done already.

        A box is a byte in place; with fields the file is replaced, so that a kill leaves the one or the other.
        """
        self._mark(self._runbook.now(), self._runbook.now(also=task))
        log = self._log_of(state)
        path = self._workspace / log
        self._disk.require_no_link(path)  # before it is read: what a link leads to is none of the commit's
        artifacts = [artifact.path for artifact in state.worked.artifacts] if state.worked else []
        before = path.read_bytes() if path.is_file() else None
        after = worklog.with_entry(
            before,
            title=self._plan.title,
            run_id=self._run.run_id,
            task=task.key,
            entry=worklog.entry(self._run.state, state, task, artifacts),
            head=self._head_of(log) if before is None else None,
        )
        self._disk.write_atomic(path, after)  # synced: entries of earlier tasks are nowhere else but in git

    def _log_of(self, state: TaskState) -> str:
        """The part of the working log that the task's entry stands in, as it was approved."""
        entries = (state.worked.entries if state.worked else None) or ()
        return part_among(self._log, (entry.path for entry in entries))

    def _head_of(self, log: str) -> bytes | None:
        """The first line of a further part of the log; it names the part before as HEAD has it."""
        number = part_number(self._log, log)
        if number is None or number == 1:
            return None
        before = part_name(self._log, number - 1)
        held = self._git.blob(self._git.head(), before)
        if held is None:
            held = (self._workspace / before).read_bytes()
        return head_of(self._plan.title, self._log, log, held)

    def withdraw(self, task: PlannedTask) -> None:
        """Take away what was prepared for the commit of a task that was stopped: its ticks and its log entry."""
        if (self._workspace / self._plan.runbook).is_file():
            self.unmark_if_marked(task)
        path = self._workspace / self._log_of(self._run.state.task(task.key))
        self._disk.require_no_link(path)
        before = path.read_bytes() if path.is_file() else b""
        after = worklog.without_entry(before, run_id=self._run.run_id, task=task.key)
        if after != before:
            self._disk.write_atomic(path, after)

    def unmark_if_marked(self, task: PlannedTask) -> None:
        """Take back what a voided or stopped attempt had ticked and filled in; a file edited by hand is left alone."""
        self._mark(self._runbook.now(also=task), self._runbook.now())

    def _seen(self) -> bytes:
        """The runbook as it lies in the workspace."""
        runbook = self._plan.runbook
        return read_outside(self._workspace / runbook, "runbook", limit=None, name=runbook)

    def _mark(self, before: bytes, wanted: bytes) -> None:
        """Bring the runbook, where it is `before` or on the way from there, to what is wanted."""
        seen = self._seen()
        if is_partly(seen, before, wanted):
            self._write(seen, wanted)

    def _write(self, seen: bytes, wanted: bytes) -> None:
        path = self._workspace / self._plan.runbook
        places = _single_bytes(seen, wanted)
        if places is None:
            self._disk.write_atomic(path, wanted)
            return
        for offset in places:
            self._disk.write_byte(path, offset, wanted[offset : offset + 1])
        # Marks of a process that was killed may not be synced either. git syncs its commit: a file that fell behind it
        # would look edited by hand.
        self._disk.sync_file(path)

    def _take_back(self, task: PlannedTask) -> None:
        """Take the task's fields and all ticks that are not the run's out of the runbook, whatever else it holds."""
        seen, before = self._seen(), self._runbook.now()
        after = self._runbook.fills(also=task)
        made = self._runbook.fills()
        lines = filled(unfilled(seen, after), made).split(b"\n")
        wanted = before.split(b"\n")
        if len(lines) == len(wanted):
            copy = self._runbook.copy()
            for box in (box for each in self._plan.tasks for box in each.boxes()):  # a hook may have ticked others
                row, column = box.line - 1, column_in(made, copy, box)
                line, state = lines[row], wanted[row][column : column + 1]
                if line[column - 1 : column] == b"[" and line[column + 1 : column + 2] == b"]":
                    lines[row] = line[:column] + state + line[column + 1 :]
        self._write(seen, b"\n".join(lines))

    def intent(self, task: PlannedTask, state: TaskState) -> dict[str, object]:
        """The fields of `commit-intended`: message with trailers, and the tree entries that the commit must hold.

        In runs of format 1 the paths, with the object ids that they must get.
        """
        assert state.request is not None and state.worked is not None
        run = self._run.state
        fields: dict[str, object] = {
            "message": f"{message_in(self._plan, run, task)}\n\n{footer(self._plan, run, state)}",
            "approval": state.request.digest,
        }
        if state.worked.entries is not None:
            return {**fields, "entries": [entry.to_json() for entry in self._entries.intended(state.worked.entries)]}
        paths = self.paths(state)
        journal = run_files(run.run_id)[0]
        objects = self._git.object_ids([path for path in paths if path != journal])
        return {**fields, "paths": [{"path": path, "object": objects.get(path)} for path in paths]}

    def paths(self, state: TaskState) -> list[str]:
        """As `commit_paths`."""
        return commit_paths(self._workspace, self._log, self._run.state, state)

    def make(self, state: TaskState) -> str:
        """Commit, and return HEAD's SHA.

        Raises WorkspaceRefused when git or a hook refuses, JournalDamaged as `Journal.written`.
        """
        assert state.commit_intent is not None
        intent, journal = state.commit_intent, self._run.journal
        self._intended_journal = intent.seq, journal.written()
        self._before = self._git.head()
        try:
            return self._git.commit(list(intent.objects()), intent.message, author=agent_author(state))
        finally:
            journal.put_back(self._intended_journal[1])

    def make_end(self, subject: str, outcome: Outcome) -> str:
        """The commit of a run's other ends: its journal and what keeps it, and nothing else.

        Raises WorkspaceRefused when git or a hook refuses, and when a hook put something in, taken back then.
        """
        named = {RUN: self._run.run_id, END: outcome.trailer}
        message = f"{subject}\n\n" + "".join(f"{name}: {value}\n" for name, value in named.items())
        copy = run_files(self._run.run_id)[1]
        paths = [self._run.state.journal, copy, *own_attributes(self._workspace)]
        written, before = self._run.journal.written(), self._git.head()
        try:
            sha = self._git.commit(paths, message)
        finally:
            self._run.journal.put_back(written)
        for commit in self._git.find_commits(named, since=before):
            if broken := self._proof.end_differences(commit, written, paths):
                self._git.undo_commit(commit.sha, before, paths)
                raise WorkspaceRefused(
                    f"a git hook changed its commit, which was taken back: {'; '.join(broken)}",
                    next_command=f"phasegate status {self._run.run_id}   # its record can be committed by hand",
                )
        return sha

    def find(self, state: TaskState, *, since: str = "") -> FoundCommit | None:
        """This task's commit, if git has it after `since` (the commit that the run started from)."""
        run = self._run.state
        found = self._git.find_commits(trailers(run, state), since=since or run.start.base)
        return found[0] if found else None

    def made(self, state: TaskState, sha: str) -> FoundCommit | None:
        """This task's commit, where git has just said that it made one: that one, else what a hook made of it.

        Once git has found our trailers in this process, a commit with exactly the message that was intended has them.
        """
        assert state.commit_intent is not None
        if self._trailers_are_found:
            made = self._git.just_made(sha, state.commit_intent.message)
            if made is not None:
                return made
        # a hook may have committed something of its own on top
        found = self.find(state, since=f"{sha}~1") or self.find(state)
        self._trailers_are_found = found is not None
        return found or self._without_trailers(sha)

    def _without_trailers(self, sha: str) -> FoundCommit | None:
        """The commit that was made, where it stands on what was HEAD: its trailers are gone, and it is taken back."""
        made = [commit for commit in self._git.find_commits({}, since=f"{sha}~1") if commit.sha == sha]
        return made[0] if made and list(made[0].parents) == [self._before] else None

    def lost_its_trailers(self, state: TaskState) -> bool:
        """HEAD holds every file of the intended commit as approved, although no commit names the task."""
        assert state.commit_intent is not None
        if state.commit_intent.entries is not None:
            return not self._proof.not_as_intended(state.commit_intent.entries, self._git.head())
        wanted = {path: blob for path, blob in state.commit_intent.objects().items() if blob}
        seen = self._git.tree_ids("HEAD", list(wanted))
        return all(seen.get(path) == blob for path, blob in wanted.items())

    def differences(self, state: TaskState, commit: FoundCommit) -> list[str]:
        """By name, where the commit differs from what was approved."""
        assert state.commit_intent is not None
        seq, journal = self._intended_journal
        return self._proof.differences(state, commit, journal if seq == state.commit_intent.seq else None)

    def undo(self, state: TaskState, commit: FoundCommit) -> None:
        """Take the commit and its ticks back; the rest of the working tree stays.

        Raises WorkspaceRefused for a commit without a parent, and as `Git.undo_commit`.
        """
        assert state.commit_intent is not None
        if not commit.parents:
            raise WorkspaceRefused(
                f"commit {commit.sha} was not taken back: it was made again without a parent, so the history before it "
                "is gone",
                next_command="git -P reflog -12   # find where the branch was before, then: git reset --keep THAT",
            )
        paths = list(state.commit_intent.objects())
        self._git.undo_commit(commit.sha, commit.parents[0], paths)
        self._take_back(self._plan.task(state.key))


def _single_bytes(seen: bytes, wanted: bytes) -> list[int] | None:
    """The offsets of the bytes that differ, where each stands in the brackets of a box; None where others do."""
    if len(seen) != len(wanted):
        return None
    offsets = list(_differing(seen, wanted, 0, len(seen)))
    return offsets if all(_is_state(seen, at) and _is_state(wanted, at) for at in offsets) else None


def _differing(seen: bytes, wanted: bytes, start: int, end: int) -> Iterator[int]:
    """The offsets between these at which two texts of one length differ; few, as a rule, in a long text."""
    if end - start <= FEW:
        yield from (at for at in range(start, end) if seen[at] != wanted[at])
    elif seen[start:end] != wanted[start:end]:
        middle = (start + end) // 2
        yield from _differing(seen, wanted, start, middle)
        yield from _differing(seen, wanted, middle, end)


def _is_state(data: bytes, at: int) -> bool:
    """Whether this byte is the one in the brackets of a box."""
    return data[at - 1 : at] == b"[" and data[at + 1 : at + 2] == b"]" and data[at : at + 1] != b"\n"
