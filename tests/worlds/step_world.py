"""A small world to run single steps in: real files, real commands, real git where there is a repository, given answers,
AWS through the in-process sandbox, webhooks that are written down."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, overload

from phases.aws import AwsPort
from phases.step import CommandResult, PastEffect, Question, Step, Work
from state.errors import BadInput, StepFailed, Waiting
from state.model import PlannedTask
from workflow.doors.commands import CommandDoor
from workflow.doors.git.git_steps import StepGitDoor

STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class StepWorld:
    """A StepContext. `world.run(step)` runs one step and keeps its data for the later ones.

    `died_at` names an effect: its act happens, then the process "dies" (raises KeyboardInterrupt) before the
    record, once; running the step again must find it.

    Attributes:
        clock: what `wait_until` looks at; `patient`: whether it waits then, which sets the clock.
        posted: what was posted, as (address, body); `answers_post` is the status that comes back.
    """

    def __init__(
        self,
        root: Path,
        *,
        aws: AwsPort | None = None,
        answers: Mapping[str, str] | None = None,
        defaults: bool = True,
        run_id: str = "stage-06-20260102-030405",
    ) -> None:
        self.root = root
        self.run_id = run_id
        self.started_at = STARTED
        self.now = STARTED
        self.attempt = 1
        self.task = PlannedTask("none", "", "", "task", 0, (), "", 0, 0)
        self.given = dict(answers or {})
        self.defaults = defaults
        self.asked: dict[str, str] = {}
        self.lines: list[str] = []
        self.waited: list[float] = []
        self.written: dict[str, bytes] = {}
        self.effects: dict[tuple[str, int, str], dict[str, Any] | None] = {}
        self.intents: dict[tuple[str, int, str], tuple[str, Mapping[str, Any]]] = {}  # with the task's title
        self.died_at = ""
        self.clock = STARTED
        self.patient = False
        self.posted: list[tuple[str, Mapping[str, Any]]] = []
        self.answers_post = 200
        self.commands = CommandDoor(grace=0.1)
        self._aws = aws
        self._data: dict[str, Mapping[str, Any]] = {}
        self._step: Step | None = None

    @property
    def aws(self) -> AwsPort:
        assert self._aws is not None, "this test gave StepWorld no aws="
        return self._aws

    @overload
    def run(self, step: Step, *, attempt: int = 1, task: PlannedTask | None = None) -> Work: ...

    @overload
    def run(self, step: str, *, timeout: float = 3600.0, env: Mapping[str, str] | None = None) -> CommandResult: ...

    def run(
        self,
        step: Step | str,
        *,
        attempt: int = 1,
        task: PlannedTask | None = None,
        timeout: float = 3600.0,
        env: Mapping[str, str] | None = None,
    ) -> Work | CommandResult:
        """Run a step, as the test does; or a command, as a step does."""
        if isinstance(step, str):
            return self.commands.run(
                step, directory=self.root, timeout=timeout, extra=env or {}, show=self.lines.append
            )
        self.task = task or PlannedTask(
            "t" + step.task_id.replace(".", "_"), step.task_id, step.task_title, "task", 1, (), "", 1, 1
        )
        self.attempt, self._step, self.written = attempt, step, {}
        work = step.run(self)
        self._data[step.task_id] = work.data
        return work

    def copy_in(self, source: Path, path: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, self.root / path)

    def read(self, path: str) -> bytes:
        try:
            return (self.root / path).read_bytes()
        except FileNotFoundError as error:
            raise StepFailed(f"{path} is not there") from error

    def exists(self, path: str) -> bool:
        return (self.root / path).is_file()

    def write(self, path: str, content: str | bytes) -> None:
        assert self._step is not None
        assert path in self._step.writes, f"{self._step.name} writes {path}, which its declaration does not name"
        data = content.encode() if isinstance(content, str) else content
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        self.written[path] = data

    def ask(self, question: Question) -> str:
        answer = self.given.get(question.name, question.default if self.defaults else None)
        if answer is None:
            raise Waiting(f"question {question.name} has no answer")
        if question.choices and answer not in question.choices:
            raise BadInput(f"{question.name}: {answer!r} is not one of {', '.join(question.choices)}")
        problem = question.problem_with(answer)
        if problem:
            raise BadInput(f"{question.name}: {problem}")
        self.asked[question.name] = answer
        return answer

    def effect(
        self,
        name: str,
        intent: Mapping[str, Any],
        act: Callable[[], dict[str, Any]],
        find: Callable[[], dict[str, Any] | None],
    ) -> dict[str, Any]:
        key = (self.task.id, self.attempt, name)
        if key in self.effects:
            done = self.effects[key]
            if done is None:
                done = find()
            if done is None:
                done = act()
            self.effects[key] = done
            return done
        self.effects[key] = None
        self.intents[key] = (self.task.title, dict(intent))
        result = act()
        if self.died_at == name:
            self.died_at = ""
            raise KeyboardInterrupt(f"the power went after {name}")
        self.effects[key] = result
        return result

    def history(self) -> list[PastEffect]:
        return [
            PastEffect(task, title, attempt, name, intent, self.effects[task, attempt, name])
            for (task, attempt, name), (title, intent) in self.intents.items()
        ]

    def data(self, task_id: str) -> Mapping[str, Any]:
        if task_id not in self._data:
            raise StepFailed(f"task {task_id} has left no data")
        return self._data[task_id]

    def give_data(self, task_id: str, data: Mapping[str, Any]) -> None:
        self._data[task_id] = data

    def answers(self) -> Mapping[str, str]:
        return dict(self.asked)

    def given_by(self, question: str) -> str:
        return "Ada <ada@example.com> (prompt)" if question in self.asked else ""

    def progress(self, text: str) -> None:
        self.lines.append(text)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    def wait_until(self, when: datetime, what: str) -> None:
        if self.clock < when and not self.patient:
            raise Waiting(f"waits until {when} for {what}")
        self.clock = max(self.clock, when)

    @property
    def git(self) -> StepGitDoor:
        return StepGitDoor(self.root)

    def post(self, url: str, body: Mapping[str, Any]) -> int:
        self.posted.append((url, body))
        return self.answers_post

    def mask(self, text: str) -> str:
        return self.commands.mask(text)
