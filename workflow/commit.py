"""How does an approved task reach git? Marks, working log, message, one commit of exactly its own paths, and proof.

Rules:
- Everything written here follows from the journal: written again after a crash it is the same bytes.
- The commit holds the run's own paths only; the user's staged and dirty files are left as they are.
- After the commit its tree is compared with what was approved; a hook that changed a byte voids the approval.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from phases.step import Workflow
from state.files import Disk, sha256
from state.journal import Journal, run_directory
from state.model import Plan, PlannedTask
from state.run_state import RunState, TaskState
from workflow import worklog
from workflow.ports import FoundCommit, Git
from workflow.runbook.marks import flip_all
from workflow.trailers import APPROVER, END, ROLLED_BACK, RUN, run_files, trailers


def commit_message(plan: Plan, task: PlannedTask) -> str:
    """The subject of the task's commit: the runbook's own words, else `<name> task <id>: <title>`."""
    if task.commit_message:
        return task.commit_message
    return f"{plan.name} task {task.id}: {task.title}" if task.id else f"{plan.name}: {task.title}"


def footer(plan: Plan, run: RunState, state: TaskState) -> str:
    """The trailers of the task's commit, a line each: run, task, approval, the end that it is, and who approved."""
    last = bool(plan.rollback) and state.key == plan.rollback[-1].key
    people = dict.fromkeys(event["by"]["git"] for event in state.approvals)
    pairs = [
        *trailers(run, state).items(),
        *([(END, ROLLED_BACK)] if last else []),
        *((APPROVER, each) for each in people),
    ]
    return "".join(f"{name}: {value}\n" for name, value in pairs)


def commit_paths(plan: Plan, workflow: Workflow, run: RunState, state: TaskState) -> list[str]:
    """Workspace paths of the task's commit, each once, in order."""
    artifacts = [artifact["path"] for artifact in (state.worked or {}).get("artifacts", ())]
    return list(dict.fromkeys([plan.runbook, workflow.log, *artifacts, *run_files(run.run_id)]))


def expected_runbook(workspace: Path, plan: Plan, run: RunState, *, also: PlannedTask | None = None) -> bytes:
    """The runbook as the run has left it: the copy taken at the start, with the boxes of done tasks ticked.

    `also` adds the boxes of a task that is about to be done.
    """
    original = (run_directory(workspace, run.run_id) / "runbook.md").read_bytes()
    done = {state.key for state in run.tasks.values() if state.status == "done"}
    boxes = [box for task in plan.tasks if task.key in done or task is also for box in task.boxes() if not box.done]
    if sha256(original) != plan.sha256 or any(box.state != " " for box in boxes):
        return flip_all(original, boxes)  # looks at every line
    ticked = bytearray(original)  # the bytes that the plan was read from: each box is where the plan has it
    for box in boxes:
        ticked[box.offset] = ord("x")
    return bytes(ticked)


def is_partly(seen: bytes, before: bytes, after: bytes) -> bool:
    """Whether `seen` is `before` with some, none or all of the changes of `after`: a kill comes between two marks."""
    if seen in (before, after):
        return True
    return len(seen) == len(before) == len(after) and all(
        byte in (old, new) for byte, old, new in zip(seen, before, after, strict=True)
    )


