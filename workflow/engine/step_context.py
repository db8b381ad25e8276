"""What does a running step see? The StepContext that journals every answer and every outside effect.

Rules:
- Nothing is asked twice in one attempt: an answer in the journal is the answer, but for what a clone must not take over
  (`brought_answers.py`).
- An effect's intent is on disk before it happens, its result after; one in doubt is looked up, never just repeated.
- Only paths that the step declared may be written.
- What is written, posted or shown passes the masker (`masked_words.py`); what a command said has passed it before it
  comes here. Nothing of an address that is posted to is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar, cast

from phases.aws import AwsPort
from phases.elsewhere import RunsElsewhere
from phases.manual.box_words import read_word
from phases.manual.scripts import Script, ScriptResult
from phases.step import CommandResult, PastEffect, Question, R, Share, Step, StepGit
from phases.tried_answers import is_placeholder
from state.counted import counted
from state.errors import BadAnswer, StepFailed, Waiting, WentBack
from state.event_types import Answered, EffectDone, EffectIntended, Event, Rejected, RollbackStarted, Worked
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
from workflow.engine.agents import require_persons_answer
from workflow.engine.answer_line import answer_lines
from workflow.engine.ask_again import unused
from workflow.engine.brought_answers import is_anothers, is_asked_again, is_brought, was_begun_elsewhere
from workflow.engine.former_run import taken_again, with_former_answer
from workflow.engine.inputs import unchanged_work
from workflow.engine.judging_files import committed
from workflow.engine.masked_words import masked_file, masked_value, require_no_secret
from workflow.engine.open_run import OpenRun
from workflow.engine.step_git import RunGit
from workflow.ports import StepDoors
from workflow.views.place import place_of

T = TypeVar("T")
ENDED = "looking at what the command did"  # once it has ended
GO_BACK = " (Enter alone: back)"
_SETTLED = ("attested", "not-applicable", "waived")  # words on a box by which the work may go on


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
        self.is_of_0_1 = run.state.is_of_0_1
        self.skipped_unsaid: dict[str, str] = {}  # command's question -> "skip", which is not recorded yet
        self.artifacts: dict[str, str] = {}  # path -> SHA-256 of what was written
        self.judged: dict[str, bytes] | None = None  # path -> what HEAD held of the files that judge; None: not asked
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

    @property
    def tasks(self) -> Sequence[PlannedTask]:
        return self._run.plan.tasks

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

    def ask(self, question: Question, *, again: bool = False) -> str:
        state = self._run.state.task(self.task.key)
        known = state.answers.get(question.name, "")
        again = again or is_asked_again(self._run, question, known)
        anothers = not again and is_anothers(self._run, self.task.key, question, known)
        again = again or (anothers and self._person.at_terminal)
        if question.name in state.answers and not again and not self._is_outdone(question.name):
            self._tell_of_another(question.name, known)
            answer = self._given_before(question, known)
            if anothers:  # whoever runs this process has it run
                self._run.record("answered", question=question.name, answer=answer, via="command")
            return answer
        return self._answered_now(with_former_answer(self._run, question))

    def _answered_now(self, question: Question) -> str:
        """The answer to a question that the journal does not answer: recorded, or refused where it is none."""
        answer, via = self._answered_unasked(question) or self._answered_by_person(question)
        if problem := _problem_with_new(question, answer):
            raise BadAnswer(
                f"answer to {question.name} refused: {self._masker(answer)!r}: {problem}",
                next_command=f"phasegate resume {self.run_id} --answers FILE   # with a better {question.name}",
            )
        require_no_secret(question.name, answer, self._masker, self.run_id, choices=question.choices)
        if question.name in self._run.left_unsaid:
            # recorded with the evidence: nobody said so while the task waits
            self.skipped_unsaid[question.name] = answer
            return answer
        self._run.record("answered", question=question.name, answer=answer, via=via)
        return answer

    def known(self, question: Question) -> str | None:
        here = self._run.state.task(self.task.key).answers
        if self._is_outdone(question.name):
            here = {}
        for answers in (here, self._given, self._configured):
            if question.name in answers:
                return answers[question.name]
        return question.default if self._take_defaults else None

    def given(self, question: str) -> str | None:
        return self._given.get(question)

    def _is_outdone(self, question: str) -> bool:
        """Whether a command that was skipped because nobody named it is named by this `done`."""
        unsaid = self._run.state.task(self.task.key).was_left_unnamed(question)
        return unsaid and question in self._run.said_by_command and self._given[question] == "run"

    def _tell_of_another(self, question: str, answer: str) -> None:
        """Say that an answers file, which has another answer than the journal, does not change it."""
        if question in self._run.left_unsaid or question in self._run.told_unused:
            return
        other = self._given.get(question, answer)
        if other != answer:
            self.progress(unused(self.run_id, question, answer, other))

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

    def _suggestion(self, question: Question) -> str | None:
        before = self._run.state.answers.get(question.name)
        if before is None or question.edits or is_asked_again(self._run, question, before):
            return question.default  # never what somebody else would have run
        return before

    def _answered_unasked(self, question: Question) -> tuple[str, str] | None:
        """The answer to a question that no person has to be asked, and where it comes from."""
        if question.name in self._given:
            require_persons_answer(self._run, self.task, question)
            return self._given[question.name], self._run.given_via(question.name)
        if question.name in self._configured:
            return self._configured[question.name], "phasegate.yaml"
        if self._take_defaults and question.default is not None:
            return question.default, "default"
        again = taken_again(self._run, self.task, question)
        if again is not None and not _problem_with_new(question, again):
            return again, "default"
        return None

    def _answered_by_person(self, question: Question) -> tuple[str, str]:
        # after a reject, what was said before is offered again
        suggestion = self._suggestion(question) if question.suggest else None
        tried = replace(  # a person is asked again
            question,
            text=question.text + (GO_BACK if question.may_go_back else ""),
            problem_with=lambda said: None if _goes_back(question, said) else _problem_with_new(question, said),
            place=place_of(self._run.plan, self._run.state, self.task).line(),
            kept=bool(suggestion) and not question.edits and suggestion == self._run.state.answers.get(question.name),
        )
        answered = self._person.ask(tried, suggestion)
        if answered is None:
            require_persons_answer(self._run, self.task, question)
            asked, _, more = question.text.partition("\n")
            raise Waiting(
                f"task {self.task.label} asks: {asked}",
                body="\n".join(filter(None, (more, question.shown))),
                next_command=(
                    f"{answer_lines([(question.name, suggestion or '', question.choices)])[0]}\n"
                    f"      phasegate resume {self.run_id} --answers answers.yaml"
                ),
            )
        if _goes_back(question, answered[0]):
            raise WentBack
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

    def _effect_done(self, name: str) -> Event | None:
        """The event that holds the result of this attempt's effect."""
        done = (each for each in reversed(self._run.journal.events) if isinstance(each, EffectDone))
        here = (self.task.key, self.attempt, name)
        return next((each for each in done if (each.task, each.attempt, each.effect) == here), None)

    def _as_recorded(self, value: Mapping[str, object], kind: type[T], event: Event | None, field: str) -> T:
        from phases.recorded import as_recorded  # with pydantic: only where something is read back

        return as_recorded(value, kind, place=self._place(event), field=field)

    def _place(self, event: Event | None) -> str:
        """`.phasegate/<run>/journal.jsonl:<line>`, or another file of the journal."""
        seq = event.seq if event is not None else len(self._run.journal.events) - 1
        return self._run.state.place(seq)

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
                    found[place] = PastEffect(*named, event.intent, None, (self._place(event), ""))
                else:
                    places = (found[place].place[0], self._place(event))
                    found[place] = replace(found[place], result=event.result, place=places)
        return list(found.values())

    def answers(self) -> Mapping[str, str]:
        return dict(self._run.state.answers)

    def given_by(self, question: str) -> str:
        return self._run.state.task(self.task.key).given_by.get(question, "")

    def require_answers(self, questions: Sequence[Question]) -> None:
        missing = [each for each in questions if self.known(each) is None]
        if len(missing) < 2 or self._person.at_terminal:
            return
        for each in missing:
            require_persons_answer(self._run, self.task, each)
        known = [(each.name, (each.default or "") if each.suggest else "", each.choices) for each in missing]
        raise Waiting(
            f"task {self.task.label} asks {counted(len(missing), 'question')} that have no answer:",
            body="\n".join(f"  {each.name}: {each.text}" for each in missing),
            next_command="\n      ".join(
                [*answer_lines(known), f"phasegate resume {self.run_id} --answers answers.yaml"]
            ),
        )

    def was_rejected_with(self, question: str) -> bool:
        if self._run.state.is_of_0_1 or not self._person.at_terminal:
            return False
        for event in reversed(self._run.journal.events):
            if isinstance(event, Answered) and event.question == question:
                return event.task == self.task.key and event.attempt in self._rejected_attempts
        return False

    @property
    def _rejected_attempts(self) -> set[int]:
        events = (event for event in self._run.journal.events if isinstance(event, Rejected))
        return {event.attempt for event in events if event.task == self.task.key}

    def is_brought(self, question: str) -> bool:
        return is_brought(self._run, question)

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
        told = f"task {self.task.label} waits until {when:%Y-%m-%d %H:%M:%S} UTC for {what}"
        if not self._run.settings.wait:
            resume = f"phasegate resume {self.run_id}"
            waiting = Waiting(told, next_command=f"{resume}          # then, or\n      {resume} --wait   # from now on")
            waiting.until = format_time(when)
            raise waiting
        self.begins(f"{told}; Ctrl-C pauses")
        self._clock.wait_until(when)

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


def _goes_back(question: Question, answer: str) -> bool:
    """Whether a person who was asked goes back with this."""
    return question.may_go_back and not answer.strip()


def _problem(question: Question, answer: str) -> str | None:
    """What is wrong with an answer, from whichever source; None where the question takes it."""
    if "\0" in answer:
        return "expected a text without NUL"
    if question.choices and answer not in question.choices:
        return f"expected one of {', '.join(question.choices)}"
    return question.problem_with(answer)


def _problem_with_new(question: Question, answer: str) -> str | None:
    """As `_problem`, for an answer that is not kept yet: what only stands for one is refused as well."""
    if not question.choices and is_placeholder(answer):
        return "expected an answer; this only stands for one"
    return _problem(question, answer)
