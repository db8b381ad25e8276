"""What does a running step see? The StepContext that journals every answer and every outside effect.

Rules:
- Nothing is asked twice in one attempt: an answer in the journal is the answer.
- An effect's intent is on disk before it happens, its result after; one in doubt is looked up, never just repeated.
- Only paths that the step declared may be written.
- What is written, posted or shown passes the masker (`masked_words.py`); what a command said has passed it before it
  comes here. Nothing of an address that is posted to is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from phases.aws import AwsPort
from phases.step import CommandResult, PastEffect, Question, Step, StepGit
from state.errors import BadAnswer, StepFailed, Waiting
from state.event_types import EffectDone, EffectIntended, Event, RollbackStarted, Worked
from state.files import Disk, digest_of, sha256
from state.json_values import format_time
from state.line_endings import as_approved
from state.model import Plan, PlannedTask
from state.outside_file import read_outside
from state.run_state import RunState
from workflow.doors.aws.retry import PatientAws
from workflow.doors.masking import mask
from workflow.engine.masked_words import Masker, masked_file, masked_value, require_no_secret
from workflow.engine.step_git import RunGit
from workflow.ports import Clock, Person, StepDoors

T = TypeVar("T")


class Recorder(Protocol):
    """The engine's side of a context: where events go and where the state is."""

    @property
    def run(self) -> RunState: ...

    def record(self, type_: str, *, sync: bool = True, **fields: Any) -> Event: ...