class CommitStep:
    """Leaves one task of one run."""

    def __init__(self, workspace: Path, plan: Plan, workflow: Workflow, journal: Journal, git: Git, disk: Disk) -> None:
        self._workspace = workspace
        self._plan = plan
        self._workflow = workflow
        self._journal = journal
        self._git = git
        self._disk = disk
        self._offsets = sorted({box.offset for task in plan.tasks for box in task.boxes()})

    def prepare(self, run: RunState, task: PlannedTask, state: TaskState) -> None:
        """Tick the task's boxes, one byte each, and write its entry in the working log. Both may be done already."""
        self._mark(expected_runbook(self._workspace, self._plan, run, also=task))
        path = self._workspace / self._workflow.log
        artifacts = [artifact["path"] for artifact in (state.worked or {})["artifacts"]]
        before = path.read_bytes() if path.is_file() else None
        after = worklog.with_entry(
            before, title=self._plan.title, run_id=run.run_id, task=task.key,
            entry=worklog.entry(run, state, task, artifacts),
        )  # fmt: skip
        self._disk.write_atomic(path, after)  # synced: entries of earlier tasks are nowhere else but in git

    def withdraw(self, run: RunState, task: PlannedTask) -> None:
        """Take away what was prepared for the commit of a task that was stopped: its ticks and its log entry."""
        if (self._workspace / self._plan.runbook).is_file():
            self.unmark_if_marked(run, task)
        path = self._workspace / self._workflow.log
        before = path.read_bytes() if path.is_file() else b""
        after = worklog.without_entry(before, run_id=run.run_id, task=task.key)
        if after != before:
            self._disk.write_atomic(path, after)

    def unmark_if_marked(self, run: RunState, task: PlannedTask) -> None:
        """Untick the boxes that a voided or stopped attempt had ticked; a file edited by hand is left alone."""
        seen = (self._workspace / self._plan.runbook).read_bytes()
        before = expected_runbook(self._workspace, self._plan, run)
        if seen != before and is_partly(seen, before, expected_runbook(self._workspace, self._plan, run, also=task)):
            self._mark(before)

    def _mark(self, wanted: bytes) -> None:
        path = self._workspace / self._plan.runbook
        seen = path.read_bytes()
        for offset in self._offsets:
            if seen[offset] != wanted[offset]:
                self._disk.write_byte(path, offset, wanted[offset : offset + 1])
        # Marks of a process that was killed may not be synced either. git syncs its commit: a file that fell behind it
        # would look edited by hand.
        self._disk.sync_file(path)

    def intent(self, run: RunState, task: PlannedTask, state: TaskState) -> dict[str, Any]:
        """The fields of `commit-intended`: message with trailers, paths with the object ids they must get."""
        paths = commit_paths(self._plan, self._workflow, run, state)
        journal = run_files(run.run_id)[0]
        objects = self._git.object_ids([path for path in paths if path != journal])
        assert state.request is not None
        return {
            "message": f"{commit_message(self._plan, task)}\n\n{footer(self._plan, run, state)}",
            "paths": [{"path": path, "object": objects.get(path)} for path in paths],
            "approval": state.request.digest,
        }

    def make(self, state: TaskState) -> str:
        """Commit, and return HEAD's SHA. Raises WorkspaceRefused when git or a hook refuses."""
        assert state.commit_intent is not None
        intent = state.commit_intent
        return self._git.commit([entry["path"] for entry in intent["paths"]], intent["message"])

    def make_end(self, run: RunState, subject: str, end: str) -> str:
        """The commit of a run's other ends: its journal and nothing else."""
        message = f"{subject}\n\n{RUN}: {run.run_id}\n{END}: {end}\n"
        return self._git.commit(list(run_files(run.run_id)), message)

    def find(self, run: RunState, state: TaskState, *, since: str = "") -> FoundCommit | None:
        """This task's commit, if git has it after `since` (the commit that the run started from)."""
        found = self._git.find_commits(trailers(run, state), since=since or str(run.start["base"]))
        return found[0] if found else None

    def lost_its_trailers(self, state: TaskState) -> bool:
        """HEAD holds every file of the intended commit as approved, although no commit names the task."""
        assert state.commit_intent is not None
        wanted = {entry["path"]: entry["object"] for entry in state.commit_intent["paths"] if entry["object"]}
        seen = self._git.tree_ids("HEAD", list(wanted))
        return all(seen.get(path) == blob for path, blob in wanted.items())

    def differences(self, run: RunState, state: TaskState, commit: FoundCommit) -> list[str]:
        """By path, where the commit differs from what was approved."""
        assert state.commit_intent is not None
        wanted = {entry["path"]: entry["object"] for entry in state.commit_intent["paths"]}
        journal = run_files(run.run_id)[0]
        seen = self._git.tree_ids(commit.sha, list(wanted))
        broken = [f"{path} was changed" for path in wanted if path != journal and seen.get(path) != wanted[path]]
        broken += [f"{path} was added" for path in sorted(set(commit.paths) - set(wanted))]
        subject = str(state.commit_intent["message"]).split("\n", 1)[0]
        return broken if commit.subject == subject else [*broken, f"the message was changed to {commit.subject!r}"]

    def undo(self, run: RunState, state: TaskState, commit: FoundCommit) -> None:
        """Take the commit and its ticks back; the rest of the working tree stays."""
        assert state.commit_intent is not None
        paths = [entry["path"] for entry in state.commit_intent["paths"]]
        self._git.undo_commit(commit.sha, commit.parents[0], paths)
        self._mark(expected_runbook(self._workspace, self._plan, run))
