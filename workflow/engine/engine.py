"""How does a run go from gate to gate? The protocol, and the one place that moves the machine.

The protocol of one task (docs/journal-format.md, docs/crash-safety.md):

    task-started -> the step works (answered, effect-*) -> worked (evidence, request)
    -> approved -> marks and working log -> commit-intended -> git commit -> (next) task-started names it

Rules:
- Events are written and synced before anything that depends on them; memory moves last.
- `segment` takes a run from where it stands to the next committed task, or raises why it cannot:
  Waiting, Rejected, StepFailed, BadInput, or KeyboardInterrupt for Ctrl-C and SIGTERM. Called again, in any process,
  it goes on.
- How a task is worked at is `task_execution`'s business, what is said at the gate `review`'s, how it reaches git
  `commit_task`'s, what a new process does first `recover`'s; here is when that is asked for, and what follows from it.
- They are all made of the same `OpenRun`, through which every event goes; nobody gets the engine.
- Nothing here prints, and nothing here touches git, AWS, the terminal or the clock but through a door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gates.decision import Decision
from phases.step import AfterCrash, Step
from state.errors import BadInput, Rejected, WorkspaceRefused
from state.event_types import EffectDone, EffectIntended, PolicyApprovedVia
from state.evidence import By
from state.json_values import Fields
from state.machine import RunMachine
from state.model import Plan, PlannedTask
from state.passkey_signature import PasskeySignature, Signature
from state.position import READY, ROLLING_BACK, Outcome
from state.run_state import RunState
from state.task_events import RejectedVia
from state.task_name import label_among, number_and_title
from state.task_state import TO_BEGIN, TaskState, TaskStatus
from workflow.engine.agents import attempts_used_up
from workflow.engine.commit import CommitStep
from workflow.engine.commit_task import TaskCommitter
from workflow.engine.expected_runbook import ExpectedRunbook
from workflow.engine.gatekeeper import Gatekeeper
from workflow.engine.masked_words import mask_error
from workflow.engine.open_run import OpenRun
from workflow.engine.recover import clear_up, require_fit, require_trailers
from workflow.engine.review import Review
from workflow.engine.workspace_guard import own_paths, require_artifacts, require_runbook
from workflow.ports import Doors, HandIn, Settings
from workflow.views.box_view import BoxWord

if TYPE_CHECKING:  # what not every command comes to is imported where it is used
    from workflow.engine.policy_review import PolicyChange, PolicyVerdict
    from workflow.engine.task_execution import TaskExecutor

__all__ = ["Doors", "Engine", "Settings"]

# what others say of a run without working at it
SAID = ("approved", "rejected", "voided", "noted", "aborted", "policy-approved")


class Engine:
    """One run, held by this process.

    Attributes:
        open_run: the run, as every part of the engine has it.
        run: the state of it, kept up to date.
        machine: where the run stands in the plan.
    """

    def __init__(self, run: OpenRun) -> None:
        self._make(run)

    def _make(self, run: OpenRun) -> None:
        self.open_run = run
        self.run: RunState = run.state
        self.workspace, self.plan, self.workflow = run.workspace, run.plan, run.workflow
        self.journal, self.doors = run.journal, run.doors
        self._runbook = ExpectedRunbook(run)
        self._gate = Gatekeeper(run, self._runbook)
        self._review = Review(run, self._gate)
        self._made_executor: TaskExecutor | None = None
        self._commits = CommitStep(run, self._runbook)
        self._committer = TaskCommitter(run, self._commits, self._review)
        self.machine = RunMachine(self.plan, self._review.admits, at=self.run.position.state)

    @property
    def _executor(self) -> TaskExecutor:
        """What works at tasks: made when the first one is worked at, for a verdict needs none of it."""
        if self._made_executor is None:
            from workflow.engine.task_execution import TaskExecutor

            self._made_executor = TaskExecutor(self.open_run, self._gate)
        return self._made_executor

    # --- where the run stands ------------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Move on, past the tasks that were done before the run began."""
        self.machine.move("advance")
        while self.run.task(self.machine.state).adopted:
            self.machine.move("advance")

    @property
    def outcome(self) -> Outcome:
        """How the run has ended; empty while it has not."""
        return self.run.outcome

    @property
    def complete(self) -> bool:
        return self.outcome is Outcome.COMPLETE

    def go_by(self, plan: Plan) -> None:
        """Go on by another plan of the same run: of an edit of its runbook that was taken just now."""
        self._make(replace(self.open_run, plan=plan))

    # --- driving -------------------------------------------------------------------------------------------------

    def drive(self, until: Callable[[PlannedTask], bool] = lambda _task: False) -> None:
        """Segments until the run is complete or rolled back, or a task for which `until` holds is committed.

        Raises as `segment`; Rejected for a run that was rolled back before.
        """
        if self.outcome and not self.complete:
            raise self._rejected()
        if any(until(task) and self.run.is_done(task.key) for task in self.plan.tasks):
            return
        while not self.outcome:
            if until(self.segment()):
                return

    def recover(self, *, to_roll_back: bool = False) -> None:
        """What a new process does first: clear up after a killed commit, and look whether the workspace is fit.

        In a rollback, and before it (`to_roll_back`), files that were changed after their approval are no obstacle.

        Raises WorkspaceRefused as `Git.preflight`, as `resolve_commit`, and as `workflow.engine.workspace_guard`.
        """
        clear_up(self.open_run)
        current = self.run.current_task
        if current and current.status == TaskStatus.COMMITTING:
            self.resolve_commit()
            require_trailers(self.open_run, self._commits)
            if self.run.is_done(current.key):
                self.doors.git.settle_index(self._commits.paths(current))
        require_fit(self.open_run, self._runbook, to_roll_back=to_roll_back)

    def resolve_commit(self) -> None:
        """Find out whether the commit that was intended last was made: it is its own record, so git is asked.

        Raises StepFailed when it was made but is not what was approved; it is taken back then.
        """
        if self._committer.resolve():
            self._advance()

    def segment(self) -> PlannedTask:
        """From where the run stands to the next committed task; returns that task.

        Raises Waiting when a person is needed and nobody answers, Rejected when the run was aborted, StepFailed
        when the work or its checks failed, BadInput when a file of ours was changed by hand.
        """
        if self.outcome:
            raise self._rejected()
        task = self.current()
        while True:
            self._follow_others()
            if self.run.aborted:  # it may have been aborted elsewhere while a question stood here
                raise self._rejected()
            state = self.run.task(task.key)
            match state.status:
                case TaskStatus.WORKING:
                    self._work(task)
                case TaskStatus.IN_REVIEW if self._review.is_under_another_policy():
                    self._executor.work(task)
                case TaskStatus.IN_REVIEW:
                    self._review.present(task, state)
                case TaskStatus.APPROVED | TaskStatus.COMMITTING:
                    self._commit_task(task, state)
                case TaskStatus.DONE:
                    return task
                case _ if state.status in TO_BEGIN:
                    self._start(task, state)

    def _work(self, task: PlannedTask) -> None:
        """Work at it. Where a person here sends it back to work, it goes on at once with the next attempt."""
        from workflow.engine.task_execution import SentBack

        try:
            self._executor.work(task)
        except SentBack as back:
            self.doors.person.progress("\n".join((back.message, *(f"  {each}" for each in back.problems))))

    def _follow_others(self) -> None:
        """Take account of what other processes did while a question stood here."""
        others, self.open_run.unseen = self.open_run.unseen, []
        if not others:
            return
        if self.machine.state != self.run.position.state:
            self.machine = RunMachine(self.plan, self._review.admits, at=self.run.position.state)
        if any(event.type not in SAID for event in others):
            self.recover()  # another process worked: look at everything as a new one would

    @property
    def _look(self) -> str:
        """What is left to type for a run that is over."""
        return f"phasegate log {self.run.run_id}   # what happened in it"

    def _rejected(self) -> Rejected:
        return Rejected(f"run {self.run.run_id} was {self.outcome.words}", next_command=self._look)

    def current(self) -> PlannedTask:
        """The task that the run stands at. Raises BadInput when the run has ended."""
        if self.outcome:
            why = self._rejected()
            raise BadInput(f"{why.message}: no task of it waits for anything", next_command=why.next_command)
        if self.machine.state in (READY, ROLLING_BACK):
            self._advance()
        return self.plan.task(self.machine.state)

    def hand_in(
        self, given: HandIn, answers: Mapping[str, str], words: Sequence[BoxWord] = (), *, by: By | None = None
    ) -> TaskState:
        """Take in a person's work on the task that the run stands at, and put it before its approvers.

        `answers`: to what the task asks then, beside those of the settings; `words`: on its boxes; `by`: whose work it
        is.

        Raises BadInput when that task is not waiting for a person's work, and as `segment`.
        """
        task = self.current()
        state = self.run.task(task.key)
        if self.workflow.step_for(task) is not None:
            raise BadInput(
                f"task {task.label} is not done by hand: phasegate does it",
                next_command=f"phasegate resume {self.run.run_id}",
            )
        if state.status in TO_BEGIN:
            self._start(task, state)
            state = self.run.task(task.key)
        self._require_attempts_left(task, state.attempts_sent_back)
        if state.status != TaskStatus.WORKING:
            raise BadInput(
                f"task {task.label} has been handed in: it is {state.status}",
                next_command=f"phasegate status {self.run.run_id}",
            )
        self._executor.take(given, answers, words, by)
        self._executor.work(task)
        return state

    def ask_again(self, questions: Sequence[str]) -> None:
        """Have the current task ask for these answers again, as `workflow.engine.ask_again.ask_again`."""
        from workflow.engine.ask_again import ask_again

        ask_again(self.open_run, questions)

    def _start(self, task: PlannedTask, state: TaskState) -> None:
        step = self.workflow.step_for(task)
        self._require_as_left(task, step)
        self._gate.policy_now(task)  # an unsound policy is refused before the work, not after it
        self._executor.require_committed_checks()  # and so are checks that are not on record
        self._require_attempts_left(task, state.attempts_sent_back + 1)
        current = self.run.current_task
        after = current.commit if current and current.key != task.key else None
        if step is not None:  # else its page begins with it
            name = number_and_title(task.id, task.title)
            self.doors.person.progress(name)
            self.doors.person.waiting(name)
        extra = self._facts_at_start(step, state)
        # work that leaves nothing behind before its evidence may begin again, as if it never had; what a person does
        # counts from the snapshot on
        sync = bool(extra) or (step is not None and (bool(step.writes) or step.after_crash is not AfterCrash.REDO))
        self.open_run.record("task-started", sync=sync, task=task.key, attempt=state.attempt + 1, after=after, **extra)
        self._executor.begun_here = (task.key, self.run.task(task.key).attempt)

    def require_attempt(self, task: PlannedTask) -> None:
        """Raise Waiting for an agent whose work at this task can be of no attempt any more."""
        state = self.run.task(task.key)
        if state.status in (TaskStatus.WORKING, *TO_BEGIN):
            self._require_attempts_left(task, state.attempts_sent_back + (state.status in TO_BEGIN))

    def _require_attempts_left(self, task: PlannedTask, attempt: int) -> None:
        """Raise Waiting for an agent that has had all its attempts at a task."""
        if self.doors.me.is_agent:
            from workflow.runs.lost_attempts import attempts_before  # for agents only

            most = self._gate.policy_now(task).attempts_of_agents
            if attempt + attempts_before(self.workspace, self.run, self.journal.events, task.key) > most:
                raise attempts_used_up(self.run.run_id, task, most)

    def _facts_at_start(self, step: Step | None, state: TaskState) -> dict[str, object]:
        """What `task-started` holds of the workspace: files before a person's work, a changed commit template."""
        facts: dict[str, object] = {}
        if step is None and state.before is None and not self.open_run.rehearses:
            facts["before"] = self.doors.git.snapshot(modes=not self.run.is_of_0_1).to_json()
        template = self.open_run.policies.commit_template()
        if template != self.run.template and not self.run.is_of_0_1:  # 0.1 knows the one of the run's start only
            facts["commit"] = template
        return facts

    def _require_as_left(self, task: PlannedTask, step: Step | None) -> None:
        """Neither the runbook nor what this task will read was changed since it was approved."""
        if self.run.rollback is not None:  # which alone stops a task
            for stopped in (each for each in self.plan.tasks if self.run.task(each.key).status == TaskStatus.STOPPED):
                self._commits.withdraw(stopped)
        voided = self.run.task(task.key).status == TaskStatus.VOIDED  # only such an attempt can have ticked its boxes
        if voided and (self.workspace / self.plan.runbook).is_file():
            self._commits.unmark_if_marked(task)
        require_runbook(self.open_run, self._runbook)
        if step is not None:
            require_artifacts(self.open_run, own_paths(step), only=step.reads)

    # --- the gate ------------------------------------------------------------------------------------------------

    def approve(self, digest: str, via: str, *, by: By, signature: Signature = "", comment: str = "") -> Decision:
        """Record this person's approval of what waits, as `Review.approve`."""
        return self._review.approve(digest, via, by=by, signature=signature, comment=comment)

    def holder(self, signature: PasskeySignature) -> str:
        """Whose passkey made this approval of what waits. Raises BadInput where it is nobody's that counts here."""
        self._review.waiting()
        return self._review.holder(signature)

    def say_of_boxes(self, digest: str, words: Sequence[BoxWord], via: str, *, by: By) -> TaskState:
        """Record this person's words on boxes of what waits, whose digest was shown, and put the evidence together with
        them: what waits then has another digest.

        Raises BadInput as `approve`, before anything is recorded, also for a person who may not approve what is shown;
        Waiting when what waits then is another evidence by more than the words: nobody has seen that.
        """
        from workflow.engine.box_answers import record_word
        from workflow.engine.same_but_for_items import require_same_but_for_items

        state = self._review.require_may_say(digest, words, by)
        shown = state.worked
        for word in words:
            record_word(self.open_run, word, via, by)
        self._executor.work(self.plan.task(state.key))
        require_same_but_for_items(self.open_run, shown, state, words)
        return state

    def take_back(self, *, by: By) -> None:
        """Take the current task's work back, by who handed it in: it is to be handed in again, boxes and all.

        Raises BadInput when nothing was handed in, when somebody else did it, and when it is approved already.
        """
        from workflow.engine.take_back import take_back

        take_back(self.open_run, self.current(), by)

    def policy_change(self, by: By | None = None) -> PolicyChange:
        """What became weaker in the policy under this run, for whoever asks. Raises as `PolicyReview.change`."""
        from workflow.engine.policy_review import PolicyReview

        return PolicyReview(self.open_run).change(by)

    def approve_policy(
        self, digest: str, via: PolicyApprovedVia, *, by: By, signature: Signature = ""
    ) -> PolicyVerdict:
        """Record this person's approval of a weaker policy, as `PolicyReview.approve`.

        A commit that was intended is made first, as for a note. Raises as that, too.
        """
        from workflow.engine.policy_review import PolicyReview

        self._make_intended("approval of its policy")
        return PolicyReview(self.open_run).approve(digest, via, by=by, signature=signature)

    def policy_holder(self, signature: PasskeySignature) -> str:
        """Whose passkey made this approval of the policy. Raises BadInput where it is nobody's that counts here."""
        from workflow.engine.policy_review import PolicyReview

        return PolicyReview(self.open_run).holder(signature)

    def reject(self, reason: str, *, by: By | None = None) -> None:
        """Send the current task back to work. Raises BadInput when nothing waits for a verdict."""
        self._review.reject(reason, by)

    def reject_signed(self, digest: str, reason: str, via: RejectedVia, *, by: By, signature: Signature) -> None:
        """As `Review.reject_signed`."""
        self._review.reject_signed(digest, reason, via, by=by, signature=signature)

    def require_as_shown(self) -> TaskState:
        """As `Review.require_as_shown`."""
        return self._review.require_as_shown()

    # --- leaving -------------------------------------------------------------------------------------------------

    def _commit_task(self, task: PlannedTask, state: TaskState) -> None:
        """Commit what was approved, and move on when that is done."""
        if self._committer.commit(task, state):
            self._advance()

    def abort(self, reason: str, *, by: By | None = None) -> str:
        """End the run here, for good, in a commit of its own journal; returns its SHA.

        "" when git or a hook refused that commit, which is told as progress: the run is over all the same.

        What the unfinished task left in the workspace stays there, uncommitted: it was not approved.
        """
        if self._committer.resolve(only_as_approved=True):  # a commit that is not what was approved stops no abort
            self._advance()
        current = self.run.current_task
        if self.outcome:
            raise BadInput(f"run {self.run.run_id} is over: {self.outcome.words}", next_command=self._look)
        left = current.commit if current and current.status == TaskStatus.DONE else None
        self.open_run.record("aborted", reason=reason, after=left, by=by)
        self.machine.move("abort")
        try:
            return self._commits.make_end(self.abort_subject, Outcome.ABORTED)
        except WorkspaceRefused as error:
            mask_error(error, self.doors.mask)  # what a hook said
            self.doors.person.progress(f"the run is over, but its record was not committed: {error.message}")
            return ""

    @property
    def abort_subject(self) -> str:
        """The first line of the commit that records an abort."""
        return f"{self.plan.name}: abort run {self.run.run_id}"

    def outside_effects(self) -> list[tuple[str, str]]:
        """What this run did outside that is known to have happened: the task's label, and the effect, in order."""
        from workflow.views.effects import effect_line

        tasks = (*self.plan.tasks, *self.plan.rollback)
        labels = {task.key: label_among(tasks, task) for task in tasks}
        found: list[tuple[str, str]] = []
        intents: dict[tuple[str, str], Fields] = {}
        for event in self.journal.events:
            if isinstance(event, EffectIntended):
                intents[event.task, event.effect] = event.intent
            elif isinstance(event, EffectDone):
                intent = intents.get((event.task, event.effect), {})
                task = f"task {labels.get(event.task, event.task)}"
                found.append((task, effect_line(event.effect, intent, event.result)))
        return found

    def note(self, text: str, *, by: By | None = None) -> None:
        """Add a remark to the current task's entry in the working log.

        A commit that was intended, and is not made because its process was killed, is made first: its journal ends with
        its intent, and a remark behind that would belong to neither.

        What is approved takes no more words: the remark goes into the next task's entry.

        Raises BadInput when the run is over, or will be with that commit; as `recover` and `segment` for the commit.
        """
        self._make_intended("notes")
        current = self.run.current_task
        task = self.machine.state
        if current and current.status == TaskStatus.APPROVED and not self.run.is_of_0_1:
            if current.key == self.run.last_task:
                raise self._takes_no_more(current, "notes")
            keys = [each.key for each in self.run.sequence]
            task = keys[keys.index(current.key) + 1]
        fields: dict[str, Any] = {"text": text, "task": task, "by": by, **self.open_run.unnamed_commit()}
        self.open_run.record("noted", **fields)

    def _takes_no_more(self, current: TaskState, takes: str) -> BadInput:
        return BadInput(
            f"task {self.plan.task(current.key).label} is approved and its commit, which ends run "
            f"{self.run.run_id}, is not made yet; nothing comes after it, so it takes no more {takes}",
            next_command=f"phasegate resume {self.run.run_id}   # makes the commit",
        )

    def _make_intended(self, takes: str) -> None:
        """Make the commit that was intended, if it is not made: nothing that is said may stand behind its intent.

        Raises BadInput where the run is over, or will be with that commit; `takes`: what it takes no more.
        """
        self.resolve_commit()
        current = self.run.current_task
        if current and current.status == TaskStatus.COMMITTING:
            if current.key == self.run.last_task:
                raise self._takes_no_more(current, takes)
            self.recover()
            if current.status == TaskStatus.COMMITTING:
                self._commit_task(self.plan.task(current.key), current)
        if self.outcome:
            raise BadInput(
                f"run {self.run.run_id} is over; its journal is committed and takes no more {takes}",
                next_command=self._look,
            )
