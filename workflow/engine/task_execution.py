"""How is a task worked at, and what evidence does its work leave? By a step of phasegate's own, or by hand.

Rules:
- What failed is recorded as failed. A missing answer, a throttled or refused call to AWS leave the attempt as it is.
- The evidence is everything an approval covers: files, checks, facts, what is shown, the policy, and who did the work.
- Edits of the runbook that ride in the task's commit, and tasks that were taken over as done, are shown with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from phases.aws import AwsError
from phases.manual.hand_work import run_commands
from phases.step import AfterCrash, Check, Question, ReviewSection, Step
from state.errors import BadAnswer, BadInput, PhasegateError, Problem, StepFailed
from state.evidence import Artifact, By, CheckResult, Evidence, Section
from state.files import digest_of
from state.model import PlannedTask
from state.tree_entry import TreeEntry
from workflow.engine.by_hand import ByHand
from workflow.engine.check_runbook_edit import edits_to_show
from workflow.engine.gatekeeper import Gatekeeper
from workflow.engine.masked_words import mask_error, masked_fields
from workflow.engine.open_run import OpenRun
from workflow.engine.step_context import EngineContext, context_for, facts_outside
from workflow.engine.tree_entries import TreeEntries
from workflow.ports import HandIn


class TaskExecutor:
    """The work of a run's current task.

    Attributes:
        begun_here: key and attempt of the task that this very process began, or None.
    """

    def __init__(self, run: OpenRun, gate: Gatekeeper) -> None:
        self.begun_here: tuple[str, int] | None = None
        self._run = run
        self._gate = gate
        self._by_hand = ByHand(run)
        self._entries = TreeEntries(run)

    def take(self, given: HandIn, answers: Mapping[str, str], by: By | None) -> None:
        """Have this hand-in, by this person, and these answers for the task by hand that is worked at next."""
        self._by_hand.given = (given, by)
        self._run.answer_beforehand(answers)

    def work(self, task: PlannedTask) -> None:
        """Work at the task's attempt until its evidence is recorded; or not, where a person at it said something else.

        Raises Waiting when a person is needed and nobody answers, StepFailed when the work or its checks failed, and
        what the step raises.
        """
        step = self._run.workflow.step_for(task)
        by = self._run.doors.me
        if step is None:
            state = self._run.state.task(task.key)
            step = self._by_hand.step(task)
            first = partial(self._run_commands, task, context_for(self._run, task, step))
            if not self._by_hand.is_handed_in(task, state, first):
                return
            assert state.handed_in is not None
            by = state.handed_in.by
        context = context_for(self._run, task, step)
        self._ask_whether_done(task, step, context)
        try:
            work = step.run(context)
            witness = facts_outside(self._run, step, context)
            self._require_as_written(task, context)
        except (AwsError, BadAnswer):
            raise  # nothing is wrong with the work: sign in, wait or answer, and the same attempt goes on
        except (StepFailed, BadInput) as error:
            self._fail(error)
            raise
        failed = [check for check in work.checks if check.verdict == "fail"]
        if failed:
            failure = StepFailed(
                f"task {task.label}: {len(failed)} of {len(work.checks)} checks failed",
                problems=[_problem(check) for check in failed],
                next_command=f"phasegate resume {self._run.run_id}   # when the cause is fixed",
            )
            self._fail(failure)
            raise failure
        terminal = self._terminal(task)
        by_command = self._run.state.task(task.key).handed_in_by_command
        policy = self._gate.policy_now(task).settled(without_terminal=by_command or terminal is False)
        edits, gaps, shown = edits_to_show(self._run.workspace, self._run.state)
        artifacts = {**context.artifacts, **edits}
        entries, more_gaps, more_shown = self._entries_of(task, artifacts)
        found = Evidence(
            artifacts=[Artifact(path, digest, self._size(path)) for path, digest in artifacts.items()],
            checks=[_recorded(check) for check in (*work.checks, *gaps, *more_gaps)],
            data=dict(work.data),
            review=[
                Section(each.title, each.body) for each in (*shown, *more_shown, *self._taken_over(task), *work.review)
            ],
            witness=witness,
            policy=policy.recorded(),
            by=by,
            terminal=terminal,
            entries=entries,
        )
        # masked before the digest is made: what is shown is what is written
        masked = masked_fields("worked", found.to_json(), self._run.doors.mask, self._run.run_id)
        evidence = Evidence.from_json(masked, self._run.state.start.version)
        request = self._gate.request(task, evidence, policy)
        # synced before a person sees it, or else together with what opens its gate
        self._run.record("worked", **evidence.to_json(), request=request.to_json(), sync=False)

    def _run_commands(self, task: PlannedTask, context: EngineContext) -> Sequence[Check]:
        """The commands of a task that is done by hand, run before its files are named; what fails fails the attempt."""
        try:
            return run_commands(task, context)
        except (AwsError, BadAnswer):
            raise
        except (StepFailed, BadInput) as error:
            self._fail(error)
            raise

    def _require_as_written(self, task: PlannedTask, context: EngineContext) -> None:
        """Raise StepFailed for files that were changed after their digest was taken, by a command of the step, say."""
        changed = [
            Problem(path, f"was {digest[:7]} when the step wrote it, is {seen[:7]}")
            for path, digest in context.artifacts.items()
            if (seen := digest_of(self._run.workspace / path)) != digest
        ]
        if changed:
            raise StepFailed(
                f"task {task.label}: {len(changed)} of its files were changed after it had written them",
                problems=changed,
                next_command=f"phasegate resume {self._run.run_id}   # when nothing else writes there",
            )

    def _entries_of(
        self, task: PlannedTask, artifacts: Iterable[str]
    ) -> tuple[tuple[TreeEntry, ...] | None, Sequence[Check], Sequence[ReviewSection]]:
        """What the task's commit will hold, with what is shown of it; None in runs of format 1, which cannot say it."""
        if self._run.state.is_of_0_1:
            return None, (), ()
        entries = self._entries.of_task(task.key, artifacts)
        try:
            self._entries.require_fit(entries)
        except StepFailed as error:
            self._fail(error)
            raise
        return entries, *self._entries.to_show(task.key, entries)

    def _terminal(self, task: PlannedTask) -> bool | None:
        """Whether a terminal was there when the attempt's work was done; None in runs of 0.1, which record none."""
        if self._run.state.is_of_0_1:
            return None
        handed_in = self._run.state.task(task.key).handed_in
        there = self._run.doors.person.at_terminal
        return there if handed_in is None or handed_in.terminal is None else handed_in.terminal

    def _size(self, path: str) -> int:
        file = self._run.workspace / path
        return file.stat().st_size if file.is_file() else 0  # a file that the work removed

    def _taken_over(self, task: PlannedTask) -> list[ReviewSection]:
        """What the run's first approver is shown of tasks that were done before it began."""
        adopted = [each for each in self._run.plan.tasks if self._run.state.task(each.key).adopted]
        first = next(each for each in self._run.plan.tasks if not self._run.state.task(each.key).adopted)
        if not adopted or task is not first:
            return []
        listed = "\n".join(f"- {each.id} {each.title}".replace("-  ", "- ") for each in adopted)
        return [ReviewSection("Taken over as done, ticked before this run began", listed)]

    def _ask_whether_done(self, task: PlannedTask, step: Step, context: EngineContext) -> None:
        """A step whose effect nobody can look up is not repeated after a crash before a person said so."""
        attempt = self._run.state.task(task.key).attempt
        if step.after_crash is AfterCrash.ASK_A_PERSON and self.begun_here != (task.key, attempt):
            context.ask(
                Question(
                    f"repeat-{task.key.replace('_', '-')}-{attempt}",
                    f"Task {task.label} was interrupted and nothing can tell how far it came. Look, then say "
                    "'repeat' to run it from its beginning; Ctrl-C leaves it as it is.",
                    choices=("repeat",),
                )
            )

    def _fail(self, error: PhasegateError) -> None:
        mask_error(error, self._run.doors.mask)
        self._run.record("step-failed", reason=error.message, problems=[str(problem) for problem in error.problems])


def _recorded(check: Check) -> CheckResult:
    return CheckResult(check.name, check.expected, check.seen, check.verdict, check.where)


def _problem(check: Check) -> Problem:
    return Problem(check.where or check.name, f"{check.name}: expected {check.expected}, seen {check.seen}")
