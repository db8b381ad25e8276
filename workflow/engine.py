"""How does a run go from gate to gate? The one place that writes events and moves the machine.

The protocol of one task (DESIGN.md "One task, from entry to exit"; docs/protocol.md):

    task-started -> the step works (answered, effect-*) -> worked (evidence, request)
    -> approved -> marks and working log -> commit-intended -> git commit -> (next) task-started names it

Rules:
- Events are written and synced before anything that depends on them; memory moves last.
- `segment` takes a run from where it stands to the next committed task, or raises why it cannot:
  Waiting, Rejected, StepFailed, Interrupted, BadInput. Called again, in any process, it goes on.
- Nothing here prints, and nothing here touches git, AWS, the terminal or the clock but through a door.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from gates.approval import EXIT_GATE, SHORT, GateFacts, Given, evidence_digest
from gates.decision import Admitted, Decision, Refused
from gates.policy import GatePolicy
from phases.aws import AwsError, AwsPort
from phases.step import AfterCrash, Check, Question, Step, Work, Workflow
from state.errors import BadAnswer, BadInput, PhasegateError, Problem, Rejected, StepFailed, Waiting, WorkspaceRefused
from state.events import Event, format_time
from state.files import Disk, sha256
from state.journal import Journal
from state.machine import RunMachine
from state.model import Plan, PlannedTask
from state.run_state import RunState, TaskState, apply, fold
from workflow.commit import CommitStep, commit_message, commit_paths, expected_runbook
from workflow.ports import Approve, Clock, FoundCommit, Git, Note, Person, Reject, ReviewView, Verdict
from workflow.step_context import EngineContext
from workflow.trailers import run_files
from workflow.waiting_page import review_view


@dataclass(frozen=True, slots=True)
class Doors:
    """Everything outside, handed in by the command line or a test.

    `connect` makes the AWS port on first use; `by` is who acts: `{"git", "user", "host"}`.
    """

    git: Git
    disk: Disk
    clock: Clock
    person: Person
    connect: Callable[[], AwsPort]
    by: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Settings:
    """How this invocation answers: `answers` by question, defaults taken, gates opened by `--yes`."""

    answers: Mapping[str, str] = field(default_factory=dict)
    yes: bool = False
    policy: GatePolicy = field(default_factory=GatePolicy)


class Engine:
    """One run, held by this process.

    Attributes:
        run: the state folded from the journal, kept up to date.
        machine: where the run stands in the plan.
    """

    def __init__(
        self, *, workspace: Path, plan: Plan, workflow: Workflow, journal: Journal, doors: Doors, settings: Settings
    ) -> None:
        self.workspace = workspace
        self.plan = plan
        self.workflow = workflow
        self.journal = journal
        self.doors = doors
        self.settings = settings
        self.run: RunState = fold(journal.events)
        self._changed: tuple[str, ...] = ()
        self._begun_here: tuple[str, int] | None = None  # the attempt that this very process began
        self._commit = CommitStep(workspace, plan, workflow, journal, doors.git, doors.disk)
        self.machine = RunMachine(plan, self._gate_admits, at=self._machine_state())

    # --- where the run stands ------------------------------------------------------------------------------------

    def _machine_state(self) -> str:
        if self.run.end:
            return self.run.end
        here = self.run.here
        if here is None:
            return "ready"
        if here.status == "done":
            following = self._after(here.key)
            return following.key if following else "complete"
        return here.key

    def _after(self, key: str) -> PlannedTask | None:
        index = next(i for i, task in enumerate(self.plan.tasks) if task.key == key)
        return self.plan.tasks[index + 1] if index + 1 < len(self.plan.tasks) else None

    @property
    def complete(self) -> bool:
        return self.machine.state == "complete"

    def record(self, type_: str, **fields: Any) -> Event:
        """Write an event of the current task, sync it, and bring the state forward."""
        here = self.run.here
        if here is not None and type_ not in ("noted", "aborted"):
            fields = {"task": here.key, "attempt": here.attempt, **fields}
        if type_ in ("answered", "approved", "rejected", "noted", "aborted"):
            fields.setdefault("by", dict(self.doors.by))
        event = self.journal.append(type_, self.doors.clock.now(), **fields)
        apply(self.run, event)
        return event

    # --- driving -------------------------------------------------------------------------------------------------

    def drive(self, until: Callable[[PlannedTask], bool] = lambda _task: False) -> None:
        """Segments until the run is complete, or a task for which `until` holds is committed. Raises as `segment`."""
        while not self.complete:
            if until(self.segment()):
                return

    def come_back(self) -> None:
        """What a new process does first: clear up after a killed commit, and look whether the workspace is fit.

        Raises WorkspaceRefused as `Git.preflight`, and as `settle`.
        """
        here = self.run.here
        if here and here.status == "committing":
            for path in self.doors.git.clear_stale_locks():
                self.doors.person.progress(f"removed {path}, left by a killed commit of this run")
            self.settle()
            if here.status == "done":
                self.doors.git.settle_index(commit_paths(self.plan, self.workflow, self.run, here))
        if not self.run.end and not self.complete:
            ours = self.workflow.paths(self.plan.runbook) | set(run_files(self.run.run_id))
            self.doors.git.preflight(sorted(ours), self.plan.runbook, resuming=True)

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
        if self.run.end:
            raise Rejected(f"run {self.run.run_id} was {self.run.end}")
        if self.machine.state == "ready":
            self.machine.move("advance")
        task = self.plan.task(self.machine.state)
        while True:
            state = self.run.task(task.key)
            match state.status:
                case "pending" | "failed" | "rejected" | "voided":
                    self._start(task, state)
                case "working":
                    self._work(task)
                case "in-review":
                    self._review(task, state)
                case "approved" | "committing":
                    self._leave(task, state)
                case "done":
                    return task

    def _start(self, task: PlannedTask, state: TaskState) -> None:
        self._require_runbook_untouched(task)
        here = self.run.here
        after = here.commit if here and here.key != task.key else None
        step = self.workflow.step_for(task)
        self.doors.person.progress(f"{task.id} {task.title}".strip())
        sync = step is not None  # a manual task has no effect before its evidence: its start may be found anew
        event = self.journal.append(
            "task-started", self.doors.clock.now(), sync=sync, task=task.key, attempt=state.attempt + 1, after=after
        )
        apply(self.run, event)
        self._begun_here = (task.key, event["attempt"])

    def _require_runbook_untouched(self, task: PlannedTask) -> None:
        self._commit.unmark_if_marked(self.run, task)
        expected = expected_runbook(self.workspace, self.plan, self.run)
        seen = (self.workspace / self.plan.runbook).read_bytes()
        if seen == expected:
            return
        diff = difflib.unified_diff(
            expected.decode("utf-8", "replace").split("\n"), seen.decode("utf-8", "replace").split("\n"),
            "as the run left it", "as it is now", lineterm="", n=0,
        )  # fmt: skip
        raise BadInput(
            f"{self.plan.runbook} was changed by hand during the run:\n" + "\n".join(diff),
            next_command=f"git -P diff {self.plan.runbook}   # put it back, then: phasegate resume {self.run.run_id}",
        )

    # --- work ----------------------------------------------------------------------------------------------------

    def _work(self, task: PlannedTask) -> None:
        step = self.workflow.step_for(task)
        artifacts: Mapping[str, str] = {}
        work, witness = Work(), {}
        if step is not None:
            context = self._context(task, step)
            self._ask_whether_done(task, step, context)
            try:
                work = step.run(context)
                witness = dict(step.witness(context)) if step.witness else {}
            except (AwsError, BadAnswer):
                raise  # nothing is wrong with the work: sign in, wait or answer, and the same attempt goes on
            except (StepFailed, BadInput) as error:
                self._fail(error)
                raise
            artifacts = context.artifacts
        failed = [check for check in work.checks if check.verdict == "fail"]
        if failed:
            failure = StepFailed(
                f"task {task.label}: {len(failed)} of {len(work.checks)} checks failed",
                problems=[_problem(check) for check in failed],
                next_command=f"phasegate resume {self.run.run_id}   # when the cause is mended",
            )
            self._fail(failure)
            raise failure
        evidence: dict[str, Any] = {
            "artifacts": [
                {"path": path, "sha256": digest, "size": (self.workspace / path).stat().st_size}
                for path, digest in artifacts.items()
            ],
            "checks": [asdict(check) for check in work.checks],
            "data": dict(work.data),
            "review": [asdict(section) for section in work.review],
            "witness": witness,
        }
        self.record("worked", **evidence, request=self._request(task, evidence))

    def _ask_whether_done(self, task: PlannedTask, step: Step, context: EngineContext) -> None:
        """A step whose effect nobody can look up is not repeated after a crash before a person said so."""
        attempt = self.run.task(task.key).attempt
        if step.after_crash is AfterCrash.ASK_A_PERSON and self._begun_here != (task.key, attempt):
            context.ask(
                Question(
                    f"repeat-{task.key.replace('_', '-')}-{attempt}",
                    f"Task {task.label} was interrupted and nothing can tell how far it came. Look, then say "
                    "'repeat' to run it from its beginning; Ctrl-C leaves it as it is.",
                    choices=("repeat",),
                )
            )

    def _context(self, task: PlannedTask, step: Step) -> EngineContext:
        return EngineContext(
            recorder=self, plan=self.plan, task=task, step=step, workspace=self.workspace, disk=self.doors.disk,
            clock=self.doors.clock, person=self.doors.person, connect=self.doors.connect,
            given=self.settings.answers, take_defaults=self.settings.yes,
        )  # fmt: skip

    def _fail(self, error: PhasegateError) -> None:
        self.record("step-failed", reason=error.message, problems=[str(problem) for problem in error.problems])

    def _request(self, task: PlannedTask, evidence: Mapping[str, Any]) -> dict[str, str]:
        """What is put before the approver: a digest over everything, good once and for a while."""
        state = self.run.task(task.key)
        digest = evidence_digest(
            plan=self.plan.digest, run=self.run.run_id, task=task.key, attempt=state.attempt, text=task.text,
            message=commit_message(self.plan, task), answers=state.answers, evidence=evidence,
        )  # fmt: skip
        now = self.doors.clock.now()
        expires = now + self.settings.policy.expires_after
        return {
            "digest": digest, "nonce": self.doors.clock.nonce(),
            "shown_at": format_time(now), "expires_at": format_time(expires),
        }  # fmt: skip

    # --- the gate ------------------------------------------------------------------------------------------------

    def _facts(self, extra: Given | None = None) -> GateFacts:
        here = self.run.here
        assert here is not None and here.worked is not None
        given = [Given(e["by"]["git"], e["digest"], e["nonce"], e.at) for e in here.approvals]
        return GateFacts(
            checks=here.worked["checks"], request=here.request, approvals=[*given, *([extra] if extra else [])],
            now=self.doors.clock.now(), changed=self._changed, operator=self.doors.by["git"],
            policy=self.settings.policy,
        )  # fmt: skip

    def _gate_admits(self, key: str) -> bool:
        here = self.run.here
        return here is not None and here.key == key and isinstance(EXIT_GATE(self._facts()), Admitted)

    def _review(self, task: PlannedTask, state: TaskState) -> None:
        if self._void_if_changed(task):
            return
        if state.request and self.doors.clock.now() >= state.request.expires_at:
            self.reject(f"nobody decided before {state.request.expires_at:%Y-%m-%d %H:%M} UTC")
            return
        verdict: Verdict | None = Approve("--yes") if self.settings.yes else None
        if verdict is None:
            verdict = self.doors.person.review(self._view(task))
        match verdict:
            case Approve(via):
                if not self._void_if_changed(task):  # it may have been edited while the question stood
                    self.approve(state.request.digest if state.request else "", via)
            case Reject(reason):
                self.reject(reason)
            case Note(text):
                self.record("noted", text=text, task=task.key)
            case _:
                raise self._parked(task, state)

    def _view(self, task: PlannedTask) -> ReviewView:
        view = review_view(self.plan, self.workflow, self.run, task)
        artifacts = [artifact["path"] for artifact in view.worked["artifacts"]]
        return replace(view, diff=lambda: self.doors.git.diff(artifacts, "HEAD"))

    def _parked(self, task: PlannedTask, state: TaskState) -> Waiting:
        assert state.request is not None
        digest = state.request.digest[:SHORT]
        return Waiting(
            f"task {task.label} waits for approval of {digest} until {state.request.expires_at:%Y-%m-%d %H:%M} UTC",
            next_command=(
                f"phasegate approve {self.run.run_id} --digest {digest}\n"
                f"      phasegate reject {self.run.run_id} --reason TEXT"
            ),
        )

    def approve(self, digest: str, via: str) -> Decision:
        """Record an approval of the digest that was shown (at least its first seven characters).

        Raises BadInput when nothing waits, when the digest is another one, or when the gate refuses this approval.
        """
        state = self._require_review()
        assert state.request is not None
        if len(digest) < SHORT or not state.request.digest.startswith(digest):
            raise BadInput(
                f"the approval names {digest!r}, the evidence of task {state.key} is {state.request.digest[:SHORT]}",
                next_command=f"phasegate status {self.run.run_id}   # look at what waits, then approve that",
            )
        by = dict(self.doors.by)
        given = Given(by["git"], state.request.digest, state.request.nonce, self.doors.clock.now())
        decision = EXIT_GATE(self._facts(given))
        if isinstance(decision, Refused):
            raise BadInput(
                f"task {state.key} may not be left: {'; '.join(decision.reasons)}",
                next_command=f"phasegate resume {self.run.run_id}",
            )
        self.record("approved", digest=given.digest, nonce=given.nonce, via=via, admits=isinstance(decision, Admitted))
        return decision

    def reject(self, reason: str) -> None:
        """Send the current task back to work. Raises BadInput when nothing waits for a verdict."""
        state = self._require_review()
        assert state.request is not None
        self.record("rejected", digest=state.request.digest, reason=reason)

    def _require_review(self) -> TaskState:
        here = self.run.here
        if here is None or here.status != "in-review":
            status = here.status if here else "ready"
            raise BadInput(
                f"run {self.run.run_id} waits for no verdict: it is {status}",
                next_command=f"phasegate status {self.run.run_id}",
            )
        return here

    def void_if_changed(self) -> bool:
        """Void what waits when a byte of it changed; returns whether it did. For `approve` from elsewhere."""
        return self._void_if_changed(self.plan.task(self._require_review().key))

    def _void_if_changed(self, task: PlannedTask, *, witness: bool = False) -> bool:
        state = self.run.task(task.key)
        self._changed = tuple(self._changes(task, state, witness=witness))
        if self._changed:
            assert state.request is not None
            self.record("voided", digest=state.request.digest, changed=list(self._changed))
            self.doors.person.progress("approval void: " + "; ".join(self._changed))
        return bool(self._changed)

    def _changes(self, task: PlannedTask, state: TaskState, *, witness: bool) -> list[str]:
        """By name, what differs now from what was shown."""
        assert state.worked is not None
        changes = []
        for artifact in state.worked["artifacts"]:
            path = self.workspace / artifact["path"]
            seen = sha256(path.read_bytes()) if path.is_file() else "missing"
            if seen != artifact["sha256"]:
                changes.append(f"{artifact['path']} was {artifact['sha256'][:SHORT]}, is {seen[:SHORT]}")
        runbook = (self.workspace / self.plan.runbook).read_bytes()
        allowed = [expected_runbook(self.workspace, self.plan, self.run, also=also) for also in (None, task)]
        if runbook not in allowed:
            changes.append(f"{self.plan.runbook} was changed by hand")
        step = self.workflow.step_for(task)
        if witness and step is not None and step.witness is not None:
            now = dict(step.witness(self._context(task, step)))
            was = state.worked["witness"]
            for name in sorted({*now, *was}):
                if now.get(name) != was.get(name):
                    changes.append(f"{name} was {was.get(name)}, is {now.get(name)}")
        return changes

    # --- leaving -------------------------------------------------------------------------------------------------

    def _leave(self, task: PlannedTask, state: TaskState) -> None:
        """Marks, working log, commit-intended, commit; then the machine moves."""
        if self._void_if_changed(task, witness=state.status == "approved"):
            return
        if not self.machine.may("advance"):
            raise BadInput(f"the gate of task {task.label} is closed again", next_command="phasegate status")
        self._commit.prepare(self.run, task, state)
        if state.status == "approved":
            self.record("commit-intended", **self._commit.intent(self.run, task, state))
        refusal: WorkspaceRefused | None = None
        try:
            self._commit.make(state)
        except WorkspaceRefused as error:
            refusal = error
        # git may have made the commit and failed afterwards, and may have made one without our trailers: look
        commit = self._commit.find(self.run, state)
        if refusal is not None and commit is None:
            self.record("commit-refused", reason=refusal.message)
            raise StepFailed(
                f"task {task.label} is approved, its commit was refused: {refusal.message}",
                next_command=refusal.next_command or f"phasegate resume {self.run.run_id}",
            ) from refusal
        if commit is None:
            raise StepFailed(
                f"task {task.label}: git reported a commit, but none carries its trailers; a commit-msg hook may "
                "have dropped them",
                next_command="git -P log -1",
            )
        self._left(task, state, commit)

    def _left(self, task: PlannedTask, state: TaskState, commit: FoundCommit) -> None:
        broken = self._commit.differences(self.run, state, commit)
        if broken:
            self._commit.undo(self.run, state, commit)
            self.record("voided", digest=state.request.digest if state.request else "", changed=broken)
            raise StepFailed(
                f"task {task.label}: a git hook changed what was approved, so the commit was taken back: "
                + "; ".join(broken),
                next_command=f"phasegate resume {self.run.run_id}   # after excluding these paths from the hook",
            )
        state.commit = commit.sha
        self.machine.move("advance")
        state.status = "done"
        self.doors.person.progress(f"{task.label} committed as {commit.sha[:10]}")

    def abort(self, reason: str) -> str:
        """End the run here, for good, in a commit of its own journal; returns its SHA.

        What the unfinished task left in the workspace stays there, uncommitted: it was not approved.
        """
        self.settle()
        if self.run.end or self.complete:
            raise BadInput(f"run {self.run.run_id} is over: {self.run.end or 'complete'}")
        here = self.run.here
        self.record("aborted", reason=reason, after=here.commit if here and here.status == "done" else None)
        self.machine.move("abort")
        return self._commit.make_end(self.run, f"{self.plan.name}: abort run {self.run.run_id}", "aborted")

    def outside_effects(self) -> list[tuple[str, str]]:
        """What this run did outside that is known to have happened: effect and its result, in order."""
        return [
            (str(event["effect"]), ", ".join(f"{name}={value}" for name, value in event["result"].items()))
            for event in self.journal.events
            if event.type == "effect-done"
        ]

    def note(self, text: str) -> None:
        """Add a remark to the current task's entry in the working log."""
        self.settle()
        if self.run.end or self.complete:
            raise BadInput(f"run {self.run.run_id} is over; its journal is committed and takes no more notes")
        self.record("noted", text=text, task=self.machine.state)


def _problem(check: Check) -> Problem:
    return Problem(check.where or check.name, f"{check.name}: expected {check.expected}, seen {check.seen}")
