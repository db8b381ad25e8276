"""What does a running step see? The StepContext that journals every answer (`step_answers.py`) and outside effect.

Rules:
- An effect's intent is on disk before it happens, its result after; one in doubt is looked up, never just repeated.
- Only paths that the step declared may be written.
- What is written, posted or shown passes the masker (`masked_words.py`); what a command said has passed it before it
  comes here. Nothing of an address that is posted to is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from phases.aws import AwsPort
from phases.checks.profiles import PROFILE, chosen, of_other_profiles
from phases.manual.box_words import read_word
from phases.manual.scripts import Script, ScriptResult
from phases.step import CommandResult, PastEffect, R, Share, Step, StepGit
from state.errors import StepFailed, Waiting
from state.event_types import Answered, EffectDone, EffectIntended, Event, RollbackStarted, Worked
from state.evidence import CheckResult, Verdict
from state.files import digest_of, sha256
from state.json_values import format_time
from state.line_endings import as_approved
from state.model import PlannedTask
from state.outside_file import read_outside
from state.path_word import path_word
from state.printable import as_name
from state.task_boxes import box_question, boxes_of
from state.task_state import TaskStatus
from workflow.doors.aws.retry import PatientAws
from workflow.engine.brought_answers import was_begun_elsewhere
from workflow.engine.counting_policy import worked_seq
from workflow.engine.inputs import unchanged_work
from workflow.engine.judging_files import committed
from workflow.engine.masked_words import masked_file, masked_value
from workflow.engine.open_run import OpenRun
from workflow.engine.step_answers import StepAnswers
from workflow.engine.step_git import RunGit
from workflow.ports import StepDoors
from workflow.runs.checks_beside import checks_in

if TYPE_CHECKING:
    from phases.elsewhere import RunsElsewhere

T = TypeVar("T")
ENDED = "looking at what the command did"  # once it has ended
_SETTLED = ("attested", "not-applicable", "waived")  # words on a box by which the work may go on


class EngineContext(StepAnswers):
    """Implements phases.step.StepContext for one attempt of one task."""

    def __init__(
        self, run: OpenRun, task: PlannedTask, step: Step, *, configured: Mapping[str, str], take_defaults: bool
    ) -> None:
        super().__init__(run, task, configured=configured, take_defaults=take_defaults)
        start, state = run.state.start, run.state.task(task.key)
        self.attempt = state.attempt
        self.started_at: datetime = start.at
        self.now: datetime = state.started_at or start.at
        self.is_of_0_1 = run.state.is_of_0_1
        self.artifacts: dict[str, str] = {}  # path -> SHA-256 of what was written
        self.judged: dict[str, bytes] | None = None  # path -> what HEAD held of the files that judge; None: not asked
        self._step = step
        self._workspace = run.workspace
        self._clock = run.doors.clock
        self._aws: AwsPort | None = None

    @property
    def aws(self) -> AwsPort:
        if self._aws is None:
            self._aws = PatientAws(self._run.doors.connect(), self._clock, self._person)
        return self._aws

    @property
    def tasks(self) -> Sequence[PlannedTask]:
        return self._run.plan.tasks

    @property
    def clock(self) -> datetime:
        return self._clock.now()

    def of_other_profiles(self, text: str) -> tuple[str, Sequence[str]]:
        answers = self._run.state.answers
        if self.is_of_0_1 or PROFILE not in answers:
            return "", ()
        declared = checks_in(self._run.workspace, self._run.plan.runbook, under_way=True)
        mine = None if declared is None else chosen(declared.profiles, answers)
        return "" if mine is None else mine.name, of_other_profiles(text, declared.profiles if declared else (), mine)

    @property
    def handed_in_at(self) -> datetime:
        handed_in = self._run.state.task(self.task.key).handed_in
        return handed_in.at if handed_in else self._clock.now()

    def shown(self, path: str) -> bytes | None:
        state = self._run.state.task(self.task.key)
        seq = worked_seq(self._run.journal.events, state) if state.was_shown else None
        event = self._run.journal.events[seq] if seq is not None else None  # a word has taken it from the state
        for each in event.evidence.artifacts if isinstance(event, Worked) else ():
            if each.path == path and digest_of(self._workspace / path) == each.sha256:
                return (self._workspace / path).read_bytes()
        return None

    @property
    def operator(self) -> str:
        handed_in = self._run.state.task(self.task.key).handed_in
        return (handed_in.by if handed_in else self._run.doors.me).git

    def verdicts(self, task: PlannedTask) -> Mapping[str, Verdict]:
        state = self._run.state.task(task.key)
        boxes = [box.id for box in boxes_of(task)]
        if state.adopted:
            return dict.fromkeys(boxes, "attested")
        if state.status != TaskStatus.DONE or state.worked is None:
            return {}
        if state.skipped:
            return dict.fromkeys(boxes, "not-applicable")
        return {check.answers: check.verdict for check in state.worked.checks if check.answers}

    def place(self, path: str) -> str:
        return self._step.place(path)

    def read(self, path: str) -> bytes:
        path = self.place(path)
        try:
            data = read_outside(self._workspace / path, "file", limit=None, name=path)
        except FileNotFoundError as error:
            raise StepFailed(
                f"task {self.task.label} needs {as_name(path)}, which is not there",
                next_command=f"git -P log --oneline -- {path_word(path)}",
            ) from error
        approved = self._approved().get(path)
        return data if approved is None else as_approved(data, approved) or data

    def judging(self, path: str) -> bytes | None:
        if self.is_of_0_1:
            return self.read(path) if self.exists(path) else None
        place = self.place(path)
        data = committed(self._workspace, self._run.doors.git, place)
        self.judged = (self.judged or {}) | ({} if data is None else {place: data})
        return data

    def _approved(self) -> dict[str, str]:
        """Path -> SHA-256 of what earlier tasks left: git may have given those files other line ends here."""
        states = [self._run.state.task(task.key) for task in self._run.plan.tasks]
        left = [state.worked for state in states if state.status == TaskStatus.DONE and state.worked is not None]
        return {artifact.path: artifact.sha256 for worked in left for artifact in worked.artifacts}

    def exists(self, path: str) -> bool:
        file = self._workspace / self.place(
            path
        )  # a FIFO or a link that leads nowhere is refused by `read`, not passed over
        return file.is_file() or (not file.is_dir() and (file.exists() or file.is_symlink()))

    def has_directory(self, path: str) -> bool:
        return (self._workspace / self.place(path)).is_dir()

    def write(self, path: str, content: str | bytes) -> None:
        path = self.place(path)
        if path not in (*self._step.writes, *self._step.mends):
            raise ValueError(f"step {self._step.name} writes {path}, which its declaration does not name")
        data = masked_file(path, content, self._masker).encode() if isinstance(content, str) else content
        self._run.doors.disk.write_atomic(self._workspace / path, data)
        self.artifacts[path] = sha256(data)

    def take_in(self, path: str) -> None:
        """Make a file that a person left, or its removal, part of the evidence."""
        self.artifacts[path] = digest_of(self._workspace / path)

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
        if found is None:
            self._run.guard()
        done = act() if found is None else found
        recorded = self._run.record("effect-done", effect=name, result=done)
        assert isinstance(recorded, EffectDone)
        return cast(R, self._as_recorded(recorded.result, kind, recorded, "result"))

    def is_settled(self, box: str) -> bool:
        said = self._run.state.task(self.task.key).words.get(box)
        if said is not None:
            return said.verdict in _SETTLED
        name = box_question(self.task, int(box.removeprefix("box ")))
        return name in self._given and read_word(self._given[name])[0] in _SETTLED

    def has_begun(self, effect: str) -> bool:
        return effect in self._run.state.task(self.task.key).effects

    def has_ended(self, effect: str) -> bool:
        _intent, result = self._run.state.task(self.task.key).effects.get(effect, (None, None))
        return result is not None

    def was_begun_elsewhere(self, effect: str) -> bool:
        return was_begun_elsewhere(self._run, self.task.key, self.attempt, effect)

    def answers_when(self, effect: str) -> Mapping[str, str]:
        here, found = (self.task.key, self.attempt, effect), dict[str, str]()
        for event in self._run.journal.events:
            if isinstance(event, EffectIntended) and (event.task, event.attempt, event.effect) == here:
                return found
            if isinstance(event, Answered) and event.question:
                found[event.question] = event.answer
        return self.answers()

    def _effect_done(self, name: str) -> Event | None:
        """The event that holds the result of this attempt's effect."""
        done = (each for each in reversed(self._run.journal.events) if isinstance(each, EffectDone))
        here = (self.task.key, self.attempt, name)
        return next((each for each in done if (each.task, each.attempt, each.effect) == here), None)

    def _as_recorded(self, value: Mapping[str, object], kind: type[T], event: Event | None, field: str) -> T:
        from phases.recorded import as_recorded  # with pydantic: only where something is read back

        return as_recorded(value, kind, place=self._place(event), field=field)

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

    def input_digest(self, task_id: str) -> str:
        tasks = [task for task in self._run.plan.tasks if task.id == task_id]
        worked = self._run.state.task(tasks[0].key).worked if tasks else None
        return worked.input_digest if worked is not None else ""

    def unchanged(self, task_id: str, inputs: Mapping[str, object]) -> tuple[str, Sequence[CheckResult]] | None:
        task = next((each for each in self._run.plan.tasks if each.id == task_id), None)
        if task is None or not self._run.state.start.again:
            return None
        return unchanged_work(self._run, task, inputs)

    def history(self) -> Sequence[PastEffect]:
        events = self._run.journal.events
        ends = next((at for at, event in enumerate(events) if isinstance(event, RollbackStarted)), len(events))
        return self._effects_in(islice(events, ends))

    def own_effects(self) -> Sequence[PastEffect]:
        return self._effects_in(event for event in self._run.journal.events if self._is_own(event))

    def _is_own(self, event: Event) -> bool:
        return isinstance(event, EffectIntended | EffectDone) and event.task == self.task.key

    def _effects_in(self, events: Iterable[Event]) -> Sequence[PastEffect]:
        found: dict[tuple[str, int, str], PastEffect] = {}
        for event in events:
            if isinstance(event, EffectIntended | EffectDone):
                place = (event.task, event.attempt, event.effect)
                if isinstance(event, EffectIntended):
                    task = self._run.plan.task(event.task)
                    named = (task.id, task.title, event.attempt, event.effect)
                    found[place] = PastEffect(*named, event.intent, None, (self._place(event), ""), event.task)
                else:
                    places = (found[place].place[0], self._place(event))
                    found[place] = replace(found[place], result=event.result, place=places)
        return list(found.values())

    def progress(self, text: str) -> None:
        self._person.progress(self._masker(text))

    def begins(self, text: str) -> None:
        self.progress(text)
        self.waiting(text.strip().split("\n")[0])

    def waiting(self, text: str, share: Share | None = None) -> None:
        self._person.waiting(self._masker(text), share)

    def wait(self, seconds: float) -> None:
        self._clock.wait(seconds)

    def wait_until(self, when: datetime, what: str) -> None:
        if self._clock.now() >= when:
            return
        self._wait_until(when, f"task {self.task.label} waits until {when:%Y-%m-%d %H:%M:%S} UTC for {what}")

    def _wait_until(self, when: datetime, told: str) -> None:
        """As `wait_until`, with what is told; where `when` is no more than the next look, that does not say it."""
        if not self._run.settings.wait:
            resume = f"phasegate resume {self.run_id}"
            waiting = Waiting(told, next_command=f"{resume}          # then, or\n      {resume} --wait   # from now on")
            waiting.until = format_time(when)
            raise waiting
        self.begins(f"{told}; Ctrl-C pauses")
        self._clock.wait_until(when)

    def look_again(self, seconds: float, what: str, since: datetime | None) -> datetime:
        """Wait so long [s] for somebody elsewhere, then it is looked at again; `since` is what this gave before.

        Said once; a terminal shows what is waited for all the while. Raises Waiting where nobody waits here.
        """
        now = self._clock.now()
        if since is None:
            self._wait_until(now + timedelta(seconds=seconds), f"task {self.task.label} waits for {what}")
            return now
        self.waiting(f"task {self.task.label} waits for {what} since {since:%H:%M:%S} UTC; Ctrl-C pauses")
        self._clock.wait_until(now + timedelta(seconds=seconds))
        return since

    def wait_for(self, seconds: float, what: str) -> None:
        told = f"task {self.task.label} waits for {what}"
        if not self._run.settings.wait:
            resume = f"phasegate resume {self.run_id}"
            raise Waiting(
                told, next_command=f"{resume}          # looks again, or\n      {resume} --wait   # waits here"
            )
        self.begins(f"{told}; Ctrl-C pauses")
        self._clock.wait(seconds)

    @property
    def runs(self) -> RunsElsewhere:
        elsewhere = self._outside.runs
        assert elsewhere is not None, "these doors were made without runs that others begin (StepDoors.runs)"
        return elsewhere(self._run.state.start)

    @property
    def git(self) -> StepGit:
        return RunGit(self._run, self._outside.git, self.effect)

    def run(self, command: str, *, timeout: float = 3600.0, env: Mapping[str, str] | None = None) -> CommandResult:
        commands = self._outside.commands
        self.begins(f"$ {commands.mask(command)}")
        result = commands.run(
            command,
            directory=self._workspace,
            timeout=timeout,
            extra=env or {},
            show=lambda line: self._person.output(f"  {line}"),
        )
        self._person.waiting(ENDED)
        return result

    def run_script(self, script: Script, *, timeout: float = 3600.0) -> ScriptResult:
        result = self._outside.commands.run_script(
            script,
            directory=self._workspace,
            shells=self._shells,
            timeout=timeout,
            show=lambda line: self._person.output(f"  {line}"),
            echo=self.begins,
        )
        self._person.waiting(ENDED)
        return result

    def forget_scripts(self) -> None:
        from shutil import rmtree  # here: few steps keep shells

        rmtree(self._shells, ignore_errors=True)
        with suppress(OSError):  # another task's are in it, or it was never made
            self._shells.parent.rmdir()

    @property
    def _shells(self) -> Path:
        """Beside the clone's other private things, where no commit can bring it and none takes it along."""
        return self._run.doors.git.git_dir() / "phasegate" / "shells" / self.run_id / self.task.key

    def post(self, url: str, body: Mapping[str, object]) -> int:
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