class EngineContext:
    """Implements phases.step.StepContext for one attempt of one task."""

    def __init__(
        self,
        *,
        recorder: Recorder,
        plan: Plan,
        task: PlannedTask,
        step: Step,
        workspace: Path,
        disk: Disk,
        clock: Clock,
        person: Person,
        connect: Callable[[], AwsPort],
        given: Mapping[str, str],
        configured: Mapping[str, str],
        take_defaults: bool,
        events: Sequence[Event] = (),
        doors: StepDoors | None = None,
        masker: Masker = mask,
        patient: bool = False,
    ) -> None:
        run = recorder.run
        state = run.task(task.key)
        self.run_id = run.run_id
        self.task = task
        self.attempt = state.attempt
        self.started_at: datetime = run.start.at
        self.now: datetime = state.started_at or run.start.at
        self.artifacts: dict[str, str] = {}  # path -> SHA-256 of what was written
        self._recorder = recorder
        self._plan = plan
        self._step = step
        self._workspace = workspace
        self._disk = disk
        self._clock = clock
        self._person = person
        self._connect = connect
        self._given = given
        self._configured = configured
        self._take_defaults = take_defaults
        self._events = events
        self._doors = doors
        self._masker = masker
        self._patient = patient
        self._aws: AwsPort | None = None

    @property
    def aws(self) -> AwsPort:
        if self._aws is None:
            self._aws = PatientAws(self._connect(), self._clock, self._person)
        return self._aws

    def read(self, path: str) -> bytes:
        try:
            data = read_outside(self._workspace / path, "file", limit=None, name=path)
        except FileNotFoundError as error:
            raise StepFailed(
                f"task {self.task.label} needs {path}, which is not there",
                next_command=f"git -P log --oneline -- {path}",
            ) from error
        approved = self._approved().get(path)
        return data if approved is None else as_approved(data, approved) or data

    def _approved(self) -> dict[str, str]:
        """Path -> SHA-256 of what earlier tasks left: git may have given those files other line ends here."""
        states = [self._recorder.run.task(task.key) for task in self._plan.tasks]
        left = [state.worked for state in states if state.status == "done" and state.worked is not None]
        return {artifact.path: artifact.sha256 for worked in left for artifact in worked.artifacts}

    def exists(self, path: str) -> bool:
        file = self._workspace / path  # a FIFO or a link that leads nowhere is refused by `read`, not passed over
        return file.is_file() or (not file.is_dir() and (file.exists() or file.is_symlink()))

    def write(self, path: str, content: str | bytes) -> None:
        if path not in self._step.writes:
            raise ValueError(f"step {self._step.name} writes {path}, which its declaration does not name")
        data = masked_file(path, content, self._masker).encode() if isinstance(content, str) else content
        self._disk.write_atomic(self._workspace / path, data)
        self.artifacts[path] = sha256(data)

    def take_in(self, path: str) -> None:
        """Make a file that a person left, or its removal, part of the evidence."""
        self.artifacts[path] = digest_of(self._workspace / path)

    def ask(self, question: Question) -> str:
        state = self._recorder.run.task(self.task.key)
        if question.name in state.answers:
            return state.answers[question.name]
        answer, via = self._answer(question)
        problem = question.problem_with(answer)
        if question.choices and answer not in question.choices:
            problem = f"expected one of {', '.join(question.choices)}"
        if problem:
            raise BadAnswer(
                f"answer to {question.name} refused: {self._masker(answer)!r}: {problem}",
                next_command=f"phasegate resume {self.run_id} --answers FILE   # with a better {question.name}",
            )
        require_no_secret(question.name, answer, self._masker, self.run_id, choices=question.choices)
        self._recorder.record("answered", question=question.name, answer=answer, via=via)
        return answer

    def _answer(self, question: Question) -> tuple[str, str]:
        if question.name in self._given:
            return self._given[question.name], "answers-file"
        if question.name in self._configured:
            return self._configured[question.name], "phasegate.yaml"
        if self._take_defaults and question.default is not None:
            return question.default, "default"
        # after a reject, what was said before is offered again
        suggestion = self._recorder.run.answers.get(question.name, question.default) if question.suggest else None
        answered = self._person.ask(question, suggestion)
        if answered is None:
            hint = f"  # one of {', '.join(question.choices)}" if question.choices else ""
            raise Waiting(
                f"task {self.task.label} asks: {question.text}",
                next_command=(
                    f"echo '{question.name}: {suggestion or '...'}' >> answers.yaml{hint}\n"
                    f"      phasegate resume {self.run_id} --answers answers.yaml"
                ),
            )
        return answered

    def effect(
        self,
        name: str,
        intent: Mapping[str, Any],
        act: Callable[[], dict[str, Any]],
        find: Callable[[], dict[str, Any] | None],
        kind: type = dict,
    ) -> dict[str, Any]:
        known = self._recorder.run.task(self.task.key).effects
        if name in known:
            result = known[name][1]
            if result is not None:
                return dict(self._as_recorded(result, kind, self._effect_done(name), "result"))
            found = find()
        else:
            self._recorder.record("effect-intended", effect=name, intent=dict(intent))
            found = None
        done = act() if found is None else found
        recorded = self._recorder.record("effect-done", effect=name, result=done)
        assert isinstance(recorded, EffectDone)
        return dict(self._as_recorded(recorded.result, kind, recorded, "result"))

    def _effect_done(self, name: str) -> Event | None:
        """The event that holds the result of this attempt's effect."""
        done = (each for each in reversed(self._events) if isinstance(each, EffectDone))
        here = (self.task.key, self.attempt, name)
        return next((each for each in done if (each.task, each.attempt, each.effect) == here), None)

    def _as_recorded(self, value: Mapping[str, Any], kind: type[T], event: Event | None, field: str) -> T:
        from phases.recorded import as_recorded  # with pydantic: only where something is read back

        return as_recorded(value, kind, place=self._place(event), field=field)

    def _place(self, event: Event | None) -> str:
        """`.phasegate/<run>/journal.jsonl:<line>`"""
        line = event.seq + 1 if event is not None else len(self._events)
        return f".phasegate/{self.run_id}/journal.jsonl:{line}"

    def data(self, task_id: str, kind: type[T]) -> T:
        for task in (*self._plan.tasks, *self._plan.rollback):
            if task.id == task_id:
                worked = self._recorder.run.task(task.key).worked
                if worked is not None:
                    shown = (each for each in reversed(self._events) if isinstance(each, Worked))
                    event = next((each for each in shown if each.task == task.key), None)
                    return self._as_recorded(dict(worked.data), kind, event, "data")
        raise StepFailed(f"task {self.task.label} needs what task {task_id} found out, which this run has not done")

    def history(self) -> Sequence[PastEffect]:
        found: dict[tuple[str, int, str], PastEffect] = {}
        for event in self._events:
            if isinstance(event, RollbackStarted):
                break
            if isinstance(event, EffectIntended | EffectDone):
                place = (event.task, event.attempt, event.effect)
                if isinstance(event, EffectIntended):
                    task = self._plan.task(event.task)
                    named = (task.id, task.title, event.attempt, event.effect)
                    found[place] = PastEffect(*named, event.intent, None, (self._place(event), ""))
                else:
                    places = (found[place].place[0], self._place(event))
                    found[place] = replace(found[place], result=event.result, place=places)
        return list(found.values())

    def answers(self) -> Mapping[str, str]:
        return dict(self._recorder.run.answers)

    def given_by(self, question: str) -> str:
        return self._recorder.run.task(self.task.key).given_by.get(question, "")

    def progress(self, text: str) -> None:
        self._person.progress(self._masker(text))

    def wait(self, seconds: float) -> None:
        self._clock.wait(seconds)

    def wait_until(self, when: datetime, what: str) -> None:
        if self._clock.now() >= when:
            return
        told = f"task {self.task.label} waits until {format_time(when)} for {what}"
        if not self._patient:
            resume = f"phasegate resume {self.run_id}"
            raise Waiting(told, next_command=f"{resume}          # then, or\n      {resume} --wait   # from now on")
        self._person.progress(f"{told}; Ctrl-C pauses")
        self._clock.wait_until(when)

    @property
    def git(self) -> StepGit:
        return RunGit(self._outside.git, self._recorder.run, self._recorder.record, self.effect)

    def run(self, command: str, *, timeout: float = 3600.0, env: Mapping[str, str] | None = None) -> CommandResult:
        commands = self._outside.commands
        self._person.progress(f"$ {commands.mask(command)}")
        return commands.run(
            command,
            directory=self._workspace,
            timeout=timeout,
            extra=env or {},
            show=lambda line: self._person.progress(f"  {line}"),
        )

    def post(self, url: str, body: Mapping[str, Any]) -> int:
        return self._outside.post(url, masked_value(body, self._masker))

    def mask(self, text: str) -> str:
        return self._outside.commands.mask(text)

    @property
    def _outside(self) -> StepDoors:
        assert self._doors is not None, "these doors were made without what steps use (Doors.steps)"
        return self._doors
