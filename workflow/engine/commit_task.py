"""When is a task done? When git has its commit, and that is what was approved: made here, or found to have been made.

Rules:
- The gate is asked again before git is, and again of the commit: its tree is compared with what was approved.
- git may have made the commit and failed afterwards, or its process may have died: the commit is its own record.
- The task is done once `RunState.commit_found` says so; moving on is the engine's business.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from state.errors import StepFailed, WorkspaceRefused
from state.fold import commit_found
from state.model import PlannedTask
from state.path_word import path_word
from state.task_state import TaskState, TaskStatus
from workflow.engine.commit import CommitStep, other_message
from workflow.engine.masked_words import mask_error
from workflow.engine.nested_repositories import require_no_other_repository
from workflow.engine.open_run import OpenRun
from workflow.engine.review import Review
from workflow.engine.workspace_guard import require_base, require_descent

if TYPE_CHECKING:
    from workflow.git_port import FoundCommit


class TaskCommitter:
    """Takes the tasks of a run from approved to done."""

    def __init__(self, run: OpenRun, commits: CommitStep, review: Review) -> None:
        self._run = run
        self._commits = commits
        self._review = review

    def commit(self, task: PlannedTask, state: TaskState) -> bool:
        """Marks, working log, commit-intended, commit; returns whether the task is done.

        It is not when its approval was void. Raises StepFailed when git or a hook refuses, and when what was committed
        is not what was approved; it is taken back then. Raises WorkspaceRefused as `require_descent`, and
        where a directory of its files became another repository.
        """
        if self._review.void_unless_open(task, witness=state.status == TaskStatus.APPROVED):
            return False
        require_no_other_repository(self._run, state)
        require_descent(self._run)  # it may have been amended while a question stood here
        self._commits.prepare(task, state)
        if state.status == TaskStatus.APPROVED:
            self._run.record("commit-intended", sync=True, **self._commits.intent(task, state))
        refusal: WorkspaceRefused | None = None
        sha = ""
        try:
            with self._run.doors.person.lent():  # gpg, or a hook, may ask at this terminal
                sha = self._commits.make(state)
        except WorkspaceRefused as error:
            refusal = error
            mask_error(refusal, self._run.doors.mask)  # what a hook said
        # git may have made the commit and failed afterwards, and may have made one without our trailers: look
        commit = self._commits.made(state, sha) if sha else self._commits.find(state)
        if refusal is not None and commit is None:
            self._run.record("commit-refused", reason=refusal.message)
            raise StepFailed(
                f"task {task.label} is approved, its commit was refused: {refusal.message}",
                next_command="\n      ".join(
                    (
                        *_to_mend_first(refusal.message),
                        f"phasegate resume {self._run.run_id}   # once git and its hooks take it"
                        f"{other_message(self._run.state, task)}",
                        f"phasegate abort {self._run.run_id} --reason TEXT   # or ends the run",
                    )
                ),
            ) from refusal
        if commit is None:
            raise StepFailed(
                f"task {task.label}: git reported a commit, but none carries its trailers; a commit-msg hook may "
                "have dropped them",
                next_command="git -P log -1",
            )
        self._on_committed(state, commit)
        label = self._run.plan.task(state.key).label
        self._run.doors.person.progress(f"{label} committed as {commit.sha[:10]}")  # now, and told once
        return True

    def resolve(self, *, only_as_approved: bool = False) -> bool:
        """Find out whether the commit that was intended last was made; returns whether its task is done with that.

        One that is not what was approved is taken back, or with `only_as_approved` left as it is.

        Raises StepFailed when it was taken back, WorkspaceRefused as `require_base`.
        """
        current = self._run.state.current_task
        if current is None or current.status != TaskStatus.COMMITTING:
            return False
        commit = self._commits.find(current)
        if commit is not None and not only_as_approved:
            require_base(self._run)  # else the first commit was rebased together with what the run began from
        if commit is None or (only_as_approved and self._commits.differences(current, commit)):
            return False
        self._on_committed(current, commit)
        return True

    def _on_committed(self, state: TaskState, commit: FoundCommit) -> None:
        differences = self._commits.differences(state, commit)
        broken = self._review.why_not_left_in(commit.sha, differences)
        label = self._run.plan.task(state.key).label
        if broken:
            self._commits.undo(state, commit)
            self._run.record("voided", digest=state.request.digest if state.request else "", changed=broken)
            raise StepFailed(
                f"task {label}: a git hook or an amend changed what was approved, so the commit was taken back: "
                + "; ".join(broken),
                next_command=f"phasegate resume {self._run.run_id}   # once the hook leaves that as it is",
            )
        commit_found(self._run.state, commit.sha)


def _to_mend_first(said: str) -> list[str]:
    """The command that mends what git cannot store, by git's own words; none where there is nothing of the kind.

    Source: git's convert.c, `encode_to_git` and `check_global_conv_flags_eol`.
    """
    if found := re.search(r"failed to encode '([^'\n]+)'", said):
        return [f"$EDITOR {path_word(found[1])}   # git cannot store it as it is; it is shown again once changed"]
    if re.search(r"(?:CRLF|LF) would be replaced by", said):
        return ["git config core.safecrlf warn   # git refuses line ends that it would turn"]
    return []
