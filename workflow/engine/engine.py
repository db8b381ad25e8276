"""How does a run go from gate to gate? The one place that writes events and moves the machine.

The protocol of one task (docs/journal-format.md, docs/crash-safety.md):

    task-started -> the step works (answered, effect-*) -> worked (evidence, request)
    -> approved -> marks and working log -> commit-intended -> git commit -> (next) task-started names it

Rules:
- Events are written and synced before anything that depends on them; memory moves last.
- `segment` takes a run from where it stands to the next committed task, or raises why it cannot:
  Waiting, Rejected, StepFailed, BadInput, or KeyboardInterrupt for Ctrl-C and SIGTERM. Called again, in any process,
  it goes on.
- How a task is worked at is `workflow.engine.task_execution`'s business, what is said at the gate
  `workflow.engine.review`'s; here is when that is asked for, and what follows from it.
- Nothing here prints, and nothing here touches git, AWS, the terminal or the clock but through a door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gates.decision import Decision
from phases.step import AfterCrash, Step, Workflow
from state.errors import BadInput, Rejected, StepFailed, Waiting, WorkspaceRefused
from state.event_types import EffectDone, Event
from state.journal import Journal
from state.machine import RunMachine
from state.model import Plan, PlannedTask
from state.run_state import RunState, TaskState, apply, fold
from workflow.engine.commit import CommitStep, commit_paths
from workflow.engine.expected_runbook import ExpectedRunbook
from workflow.engine.gatekeeper import Gatekeeper
from workflow.engine.masked_words import mask_error, masked_fields
from workflow.engine.review import Review
from workflow.engine.rollback_plan import way_back
from workflow.engine.step_git import find_switch
from workflow.engine.task_execution import Working
from workflow.engine.tree_entries import TreeEntries
from workflow.engine.workspace_guard import require_artifacts, require_commits, require_runbook
from workflow.ports import Doors, FoundCommit, HandIn, Settings
from workflow.trailers import run_files

__all__ = ["Doors", "Engine", "Settings"]

# what is recorded with who did it
BY_SOMEBODY = (
    "handed-in",
    "answered",
    "approved",
    "rejected",
    "noted",
    "aborted",
    "rollback-started",
    "runbook-taken",
)


class Engine:
    """One run, held by this process.

    Attributes:
        run: the state folded from the journal, kept up to date.
        machine: where the run stands in the plan.
    """

    def __init__(
        self, *, workspace: Path, plan: Plan, workflow: Workflow, journal: Journal, doors: Doors, settings: Settings
    ) -> None:
        self.run: RunState = fold(journal.events)
        if self.run.rollback:
            plan, workflow = way_back(plan, workflow, self.run, journal.events)
        self.workspace = workspace
        self.plan = plan
        self.workflow = workflow
        self.journal = journal
        self.doors = doors
        self.settings = settings
        self._runbook = ExpectedRunbook(workspace, plan)
        self._commit = CommitStep(workspace, plan, workflow, self._runbook, doors.git, doors.disk)
        self._gate = Gatekeeper(
            workspace,
            plan,
            journal,
            runbook=self._runbook,
            entries=TreeEntries(workspace, plan, workflow, doors.git),
            git=doors.git,
            clock=doors.clock,
            signatures=doors.signatures,
            witness=lambda task: self._working.witness(task),
        )
        self._rehearses = settings.rehearses(of_0_1=self.run.is_of_0_1)
        self._review = Review(
            self, workspace, plan, workflow, journal, self._gate, doors, yes=settings.yes, rehearses=self._rehearses
        )
        self._working = Working(self, workspace, plan, workflow, journal, self._gate, doors, settings)
        self.machine = RunMachine(plan, self._review.admits, at=self._machine_state())

    # --- where the run stands ------------------------------------------------------------------------------------

    def _machine_state(self) -> str:
        if self.run.end:
            return self.run.end
        here = self.run.here
        before, after = ("rolling_back", "rolled_back") if self.run.rollback else ("ready", "complete")
        if here is None:
            return before
        if here.status == "done":
            return self._following(here.key) or after
        return here.key

    def _following(self, key: str) -> str:
        """The task that is due after this one; "" when it is the last."""
        way = [task.key for task in self.plan.rollback or self.plan.tasks]
        return next((each for each in way[way.index(key) + 1 :] if not self.run.task(each).adopted), "")

    def _advance(self) -> None:
        """Move on, past the tasks that were done before the run began."""
        self.machine.move("advance")
        while self.run.task(self.machine.state).adopted:
            self.machine.move("advance")

    @property
    def complete(self) -> bool:
        return self.machine.state == "complete"

    @property
    def over(self) -> str:
        """How the run has ended: `complete`, `aborted`, `rolled back`; "" while it has not."""
        ends = ("complete", "aborted", "rolled_back")
        return self.machine.state.replace("_", " ") if self.machine.state in ends else ""

    def record(self, type_: str, *, sync: bool = True, **fields: Any) -> Event:
        """Write an event of the current task, masked, sync it, and bring the state forward.

        Raises BadAnswer for an answer that holds a secret.
        """
        fields = masked_fields(type_, fields, self.doors.mask, self.run.run_id)
        here = self.run.here
        if here is not None and type_ not in ("noted", "aborted", "rollback-started", "runbook-taken"):
            fields = {"task": here.key, "attempt": here.attempt, **fields}
        if type_ in BY_SOMEBODY:
            fields.setdefault("by", dict(self.doors.by))
        event = self.journal.append(type_, self.doors.clock.now(), sync=sync, **fields)
        apply(self.run, event)
        return event

    # --- driving -------------------------------------------------------------------------------------------------

    def drive(self, until: Callable[[PlannedTask], bool] = lambda _task: False) -> None:
        """Segments until the run is complete or rolled back, or a task for which `until` holds is committed.

        Raises as `segment`; Rejected for a run that was rolled back before.
        """
        if self.over and not self.complete:
            raise self._rejected()
        if any(until(task) and self.run.task(task.key).status == "done" for task in self.plan.tasks):
            return
        while not self.over:
            if until(self.segment()):
                return

    def come_back(self, *, to_roll_back: bool = False) -> None:
        """What a new process does first: clear up after a killed commit, and look whether the workspace is fit.

        On the way back, and before it (`to_roll_back`), files that were changed after their approval are no obstacle.

        Raises WorkspaceRefused as `Git.preflight`, as `settle`, and as `workflow.engine.workspace_guard`.
        """
        here = self.run.here
        if here and (here.status == "committing" or len(self.run.branches) > 1):
            for path in self.doors.git.clear_stale_locks(self.run.branches):
                self.doors.person.progress(f"removed {path}, left by a killed git of this run")
            find_switch(self.doors.git.branch(), self.run, self.record)
        if here and here.status == "committing":
            self.settle()
            if here.status == "committing" and self._commit.lost_its_trailers(here):
                raise WorkspaceRefused(
                    f"HEAD holds what was approved for task {self.plan.task(here.key).label}, but no commit carries "
                    "its trailers: it was amended without them",
                    next_command=f"git reset --soft HEAD~1, then: phasegate resume {self.run.run_id}   # commits anew",
                )
            if here.status == "done":
                self.doors.git.settle_index(commit_paths(self.workspace, self.plan, self.workflow, self.run, here))
        if not self.over or (to_roll_back and not self.run.end):
            ours = self.workflow.paths(self.plan.runbook) | set(run_files(self.run.run_id))
            self.doors.git.preflight(sorted(ours), self.plan.runbook, resuming=True)
            require_commits(self.doors.git, self.run)
            if to_roll_back or self.run.rollback:
                return
            task = self.plan.task(here.key) if here and here.status != "done" else None
            step = self.workflow.step_for(task) if task else None
            require_artifacts(self.workspace, self.plan, self.run, step)
            if here and here.status == "working":
                require_runbook(self.doors.git, self.workspace, self.plan, self.run, self._runbook)

    def settle(self) -> None:
        """Find out whether the commit that was intended last was made: it is its own record, so git is asked.

        Raises StepFailed when it was made but is not what was approved; it is taken back then.
        """
        here = self.run.here
        if here and here.status == "committing":
            commit = self._commit.find(self.run, here)
            if commit:
                self._left(self.plan.task(here.key), here, commit)

    def segment(self) -> PlannedTask:
        """From where the run stands to the next committed task; returns that task.

        Raises Waiting when a person is needed and nobody answers, Rejected when the run was aborted, StepFailed
        when the work or its checks failed, BadInput when a file of ours was changed by hand.
        """
        task = self.current()
        while True:
            if self.run.end:  # it may have been aborted elsewhere while a question stood here
                raise self._rejected()
            state = self.run.task(task.key)
            match state.status:
                case "pending" | "failed" | "rejected" | "voided":
                    self._start(task, state)
                case "working":
                    self._working.work(task)
                case "in-review":
                    self._review.hold(task, state)
                case "approved" | "committing":
                    self._leave(task, state)
                case "done":
                    return task

    def _rejected(self) -> Rejected:
        return Rejected(f"run {self.run.run_id} was {self.over}")

    def current(self) -> PlannedTask:
        """The task that the run stands at. Raises Rejected when the run has ended."""
        if self.over:
            raise self._rejected()
        if self.machine.state in ("ready", "rolling_back"):
            self._advance()
        return self.plan.task(self.machine.state)

    def hand_in(self, given: HandIn, answers: Mapping[str, str]) -> TaskState:
        """Take in a person's work on the task that the run stands at, and put it before its approvers.

        `answers`: to what the task asks then, beside those of the settings.

        Raises BadInput when that task is not waiting for a person's work, and as `segment`.
        """
        task = self.current()
        state = self.run.task(task.key)
        if self.workflow.step_for(task) is not None:
            raise BadInput(
                f"task {task.label} is not done by hand: phasegate does it",
                next_command=f"phasegate resume {self.run.run_id}",
            )
        if state.status in ("pending", "failed", "rejected", "voided"):
            self._start(task, state)
            state = self.run.task(task.key)
        if state.status != "working":
            raise BadInput(
                f"task {task.label} has been handed in: it is {state.status}",
                next_command=f"phasegate status {self.run.run_id}",
            )
        self._working.take(given, answers)
        self._working.work(task)
        return state

    def _start(self, task: PlannedTask, state: TaskState) -> None:
        step = self.workflow.step_for(task)
        self._require_as_left(task, step)
        self._gate.policy_now(self.run, task)  # an unsound policy is refused before the work, not after it
        here = self.run.here
        after = here.commit if here and here.key != task.key else None
        self.doors.person.progress(f"{task.id} {task.title}".strip())
        for_a_person = step is None and state.before is None and not self._rehearses
        before = {"before": self.doors.git.snapshot().to_json()} if for_a_person else {}
        # work that leaves nothing behind before its evidence may begin anew, as if it never had; what a person does
        # counts from the snapshot on
        sync = bool(before) or (step is not None and (bool(step.writes) or step.after_crash is not AfterCrash.REDO))
        event = self.journal.append(
            "task-started",
            self.doors.clock.now(),
            sync=sync,
            task=task.key,
            attempt=state.attempt + 1,
            after=after,
            **before,
        )
        apply(self.run, event)
        self._working.begun_here = (task.key, self.run.task(task.key).attempt)

    def _require_as_left(self, task: PlannedTask, step: Step | None) -> None:
        """Neither the runbook nor what this task will read was changed since it was approved."""
        for stopped in (each for each in self.plan.tasks if self.run.task(each.key).status == "stopped"):
            self._commit.withdraw(self.run, stopped)
        voided = self.run.task(task.key).status == "voided"  # only such an attempt can have ticked its boxes
        if voided and (self.workspace / self.plan.runbook).is_file():
            self._commit.unmark_if_marked(self.run, task)
        require_runbook(self.doors.git, self.workspace, self.plan, self.run, self._runbook)
        if step is not None:
            require_artifacts(self.workspace, self.plan, self.run, step, only=step.reads)

    # --- the gate ------------------------------------------------------------------------------------------------

    def approve(self, digest: str, via: str, *, signature: str = "", comment: str = "") -> Decision:
        """Record an approval of what waits, as `Review.approve`."""
        return self._review.approve(digest, via, signature=signature, comment=comment)

    def reject(self, reason: str) -> None:
        """Send the current task back to work. Raises BadInput when nothing waits for a verdict."""
        self._review.reject(reason)

    def catch_up(self, others: Sequence[Event]) -> None:
        """Bring memory to where other processes have taken the run while it was not held."""
        for event in others:
            apply(self.run, event)
            self.doors.person.progress(f"from elsewhere: {event.type} by {event.person or 'phasegate'}")
        if not others:
            return
        if self.run.rollback and not self.plan.rollback:
            raise Rejected(
                f"run {self.run.run_id} is being rolled back, begun elsewhere: {self.run.rollback.reason}",
                next_command=f"phasegate resume {self.run.run_id}",
            )
        if any(event.type == "runbook-taken" for event in others):
            raise Waiting(
                f"run {self.run.run_id} goes on elsewhere, with an edit of its runbook",
                next_command=f"phasegate resume {self.run.run_id}",
            )
        if self.machine.state != self._machine_state():
            self.machine = RunMachine(self.plan, self._review.admits, at=self._machine_state())
        if any(event.type not in ("approved", "rejected", "voided", "noted", "aborted") for event in others):
            self.come_back()  # another process worked: look at everything as a new one would

    # --- leaving -------------------------------------------------------------------------------------------------

    def _leave(self, task: PlannedTask, state: TaskState) -> None:
        """Marks, working log, commit-intended, commit; then the machine moves."""
        if self._review.void_unless_open(task, witness=state.status == "approved"):
            return
        self._commit.prepare(self.run, task, state)
        if state.status == "approved":
            self.record("commit-intended", **self._commit.intent(self.run, task, state))
        refusal: WorkspaceRefused | None = None
        sha = ""
        try:
            sha = self._commit.make(state)
        except WorkspaceRefused as error:
            refusal = error
            mask_error(refusal, self.doors.mask)  # what a hook said
        # git may have made the commit and failed afterwards, and may have made one without our trailers: look
        commit = self._commit.made(self.run, state, sha) if sha else self._commit.find(self.run, state)
        if refusal is not None and commit is None:
            self.record("commit-refused", reason=refusal.message)
            raise StepFailed(
                f"task {task.label} is approved, its commit was refused: {refusal.message}",
                next_command=(
                    f"phasegate resume {self.run.run_id}   # when the hook takes it; messages stay as approved\n"
                    f"      phasegate abort {self.run.run_id} --reason TEXT   # or ends the run"
                ),
            ) from refusal
        if commit is None:
            raise StepFailed(
                f"task {task.label}: git reported a commit, but none carries its trailers; a commit-msg hook may "
                "have dropped them",
                next_command="git -P log -1",
            )
        self._left(task, state, commit)

    def _left(self, task: PlannedTask, state: TaskState, commit: FoundCommit) -> None:
        differences = self._commit.differences(self.run, state, commit)
        broken = self._review.why_not_left_in(commit.sha, differences)
        if broken:
            self._commit.undo(self.run, state, commit)
            self.record("voided", digest=state.request.digest if state.request else "", changed=broken)
            raise StepFailed(
                f"task {task.label}: a git hook or an amend changed what was approved, so the commit was taken back: "
                + "; ".join(broken),
                next_command=f"phasegate resume {self.run.run_id}   # after excluding these paths from the hook",
            )
        state.commit = commit.sha
        self._advance()
        state.status = "done"
        self.doors.person.progress(f"{task.label} committed as {commit.sha[:10]}")

    def abort(self, reason: str) -> str:
        """End the run here, for good, in a commit of its own journal; returns its SHA.

        "" when git or a hook refused that commit, which is told as progress: the run is over all the same.

        What the unfinished task left in the workspace stays there, uncommitted: it was not approved.
        """
        here = self.run.here
        if here and here.status == "committing":  # not `settle`: a commit that is not what was approved stops no abort
            commit = self._commit.find(self.run, here)
            if commit and not self._commit.differences(self.run, here, commit):
                self._left(self.plan.task(here.key), here, commit)
        if self.over:
            raise BadInput(f"run {self.run.run_id} is over: {self.over}")
        self.record("aborted", reason=reason, after=here.commit if here and here.status == "done" else None)
        self.machine.move("abort")
        try:
            return self._commit.make_end(self.run, self.abort_subject, "aborted")
        except WorkspaceRefused as error:
            mask_error(error, self.doors.mask)  # what a hook said
            self.doors.person.progress(f"the run is over, but its record was not committed: {error.message}")
            return ""

    @property
    def abort_subject(self) -> str:
        """The first line of the commit that records an abort."""
        return f"{self.plan.name}: abort run {self.run.run_id}"

    def outside_effects(self) -> list[tuple[str, str]]:
        """What this run did outside that is known to have happened: effect and its result, in order."""
        return [
            (event.effect, ", ".join(f"{name}={value}" for name, value in event.result.items()))
            for event in self.journal.events
            if isinstance(event, EffectDone)
        ]

    def note(self, text: str) -> None:
        """Add a remark to the current task's entry in the working log.

        A commit that was intended, and is not made because its process was killed, is made first: its journal ends with
        its intent, and a remark behind that would belong to neither.

        Raises BadInput when the run is over, or will be with that commit; as `come_back` and `segment` for the commit.
        """
        self.settle()
        here = self.run.here
        if here and here.status == "committing":
            if not self._following(here.key):
                raise BadInput(
                    f"task {self.plan.task(here.key).label} is approved and its commit, which ends run "
                    f"{self.run.run_id}, is not made yet; nothing comes after it, so it takes no more notes",
                    next_command=f"phasegate resume {self.run.run_id}   # makes the commit",
                )
            self.come_back()
            if here.status == "committing":
                self._leave(self.plan.task(here.key), here)
        if self.over:
            raise BadInput(f"run {self.run.run_id} is over; its journal is committed and takes no more notes")
        self.record("noted", text=text, task=self.machine.state)
