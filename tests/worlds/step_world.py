"""A small world to run single steps in: the real context over a real run, whose journal lies beside the workspace.

    world = StepWorld(tmp_path, aws=port)
    work = world.run(step)               # as the engine would run it; `world.ctx()` is what the step is given
    world.run(step)                      # once more: its process died before the evidence was recorded
    world.run(next_step)                 # the one before is worked, approved and committed in the journal

Only what is outside is the world's: a person with given answers, a clock that stands still, commands and git as they
are, AWS as it is handed in, webhooks that are written down. What is asked once, found again, kept for the approver or
refused is `workflow.engine.step_context`'s doing.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from phases.aws import AwsError, AwsPort
from phases.step import AfterCrash, Question, Share, Step, StepContext, Work, step
from state.errors import BadAnswer, BadInput, StepFailed
from state.events import Event, format_time
from state.files import Disk
from state.model import Plan, PlannedTask
from state.tree_entry import PLAIN, TreeEntry, missing
from tests.worlds.journaled_run import (
    BY,
    COMMIT,
    DIGEST,
    WAY_BACK,
    Edit,
    Lines,
    RunInJournal,
    SteadyClock,
    UnsyncedDisk,
)
from workflow.doors.commands import CommandDoor
from workflow.doors.git.step_git import StepGitDoor
from workflow.engine.step_context import EngineContext
from workflow.engine.task_execution import recorded_check
from workflow.ports import Doors, Settings, StepDoors

# A run refuses a task that its plan does not have, and a test names a task only when it runs its step.
IDS = [f"{major}{minor}" for major in range(10) for minor in ("", *(f".{number}" for number in range(1, 10)))]
IDS += [f"Phase {number}" for number in range(1, 9)]


def _key(task_id: str) -> str:
    return "t" + task_id.lower().replace(".", "_").replace(" ", "_")


ANY_TASK = [{"id": each, "key": _key(each), "title": ""} for each in IDS]
ANY_TASK += [{"id": "", "key": "none", "title": ""}]  # of a context without a step

_BEGUN: dict[tuple[object, ...], Lines] = {}  # by what its first line says


@dataclass
class Answering:
    """Says what was given, and nothing else; what is shown is kept."""

    given: dict[str, str]
    lines: list[str] = field(default_factory=list)

    at_terminal = True

    def ask(self, question: Question, _suggestion: str | None) -> tuple[str, str] | None:
        return (self.given[question.name], "prompt") if question.name in self.given else None

    def progress(self, text: str) -> None:
        self.lines.append(text)

    output = progress

    def waiting(self, text: str, share: Share | None = None) -> None: ...


class StepWorld:
    """See the module.

    Attributes:
        given: answers, by question. With `defaults` they are a file's, and every other default is taken (as under
            `--yes --answers FILE`); without, they are the person's at the prompt, and nothing else is answered.
        clock: stands still; `patient`: whether a step that waits for a moment gets it, which sets the clock.
        posted: what was posted, as (address, body); `answers_post` is the status that comes back.
        artifacts: of the step that ran last.
    """

    def __init__(
        self,
        root: Path,
        *,
        aws: AwsPort | None = None,
        answers: Mapping[str, str] | None = None,
        defaults: bool = True,
        run_id: str = "stage-06-20260102-030405",
        plan: Plan | None = None,
    ) -> None:
        self.root = root
        self.person = Answering(dict(answers or {}))
        self.defaults = defaults
        self.clock = SteadyClock()
        self.patient = False
        self.posted: list[tuple[str, Mapping[str, Any]]] = []
        self.answers_post = 200
        self.commands = CommandDoor(grace=0.1)
        self.disk: Disk = UnsyncedDisk()
        self.artifacts: Mapping[str, str] = {}
        self.plan = plan or Plan("world", "World", "tasks", "tasks.md", DIGEST, ())
        self._port = aws
        self._last: Work | BaseException | None = None  # what the attempt under way has come to
        self._recorder = self._begun(run_id)

    def _run_started(self, run_id: str) -> tuple[str, datetime, Mapping[str, Any]]:
        own = [{"id": task.id, "key": task.key, "title": task.title} for task in self.plan.tasks]
        fields = {
            "run": run_id,
            "workflow": self.plan.name,
            "runbook": self.plan.runbook,
            "runbook_sha256": self.plan.sha256,
            "plan": self.plan.digest,
            "branch": "main",
            "base": COMMIT,
            "sandbox": True,
            "by": BY,
            "tasks": [*own, *(task for task in ANY_TASK if all(task["key"] != each["key"] for each in own))],
        }
        return "run-started", self.clock.at, fields

    # --- what is outside ------------------------------------------------------------------------------------------

    @property
    def aws(self) -> AwsPort:
        assert self._port is not None, "this test gave StepWorld no aws="
        return self._port

    @aws.setter
    def aws(self, port: AwsPort | None) -> None:
        self._port = port

    @property
    def given(self) -> dict[str, str]:
        return self.person.given

    @given.setter
    def given(self, answers: Mapping[str, str]) -> None:
        self.person.given = dict(answers)

    @property
    def lines(self) -> list[str]:
        """The progress that was shown."""
        return self.person.lines

    def _post(self, url: str, body: Mapping[str, Any]) -> int:
        self.posted.append((url, body))
        return self.answers_post

    def copy_in(self, source: Path, path: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, self.root / path)

    def read(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def exists(self, path: str) -> bool:
        return (self.root / path).is_file()

    # --- running --------------------------------------------------------------------------------------------------

    def run(self, step: Step, *, attempt: int | None = None, task: PlannedTask | None = None) -> Work:
        """Run a step as the engine does: the task under way goes on, a failed attempt is followed by the next one.

        `attempt` says which one it is: the one under way (whose failure was not recorded, then), or the one after it
        (the evidence was rejected, then, if there was any).
        """
        context = self.begin(task or self._task(step.task_id, step.task_title), step, attempt=attempt)
        self._last = None
        try:
            self._last = step.run(context)
        except BaseException as error:
            self._last = error
            raise
        finally:
            self.artifacts = context.artifacts
        return self._last

    def begin(self, task: PlannedTask, step: Step | None = None, *, attempt: int | None = None) -> EngineContext:
        """The context of this task's attempt, begun if it was not; what came before it is committed."""
        self._know(task)
        here, state = self._recorder.state.current_task, self._recorder.state.task(task.key)
        if here is None or here.key != task.key:
            after = self._leave(back=task.kind == "rollback")
            state = self._recorder.state.task(task.key)
            assert state.status == "pending", f"task {task.label} is {state.status}: a run does not go back to it"
            self._recorder.record("task-started", task=task.key, attempt=1, after=after)
        elif state.status == "committing":
            raise AssertionError(f"task {task.label} is committed: a run does not go back to it")
        elif attempt is None and self._failed:
            attempt = state.attempt + 1
        while attempt is not None and (now := self._recorder.state.task(task.key).attempt) < attempt:
            self._end_attempt()
            self._recorder.record("task-started", task=task.key, attempt=now + 1, after=None)
        now = self._recorder.state.task(task.key).attempt
        assert attempt in (None, now), f"task {task.label} is at attempt {now}, not {attempt}"
        return self.ctx(step)

    def ctx(self, step: Step | None = None) -> EngineContext:
        """What a step of the task under way is given: the real context, as a new process would make it."""
        if self._recorder.state.current_task is None:
            self.begin(PlannedTask("none", "", "", "task", 0, (), "", 0, 0))
        key = self._recorder.state.current
        assert key is not None
        self._recorder.plan, self._recorder.doors = self.plan, self._doors()
        self._recorder.settings = Settings(self.given if self.defaults else {}, wait=self.patient)
        task = self.plan.task(key)
        return EngineContext(self._recorder, task, step or _nothing, configured={}, take_defaults=self.defaults)

    def _doors(self) -> Doors:
        git = StepGitDoor(self.root)
        return Doors(
            git,
            self.disk,
            self.clock,
            self.person,  # type: ignore[arg-type]  # no verdict is asked of it
            lambda: self.aws,
            BY,
            steps=StepDoors(self.commands, git, self._post),
        )

    def _begun(self, run_id: str) -> RunInJournal:
        """A run that has just begun; the line that says so names a hundred tasks, and is made once a process."""
        plan = self.plan
        key = (run_id, plan.name, plan.runbook, plan.sha256, plan.digest, self.clock.at)
        if key in _BEGUN:
            return RunInJournal((), self.root, plan, self._doors(), after=_BEGUN[key])
        made = RunInJournal([self._run_started(run_id)], self.root, plan, self._doors())
        _BEGUN[key] = Lines.of(made.journal)
        return made

    # --- the run --------------------------------------------------------------------------------------------------

    @property
    def run_id(self) -> str:
        return self._recorder.state.run_id

    @property
    def begun(self) -> int:
        """How many events the run has: one, when no task of it was begun."""
        return len(self._recorder.journal.events)

    @property
    def asked(self) -> Mapping[str, str]:
        """All answers of the run so far, by question."""
        return dict(self._recorder.state.answers)

    @property
    def written(self) -> Mapping[str, bytes]:
        """The artifacts of the step that ran last, as they are now."""
        return {path: self.read(path) for path in self.artifacts}

    def is_done(self, task: PlannedTask) -> bool:
        return self._recorder.state.task(task.key).status in ("committing", "done")

    def dies_at(self, effect: str, *, recorded: bool = False) -> None:
        """At the next effect of that name the process dies: it has happened, and is recorded or not."""
        self._recorder.dies_before, self._recorder.dies_after = ("", effect) if recorded else (effect, "")

    def data(self, task_id: str) -> Mapping[str, Any]:
        """What a step of a later task is told of this one."""
        if isinstance(self._last, Work) and self.ctx().task.id == task_id:
            return self._last.data
        return self.ctx().data(task_id, dict)

    def give_data(self, task_id: str, data: Mapping[str, Any], *, answers: Mapping[str, str] | None = None) -> None:
        """The task has left this, all along if it was worked already."""
        task = self._task(task_id)
        if self._recorder.state.task(task.key).worked is not None:
            self.rewrite(
                lambda event: (
                    {**event.fields, "data": data}
                    if (event.type, event.fields.get("task")) == ("worked", task.key)
                    else event.fields
                )
            )
            return
        self.begin(task)
        for question, answer in (answers or {}).items():
            self._recorder.record("answered", question=question, answer=answer, via="prompt")
        self._last = replace(self._last, data=data) if isinstance(self._last, Work) else Work(data=data)
        self._leave()

    def rewrite(self, edit: Edit) -> None:
        """The run had been otherwise all along, as RunInJournal.edited."""
        before, self._recorder = self._recorder, self._recorder.edited(edit)
        self._recorder.dies_before, self._recorder.dies_after = before.dies_before, before.dies_after

    def answer_otherwise(self, question: str, answer: str | None) -> None:
        """It had been answered so all along, or not at all."""

        def edit(event: Event) -> Mapping[str, Any] | None:
            if (event.type, event.fields.get("question")) != ("answered", question):
                return event.fields
            return None if answer is None else {**event.fields, "answer": answer}

        self.rewrite(edit)

    def new_run(self, run_id: str) -> None:
        """Another run in the same workspace and account."""
        self._recorder, self._last = self._begun(run_id), None

    def fork(self) -> StepWorld:
        """The same run once more, to go on with in another way; workspace and account are the same ones."""
        other = StepWorld(self.root, aws=self._port, answers=self.given, defaults=self.defaults, plan=self.plan)
        other.go_on_from(self)
        return other

    def go_on_from(self, other: StepWorld) -> None:
        """This is the other one's run now, in this workspace and account; that one stays as it is."""
        self.clock.at, self.patient, self.plan = other.clock.at, other.patient, other.plan
        self._last, self.artifacts = other._last, other.artifacts
        self._recorder = other._recorder.again(self.root, self.plan, self._doors())

    def _task(self, task_id: str, title: str = "") -> PlannedTask:
        """The plan's, or one made up; R1, R2, ... are of the way back."""
        known = [task for task in (*self.plan.tasks, *self.plan.rollback) if task.id == task_id]
        if known:
            return known[0]
        back = next((task["key"] for task in WAY_BACK if task["id"] == task_id), "")
        key = back or _key(task_id)
        return PlannedTask(key, task_id, title, "rollback" if back else "task", 1, (), "", 1, 1)

    def _know(self, task: PlannedTask) -> None:
        """Have this task in the plan, in its place if it was there."""
        back = task.kind == "rollback"
        tasks = self.plan.rollback if back else self.plan.tasks
        if task not in tasks:
            known = tuple(task if each.key == task.key else each for each in tasks)
            known += () if task in known else (task,)
            self.plan = replace(self.plan, rollback=known) if back else replace(self.plan, tasks=known)

    @property
    def _failed(self) -> bool:
        """Whether the attempt under way has ended, as the engine judges it."""
        if isinstance(self._last, Work):
            return any(check.verdict == "fail" for check in self._last.checks)
        return isinstance(self._last, StepFailed | BadInput) and not isinstance(self._last, AwsError | BadAnswer)

    def _end_attempt(self) -> None:
        if isinstance(self._last, Work) and not self._failed:
            self._worked(self._last)
            self._recorder.record("rejected", digest=DIGEST, reason="once more")
        else:
            self._recorder.record("step-failed", reason=str(self._last or "nothing came of it"), problems=[])
        self._last = None

    def _leave(self, *, back: bool = False) -> str | None:
        """Go on from the task under way: what it came to is approved and committed, or the way back begins."""
        run, last = self._recorder.state, self._last
        here = run.current_task
        if here is not None and here.status == "working" and isinstance(last, Work) and not self._failed:
            self._worked(last)
            self._recorder.record("approved", digest=DIGEST, nonce="nonce", via="prompt", admits=True)
            self._recorder.record("commit-intended", message="done", entries=[], approval=DIGEST)
        after = COMMIT if here is not None and here.status == "committing" else None
        self._last = None
        if back and not run.rollback:
            self._recorder.record("rollback-started", reason="it is broken", after=after, tasks=WAY_BACK)
            return None
        assert here is None or after or back, f"task {self.plan.task(here.key).label} is not done: {last}"
        return after

    def _worked(self, work: Work) -> None:
        sizes = {path: (self.root / path).stat().st_size for path in self.artifacts if self.exists(path)}
        moment = format_time(self.clock.now())
        entries = [TreeEntry(path, PLAIN, "file", None) if path in sizes else missing(path) for path in self.artifacts]
        self._recorder.record(
            "worked",
            entries=[entry.to_json() for entry in entries],
            artifacts=[
                {"path": path, "sha256": digest, "size": sizes.get(path, 0)} for path, digest in self.artifacts.items()
            ],
            checks=[recorded_check(check).to_json() for check in work.checks],
            data=dict(work.data),
            review=[asdict(review) for review in work.review],
            witness={},
            request={"digest": DIGEST, "nonce": "nonce", "shown_at": moment, "expires_at": moment},
        )


@step("", "", after_crash=AfterCrash.REDO)
def _nothing(_ctx: StepContext) -> Work:
    """Do nothing."""
    return Work()
