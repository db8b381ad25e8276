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
from shlex import quote
from typing import Any, TypeVar, cast

from phases.aws import AwsPort
from phases.step import CommandResult, PastEffect, Question, R, Step, StepGit
from state.errors import BadAnswer, StepFailed, Waiting
from state.event_types import Answered, EffectDone, EffectIntended, Event, RollbackStarted, Worked
from state.files import digest_of, sha256
from state.json_values import format_time
from state.line_endings import as_approved
from state.model import PlannedTask
from state.outside_file import read_outside
from state.task_state import TaskStatus
from workflow.doors.aws.retry import PatientAws
from workflow.engine.answer_line import answer_line
from workflow.engine.masked_words import masked_file, masked_value, require_no_secret
from workflow.engine.open_run import OpenRun
from workflow.engine.step_git import RunGit
from workflow.ports import StepDoors

T = TypeVar("T")


class EngineContext:
    """Implements phases.step.StepContext for one attempt of one task."""

    def __init__(
        self, run: OpenRun, task: PlannedTask, step: Step, *, configured: Mapping[str, str], take_defaults: bool
    ) -> None:
        """`configured`: the answers of phasegate.yaml; `take_defaults`: answer by them rather than ask a person."""
        start, state = run.state.start, run.state.task(task.key)
        self.run_id = run.run_id
        self.task = task
        self.attempt = state.attempt
        self.started_at: datetime = start.at
        self.now: datetime = state.started_at or start.at
        self.artifacts: dict[str, str] = {}  # path -> SHA-256 of what was written
        self._run = run
        self._step = step
        self._workspace = run.workspace
        self._clock = run.doors.clock
        self._person = run.doors.person
        self._given = run.settings.answers
        self._configured = configured
        self._take_defaults = take_defaults
        self._masker = run.doors.mask
        self._aws: AwsPort | None = None

    @property
    def aws(self) -> AwsPort:
        if self._aws is None:
            self._aws = PatientAws(self._run.doors.connect(), self._clock, self._person)
        return self._aws

    def read(self, path: str) -> bytes:
        try:
            data = read_outside(self._workspace / path, "file", limit=None, name=path)
        except FileNotFoundError as error:
            raise StepFailed(
                f"task {self.task.label} needs {path}, which is not there",
                next_command=f"git -P log --oneline -- {quote(path)}",
            ) from error
        approved = self._approved().get(path)
        return data if approved is None else as_approved(data, approved) or data

    def _approved(self) -> dict[str, str]:
        """Path -> SHA-256 of what earlier tasks left: git may have given those files other line ends here."""
        states = [self._run.state.task(task.key) for task in self._run.plan.tasks]
        left = [state.worked for state in states if state.status == TaskStatus.DONE and state.worked is not None]
        return {artifact.path: artifact.sha256 for worked in left for artifact in worked.artifacts}

    def exists(self, path: str) -> bool:
        file = self._workspace / path  # a FIFO or a link that leads nowhere is refused by `read`, not passed over
        return file.is_file() or (not file.is_dir() and (file.exists() or file.is_symlink()))

    def write(self, path: str, content: str | bytes) -> None:
        if path not in self._step.writes:
            raise ValueError(f"step {self._step.name} writes {path}, which its declaration does not name")
        data = masked_file(path, content, self._masker).encode() if isinstance(content, str) else content
        self._run.doors.disk.write_atomic(self._workspace / path, data)
        self.artifacts[path] = sha256(data)

    def take_in(self, path: str) -> None:
        """Make a file that a person left, or its removal, part of the evidence."""
        self.artifacts[path] = digest_of(self._workspace / path)

    def ask(self, question: Question) -> str:
        state = self._run.state.task(self.task.key)
        if question.name in state.answers:
            return self._given_before(question, state.answers[question.name])
        answer, via = self._answer(question)
        if problem := _problem(question, answer):
            raise BadAnswer(
                f"answer to {question.name} refused: {self._masker(answer)!r}: {problem}",
                next_command=f"phasegate resume {self.run_id} --answers FILE   # with a better {question.name}",
            )
        require_no_secret(question.name, answer, self._masker, self.run_id, choices=question.choices)
        self._run.record("answered", question=question.name, answer=answer, via=via)
        return answer

    def _given_before(self, question: Question, answer: str) -> str:
        """The answer in the journal, where the question takes it; else the attempt fails, and the next one asks again.

        It was taken once: the journal was edited since, or what the question depends on is another thing now.
        """
        if problem := _problem(question, answer):
            answers = (each for each in reversed(self._run.journal.events) if isinstance(each, Answered))
            here = (self.task.key, question.name)
            event = next((each for each in answers if (each.task, each.question) == here), None)
            raise StepFailed(
                f"the answer to {question.name} is not taken any more: {self._place(event)}: field `answer`: "
                f"{problem}, seen {self._masker(answer)!r}",
                next_command=f"phasegate resume {self.run_id}   # asks again",
            )
        return answer

    def _answer(self, question: Question) -> tuple[str, str]:
        if question.name in self._given:
            by_command = question.name in self._run.said_by_command and not self._run.state.is_of_0_1
            return self._given[question.name], "command" if by_command else "answers-file"
        if question.name in self._configured:
            return self._configured[question.name], "phasegate.yaml"
        if self._take_defaults and question.default is not None:
            return question.default, "default"
        # after a reject, what was said before is offered again
        suggestion = self._run.state.answers.get(question.name, question.default) if question.suggest else None
        answered = self._person.ask(question, suggestion)
        if answered is None:
            asked, _, more = question.text.partition("\n")
            raise Waiting(
                f"task {self.task.label} asks: {asked}",
                body=more,
                next_command=(
                    f"{answer_line(question.name, suggestion or '...', question.choices)}\n"
                    f"      phasegate resume {self.run_id} --answers answers.yaml"
                ),
            )
        return answered

    def effect(
        self,
        name: str,
        intent: Mapping[str, object],
        act: Callable[[], R],
        find: Callable[[], R | None],
        kind: type = dict,
    ) -> R:
        known = self._run.state.task(self.task.key).effects
        if name in known:
            result = known[name][1]
            if result is not None:
                return cast(R, self._as_recorded(result, kind, self._effect_done(name), "result"))
            found = find()
        else:
            self._run.record("effect-intended", effect=name, intent=dict(intent))
            found = None
        done = act() if found is None else found
        recorded = self._run.record("effect-done", effect=name, result=done)
        assert isinstance(recorded, EffectDone)
        return cast(R, self._as_recorded(recorded.result, kind, recorded, "result"))

    def _effect_done(self, name: str) -> Event | None:
        """The event that holds the result of this attempt's effect."""
        done = (each for each in reversed(self._run.journal.events) if isinstance(each, EffectDone))
        here = (self.task.key, self.attempt, name)
        return next((each for each in done if (each.task, each.attempt, each.effect) == here), None)

    def _as_recorded(self, value: Mapping[str, Any], kind: type[T], event: Event | None, field: str) -> T:
        from phases.recorded import as_recorded  # with pydantic: only where something is read back

        return as_recorded(value, kind, place=self._place(event), field=field)

    def _place(self, event: Event | None) -> str:
        """`.phasegate/<run>/journal.jsonl:<line>`"""
        line = event.seq + 1 if event is not None else len(self._run.journal.events)
        return f".phasegate/{self.run_id}/journal.jsonl:{line}"

    def data(self, task_id: str, kind: type[T]) -> T:
        for task in (*self._run.plan.tasks, *self._run.plan.rollback):
            if task.id == task_id:
                worked = self._run.state.task(task.key).worked
                if worked is not None:
                    shown = (each for each in reversed(self._run.journal.events) if isinstance(each, Worked))
                    event = next((each for each in shown if each.task == task.key), None)
                    return self._as_recorded(dict(worked.data), kind, event, "data")
        raise StepFailed(
            f"task {self.task.label} needs what task {task_id} found out, which this run has not done",
            next_command=f"phasegate log {self.run_id}   # shows what it has done",
        )

    def history(self) -> Sequence[PastEffect]:
        found: dict[tuple[str, int, str], PastEffect] = {}
        for event in self._run.journal.events:
            if isinstance(event, RollbackStarted):
                break
            if isinstance(event, EffectIntended | EffectDone):
                place = (event.task, event.attempt, event.effect)
                if isinstance(event, EffectIntended):
                    task = self._run.plan.task(event.task)
                    named = (task.id, task.title, event.attempt, event.effect)
                    found[place] = PastEffect(*named, event.intent, None, (self._place(event), ""))
                else:
                    places = (found[place].place[0], self._place(event))
                    found[place] = replace(found[place], result=event.result, place=places)
        return list(found.values())

    def answers(self) -> Mapping[str, str]:
        return dict(self._run.state.answers)

    def given_by(self, question: str) -> str:
        return self._run.state.task(self.task.key).given_by.get(question, "")

    def progress(self, text: str) -> None:
        self._person.progress(self._masker(text))

    def wait(self, seconds: float) -> None:
        self._clock.wait(seconds)

    def wait_until(self, when: datetime, what: str) -> None:
        if self._clock.now() >= when:
            return
        told = f"task {self.task.label} waits until {format_time(when)} for {what}"
        if not self._run.settings.wait:
            resume = f"phasegate resume {self.run_id}"
            raise Waiting(told, next_command=f"{resume}          # then, or\n      {resume} --wait   # from now on")
        self._person.progress(f"{told}; Ctrl-C pauses")
        self._clock.wait_until(when)

    @property
    def git(self) -> StepGit:
        return RunGit(self._run, self._outside.git, self.effect)

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
        steps = self._run.doors.steps
        assert steps is not None, "these doors were made without what steps use (Doors.steps)"
        return steps


def context_for(run: OpenRun, task: PlannedTask, step: Step) -> EngineContext:
    """What the current attempt's step is given, or a step that only looks."""
    configured, unasked = run.policies.answers(), run.passes_unasked(task)
    return EngineContext(run, task, step, configured=configured, take_defaults=unasked)


def facts_outside(run: OpenRun, step: Step, context: EngineContext) -> dict[str, str]:
    """The facts outside that an approval of the step rests on, as they are now, and as they may be written."""
    return {name: run.doors.mask(fact) for name, fact in (step.witness(context) if step.witness else {}).items()}


def read_witness(run: OpenRun, task: PlannedTask) -> Mapping[str, str]:
    """As `facts_outside`, for a task that has worked; none of one without a step."""
    step = run.workflow.step_for(task)
    return {} if step is None or step.witness is None else facts_outside(run, step, context_for(run, task, step))


def _problem(question: Question, answer: str) -> str | None:
    """What is wrong with an answer, from whichever source; None where the question takes it."""
    if "\0" in answer:
        return "expected a text without NUL"
    if question.choices and answer not in question.choices:
        return f"expected one of {', '.join(question.choices)}"
    return question.problem_with(answer)
