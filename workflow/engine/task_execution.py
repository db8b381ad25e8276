"""How is a task worked at, and what evidence does its work leave? By a step of phasegate's own, or by hand.

Rules:
- What failed is recorded as failed. A missing answer, a throttled or refused call to AWS leave the attempt as it is.
- The evidence is everything an approval covers: files, checks, facts, what is shown, the policy, and who did the work.
- Edits of the runbook that ride in the task's commit, and tasks that were taken over as done, are shown with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from gates.operators import is_agents_work
from gates.policy import email_of
from phases.aws import AwsError
from phases.checks.exit_criteria import SEND_BACK, UNMET, UNMET_NOTE
from phases.documents.markdown import code_block
from phases.manual.hand_work import BeforeCommand, run_commands
from phases.plan_grows import PlanGrows
from phases.step import AfterCrash, Check, Question, ReviewSection, Step, Work
from state.errors import BadAnswer, BadInput, PhasegateError, Problem, StepFailed, Waiting
from state.event_types import Worked
from state.evidence import Artifact, By, CheckResult, Evidence, Section, digest_of_inputs
from state.files import digest_of
from state.model import PlannedTask
from state.printable import as_name
from state.task_name import number_and_title
from state.task_state import TaskState, TaskStatus
from state.tree_entry import TreeEntry
from workflow.engine.by_hand import ByHand
from workflow.engine.check_runbook_edit import edits_to_show
from workflow.engine.counting_policy import own_operators, worked_seq
from workflow.engine.deciding_answers import deciding_answers
from workflow.engine.foreign_commits import foreign_commits
from workflow.engine.gatekeeper import Gatekeeper
from workflow.engine.inputs import inputs_of, since_approved
from workflow.engine.judging_files import changed_checks, record_of, require_committed
from workflow.engine.kept_answers import answers_to_keep
from workflow.engine.masked_words import mask_error, masked_fields
from workflow.engine.open_run import OpenRun
from workflow.engine.step_context import EngineContext, context_for, facts_outside
from workflow.engine.tree_entries import TreeEntries
from workflow.policy.look_alikes import FILE
from workflow.policy.policy_approval import Operator
from workflow.ports import HandIn
from workflow.views.box_view import BoxWord
from workflow.views.left_out import NO_TASK, steps_beside
from workflow.views.status import other_tests, tests_by


class SentBack(StepFailed):
    """The attempt failed because a person at the terminal said so, and sent the task back to work."""


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
        self._is_done = False  # whether this process is a `done`
        self._said: Mapping[str, str] = {}  # by `done`, beside the commands that it leaves out
        self._entries = TreeEntries(run)

    def take(self, given: HandIn, answers: Mapping[str, str], words: Sequence[BoxWord], by: By | None) -> None:
        """Have this hand-in, by this person, these answers and these words on boxes for the task worked at next."""
        self._is_done = True
        self._by_hand.given = (given, by)
        self._by_hand.boxes.given = (words, by)
        self._run.answer_beforehand(answers)
        said = {name: answers[name] for name in self._run.said_by_command}
        self._run.left_unsaid = frozenset(name for name, answer in said.items() if answer == "skip")
        self._said = {name: answer for name, answer in said.items() if answer != "skip"}

    def work(self, task: PlannedTask) -> None:
        """Work at the task's attempt until its evidence is recorded; or not, where a person at it said something else.

        Raises Waiting when a person is needed and nobody answers, StepFailed when the work or its checks failed, and
        what the step raises.
        """
        try:
            self._work(task)
        except (Waiting, BadInput, KeyboardInterrupt):
            if (
                self._run.state.task(task.key).status is TaskStatus.WORKING
            ):  # else the attempt has failed, words and all
                self._keep_said(task)
            raise
        finally:
            for told in self._run.maybe_unused.values():
                self._run.doors.person.progress(self._run.doors.mask(told))
            self._run.maybe_unused.clear()

    def _keep_said(self, task: PlannedTask) -> None:
        """Record what `done` said and nothing has asked about yet: whoever goes on is not asked for it again."""
        if self._run.state.is_of_0_1:
            return
        self._by_hand.boxes.keep_for_later(task)
        self._keep_answers(task)

    def _hold_said(self, task: PlannedTask) -> None:
        """As `_keep_said`, before a command or check runs: whoever goes on after a kill in there finds it, too."""
        if self._is_done and not self._run.state.is_of_0_1:
            self._by_hand.boxes.hold(task)
            self._keep_answers(task)

    def _keep_answers(self, task: PlannedTask) -> None:
        for name, answer in self._said.items():
            if name not in self._run.state.task(task.key).answers:
                self._run.record("answered", question=name, answer=answer, via="command")
        if self._is_done:
            for name, answer in list(answers_to_keep(self._run, task)):
                self._run.record("answered", question=name, answer=answer, via=self._run.given_via(name))

    def _work(self, task: PlannedTask) -> None:
        step = self._run.workflow.step_for(task)
        by = self._run.doors.me
        self.require_committed_checks()
        if step is None:
            step = self._by_hand.step(task)
            context = context_for(self._run, task, step)
            first = partial(self._run_commands, task, context, self._by_hand.order.before_commands(task, context))
            state = self._run.state.task(task.key)
            if not self._by_hand.is_handed_in(task, state, first):
                return
            assert state.handed_in is not None
            by = state.handed_in.by
            self.require_committed_checks()  # it may have been edited while the task was done
        context = context_for(self._run, task, step)
        self._ask_whether_done(task, step, context)
        self._hold_said(task)
        try:
            work = step.run(context)
            witness = facts_outside(self._run, step, context)
            self._require_as_written(task, context)
        except (AwsError, BadAnswer, PlanGrows):
            raise  # nothing is wrong with the work: sign in, wait or answer, and the same attempt goes on
        except (StepFailed, BadInput) as error:
            self._fail(error)
            raise
        self._require_passed(task, work.checks)
        self._record(task, step, work, context, witness, by)

    def require_committed_checks(self) -> dict[str, bytes]:
        """The checks beside the runbook; none in runs of 0.1.

        Raises BadInput, with the attempt left as it is, where they are not as committed.
        """
        if self._run.state.is_of_0_1:
            return {}
        return require_committed(self._run.workspace, self._run.doors.git, self._run.plan.runbook)

    def _judged(self, state: TaskState, context: EngineContext) -> Mapping[str, bytes] | None:
        """The checks by which this work was judged, path -> bytes; None where its step looks at none of them."""
        if context.judged is not None or state.handed_in is None or self._run.state.is_of_0_1:
            return context.judged
        return self.require_committed_checks()  # a profile in them may have left the task out

    def _record(
        self, task: PlannedTask, step: Step, work: Work, context: EngineContext, witness: Mapping[str, str], by: By
    ) -> None:
        """Record the evidence that this work leaves, and what is put before its approvers."""
        for name, answer in context.skipped_unsaid.items():
            self._run.record("answered", question=name, answer=answer, via="command")
        terminal = self._terminal(task)
        state = self._run.state.task(task.key)
        without_terminal = state.without_terminal or terminal is False
        seq = len(self._run.journal.events)
        own = [
            *(replace(each, seq=seq) for each in own_operators(state)),
            Operator(email_of(by.git), without_terminal, seq),
        ]
        agents = by.is_agent or is_agents_work(self._run.state, state)
        policy = self._gate.policy_now(task, own).settled(without_terminal=without_terminal, agents=agents)
        edits, gaps, shown = edits_to_show(self._run.workspace, self._run.state)
        artifacts = {**context.artifacts, **edits}
        tests, tests_shown = self._tests_changed(task)
        judged = self._judged(state, context)
        judges, judges_shown = ((), ()) if judged is None else changed_checks(self._run, task, judged)
        decided = deciding_answers(self._run, task)
        beside, beside_shown = foreign_commits(self._run.doors.git, self._run.state)
        entries, more_gaps, more_shown = self._entries_of(task, artifacts)
        found = Evidence(
            artifacts=[Artifact(path, digest, self._size(path)) for path, digest in artifacts.items()],
            checks=[
                recorded_check(check) for check in (*work.checks, *beside, *decided, *judges, *tests, *gaps, *more_gaps)
            ],
            data={**work.data, **record_of(judged or {})},
            review=[
                Section(each.title, each.body)
                for each in (
                    *judges_shown,
                    *tests_shown,
                    *shown,
                    *more_shown,
                    *self._beside(task),
                    *beside_shown,
                    *work.review,
                )
            ],
            witness=witness,
            policy=policy.recorded(),
            by=by,
            terminal=terminal,
            entries=entries,
        )
        if inputs := inputs_of(self._run, task, step, context, work):
            found = replace(found, inputs=inputs, input_digest=digest_of_inputs(inputs))
        since = [Section(each.title, each.body) for each in since_approved(self._run, task, found)]
        found = replace(found, review=[*since, *found.review])
        # masked before the digest is made: what is shown is what is written
        masked = masked_fields("worked", found.to_json(), self._run.doors.mask, self._run.resume_with_answers)
        evidence = Evidence.from_json(masked, self._run.state.start.version)
        request = self._gate.request(task, evidence, policy)
        # synced before a person sees it, or else together with what opens its gate
        self._run.record("worked", **evidence.to_json(), request=request.to_json(), sync=False)

    def _run_commands(self, task: PlannedTask, context: EngineContext, before: BeforeCommand | None) -> Sequence[Check]:
        """The commands of a task that is done by hand, run before its files are named; what fails fails the attempt."""
        self._hold_said(task)
        try:
            return run_commands(task, context, before)
        except (AwsError, BadAnswer):
            raise
        except (StepFailed, BadInput) as error:
            self._fail(error)
            raise

    def _require_passed(self, task: PlannedTask, checks: Sequence[Check]) -> None:
        """Record the attempt as failed and raise StepFailed when one of its checks failed."""
        failed = [check for check in checks if check.verdict == "fail"]
        if failed:
            looked_at = [check for check in checks if not (check.item and check.rests_on)]  # a box repeats its checks
            bad = sum(check.verdict == "fail" for check in looked_at)
            failure = StepFailed(
                f"task {task.label}: {bad} of {len(looked_at)} checks failed",
                problems=[_problem(check) for check in failed],
                next_command=f"phasegate resume {self._run.run_id}   # when the cause is fixed",
            )
            if again := tests_by(self._run.state, task.key) if any(each.name == "tests" for each in failed) else "":
                failure.next_command += f"\n      {other_tests(self._run.run_id, again)}"
            if self._is_sent_back(task):
                again = failure.next_command
                failure = SentBack(failure.message, problems=failure.problems, next_command=again)
            self._fail(failure, self._what_failed(task, failed))
            raise failure

    def _what_failed(self, task: PlannedTask, failed: Sequence[Check]) -> str:
        """What the approver of the next attempt reads of work by hand: each check that failed, and what was noted."""
        if self._run.state.is_of_0_1 or self._run.workflow.step_for(task) is not None:
            return ""
        answers = self._run.state.task(task.key).answers
        told = [each.name if "\n" in each.seen else f"{each.name}: {each.seen}" for each in failed]
        noted = [f"noted: {note}" for name, note in answers.items() if name.endswith(UNMET_NOTE)]
        return self._run.doors.mask(": " + "; ".join((*told, *noted)))

    def _is_sent_back(self, task: PlannedTask) -> bool:
        """Whether a person here has sent this work by hand back, at a no of theirs."""
        answers = self._run.state.task(task.key).answers
        by_hand = self._run.workflow.step_for(task) is None and self._run.doors.person.at_terminal
        return by_hand and any(name.endswith(UNMET) and answer == SEND_BACK for name, answer in answers.items())

    def _require_as_written(self, task: PlannedTask, context: EngineContext) -> None:
        """Raise StepFailed for files that were changed after their digest was taken, by a command of the step, say."""
        changed = [
            Problem(as_name(path), f"was {digest[:7]} when the step wrote it, is {seen[:7]}")
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
            stored, stored_shown = self._entries.stored(task, entries)
        except StepFailed as error:
            self._fail(error)
            raise
        checks, shown = self._entries.to_show(task.key, entries)
        return entries, [*stored, *checks], [*stored_shown, *shown]

    def _tests_changed(self, task: PlannedTask) -> tuple[Sequence[Check], Sequence[ReviewSection]]:
        """At a checkpoint: that the test command is another than before; no policy opens a gate behind that."""
        if task.kind != "checkpoint":
            return (), ()
        checkpoints = [each for each in self._run.plan.tasks if each.kind == "checkpoint"]
        changed = self._run.counting.tests_changed(checkpoints)
        if changed is None:
            return (), ()
        was, now = (text or "none" for text in changed)
        check = Check(f"tests in {FILE} as before", was, f"changed under this run to: {now}", "not-checked", FILE)
        body = f"was:\n\n{code_block(was)}\n\nis:\n\n{code_block(now)}\n"
        return (check,), (ReviewSection(f"{FILE} has another test command than before", body),)

    def _terminal(self, task: PlannedTask) -> bool | None:
        """Whether a terminal was there for all of the attempt's work; None in runs of 0.1, which record none.

        What was shown already keeps what it said: words of an approver and another policy are no work.
        """
        if self._run.state.is_of_0_1:
            return None
        state = self._run.state.task(task.key)
        seq = worked_seq(self._run.journal.events, state) if state.was_shown else None
        shown = self._run.journal.events[seq] if seq is not None else None
        if isinstance(shown, Worked):
            return shown.evidence.terminal
        # a process that only looks at what somebody handed in at a terminal does no part of the work
        there = self._run.doors.person.at_terminal if state.handed_in is None else bool(state.handed_in.terminal)
        return there and not state.without_terminal

    def _size(self, path: str) -> int:
        file = self._run.workspace / path
        return file.stat().st_size if file.is_file() else 0  # a file that the work removed

    def _beside(self, task: PlannedTask) -> list[ReviewSection]:
        """What the approver is shown beside the task: steps that are in none, and tasks that were taken over."""
        found = [] if self._run.state.is_of_0_1 else steps_beside(self._run.plan, task)
        steps = [ReviewSection(NO_TASK, "\n".join(f"- {each}" for each in found))] if found else []
        return [*steps, *self._taken_over(task)]

    def _taken_over(self, task: PlannedTask) -> list[ReviewSection]:
        """What the run's first approver is shown of tasks that were done before it began."""
        keys = self._run.state.start.adopted
        if not keys or len(self._run.state.done) > len(keys):
            return []
        adopted = [each for each in self._run.plan.tasks if self._run.state.task(each.key).adopted]
        first = next(each for each in self._run.plan.tasks if not self._run.state.task(each.key).adopted)
        if not adopted or task is not first:
            return []
        listed = "\n".join(f"- {number_and_title(each.id, each.title)}" for each in adopted)
        return [ReviewSection("Taken over as done, ticked before this run began", listed)]

    def _ask_whether_done(self, task: PlannedTask, step: Step, context: EngineContext) -> None:
        """A step whose effect nobody can look up is not repeated after a crash before a person said so."""
        attempt = self._run.state.task(task.key).attempt
        if step.after_crash is AfterCrash.ASK_A_PERSON and self.begun_here != (task.key, attempt):
            context.ask(
                Question(
                    f"repeat-{task.asked_as}-{attempt}",
                    f"Task {task.label} was interrupted and nothing can tell how far it came. Look, then say "
                    "'repeat' to run it from its beginning; Ctrl-C leaves it as it is.",
                    choices=("repeat",),
                    suggest=False,  # Enter alone repeats nothing
                )
            )

    def _fail(self, error: PhasegateError, more: str = "") -> None:
        """Record that the attempt failed; `more`: what stands behind the message in later attempts."""
        mask_error(error, self._run.doors.mask)
        problems = [str(problem) for problem in error.problems]
        self._run.record("step-failed", reason=error.message + more, problems=problems)


def recorded_check(check: Check) -> CheckResult:
    """A step's check as evidence records it."""
    compared = (check.name, check.expected, check.seen, check.verdict, check.where)
    return CheckResult(*compared, answers=check.item, why=check.why, by=check.by, rests_on=check.rests_on)


def _problem(check: Check) -> Problem:
    return Problem(check.where, f"{check.name}: expected {check.expected}, seen {check.seen}")
