"""What must a person still say before work that `done` hands in can be looked at? All of it is told at once.

Rules:
- Told are the questions that are sure to come: the profile; files that changed; boxes and exit criteria that nothing
  looks at; fields; what the tests, the commands that are run and the checks are to be filled in with. What depends on
  how a command or a check ends is asked when it has ended.
- An answer of this order that its question does not take is refused with them, at a terminal, too.
- Answered is what this order says, what its answers file or phasegate.yaml say, and what was said in this attempt.
- Nothing is recorded before all of it is answered, and none refused.
- What is a person's to answer stays open whatever an agent says of it, and says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote
from typing import TYPE_CHECKING, NamedTuple

from phases.checks.answered import answering, criteria_in_boxes, criterion_id, named_by, names_of_item
from phases.checks.applying import applying, without_boxes
from phases.checks.exit_criteria import criterion_question, question_names
from phases.checks.profiles import PROFILE, Profile, chosen, left_out, profile_question
from phases.manual.blanks import blank_question, blanks, nameless, stands_in_text
from phases.manual.boxes import unlooked
from phases.manual.hand_work import NONE, TESTS, may_run, placeholder_questions
from phases.manual.script_questions import question_name
from phases.manual.stops import is_to_confirm, stop_question
from phases.step import Question
from state.counted import counted
from state.errors import BadInput, Waiting
from state.model import PlannedTask
from state.path_word import path_word
from state.printable import as_name, printable_line
from state.task_boxes import box_question, boxes_of, own_commands
from state.task_state import TO_BEGIN, TaskStatus
from workflow.engine.agents import NO_AGENTS, is_persons
from workflow.engine.answer_line import answer_lines, better_line
from workflow.engine.brought_answers import is_asked_again, is_brought
from workflow.engine.field_answers import questions_of
from workflow.engine.handed_files import FEW, HandedFiles
from workflow.engine.looked_at_boxes import lines_signed_off
from workflow.engine.masked_words import secret_in
from workflow.engine.open_run import OpenRun
from workflow.engine.step_answers import problem_with_new
from workflow.ports import ANSWERS_FILE, HandIn
from workflow.runs.checks_beside import checks_in
from workflow.service.looked_in_vain import is_to_run
from workflow.views.box_view import BoxWord
from workflow.views.boxes import answered_otherwise, listed_boxes
from workflow.views.who_may import approves_after

if TYPE_CHECKING:
    from phases.checks.definition import Checks

REMARK = "   #"


@dataclass(frozen=True, slots=True)
class Order:
    """What `done` says of the task that a run stands at.

    Attributes:
        given: the files.
        words: on boxes.
        answers: to questions, by its options and its answers file.
        options: as they were typed, each with a blank behind it, for the command that is printed.
        answers_file: path of the answers file as it was typed, or "".
    """

    given: HandIn
    words: Sequence[BoxWord]
    answers: Mapping[str, str]
    options: str
    answers_file: str


@dataclass(frozen=True, slots=True)
class StillOpen:
    """What has no answer.

    Attributes:
        files: that changed, and nobody said whether they belong to the task.
        boxes, criteria: their numbers, from 1.
        questions: what only an answers file can answer.
        persons: the names of those that no agent may answer, where an agent hands in.
        refused: answers that their questions do not take.
        given: where a person's part comes first, the answers of this order that wait for it, by question.
        approves: who approves it once a person has done that, at a terminal and by a command.
    """

    files: Sequence[str]
    boxes: Sequence[int]
    criteria: Sequence[int]
    questions: Sequence[Question]
    persons: Collection[str] = ()
    refused: Sequence[Refused] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    approves: tuple[str, str] = ("", "")


class Refused(NamedTuple):
    """An answer that its question does not take: the question's name and choices, and what is wrong, masked."""

    name: str
    choices: Sequence[str]
    problem: str


def require_all(run: OpenRun, task: PlannedTask, order: Order, *, asks: bool = False) -> None:
    """Raise when something has no answer, or one that is none, with all of it and the option that answers each.

    `asks`: whether somebody here is asked for what has none.

    BadInput where answers are refused, where boxes are among it, or files; else Waiting. A task that waits for no
    work passes. Raises as `HandedFiles.accept` for files that cannot be handed in.
    """
    if run.state.task(task.key).status not in (TaskStatus.WORKING, *TO_BEGIN):
        return
    if order.given.paths and run.state.task(task.key).status is TaskStatus.WORKING:
        HandedFiles(run).accept(task, order.given, may_come=may_run(task, order.answers))
    found = _Looking(run, task, order).found()
    if asks:
        found = StillOpen((), (), (), (), refused=found.refused)
    if found.boxes or found.criteria or found.questions or found.refused:  # files are refused where they are taken in
        raise _refusal(run.run_id, task, order, found)
    if run.doors.me.is_agent and order.given.paths is None and not (found.files or _was_handed_in(run, task)):
        raise _nothing_said_of_files(
            run.run_id, task, order
        )  # where some changed, these are named as they are taken in


def _was_handed_in(run: OpenRun, task: PlannedTask) -> bool:
    state = run.state.task(task.key)
    return state.status is TaskStatus.WORKING and state.handed_in is not None


def _nothing_said_of_files(run_id: str, task: PlannedTask, order: Order) -> Waiting:
    """That an agent says which files belong to its work, also where none do: nobody sits there who could be asked."""
    return Waiting(
        f"nothing says which files belong to task {task.label}: expected paths, or no_files where it left none",
        next_command=f"phasegate done {quote(run_id)} {order.options}--path FILE{REMARK} --no-files where it left none",
    )


def _refusal(run_id: str, task: PlannedTask, order: Order, found: StillOpen) -> BadInput | Waiting:
    parts = list(_parts(task, order, found))
    told = [count for count, _heading, _lines in parts]
    counts = " and ".join(filter(None, (", ".join(told[:-1]), told[-1]))) + " without an answer" if told else ""
    if found.given:
        parts.append(_given_part(found))
    if found.refused:
        parts.append(_refused_part(found))
        counts = " and ".join(filter(None, (counts, parts[-1][0])))
    kind = BadInput if found.boxes or found.files or found.refused else Waiting
    return kind(
        f"task {task.label} has {counts}:",
        body="\n".join(f"{heading}\n{lines}" for _count, heading, lines in parts),
        next_command=_next(run_id, task, order, found),
    )


def _parts(task: PlannedTask, order: Order, found: StillOpen) -> Iterator[tuple[str, str, str]]:
    """For each kind of what is missing: how many, the option that answers it, and the list, a line each."""
    if found.files:
        lines = "\n".join(f"  {as_name(path)}" for path in found.files)
        yield counted(len(found.files), "changed file"), "files (--path FILE, or --no-files):", lines
    if found.boxes:
        given = {word.number: "answered here" for word in order.words}
        known = {**_answered_otherwise(task, found.boxes), **given}
        count = counted(len(found.boxes), "box", "boxes")
        yield count, "boxes, each by itself (--box N=yes, N=no or N=n/a:REASON):", listed_boxes(boxes_of(task), known)
    if found.criteria:
        texts = ((number, task.exit_criteria[number - 1]) for number in found.criteria)
        lines = "\n".join(printable_line(f"  {number}. {text}") for number, text in texts)
        count = counted(len(found.criteria), "exit criterion", "exit criteria")
        yield count, "exit criteria (--attest N, where it holds):", lines
    if found.questions:
        whose = dict.fromkeys(found.persons, f"; {NO_AGENTS}")
        told = (f"  {each.name}: {each.text}{whose.get(each.name, '')}" for each in found.questions)
        lines = "\n".join(map(printable_line, told))
        yield (
            counted(len(found.questions), "question"),
            f"questions (--answers {as_name(order.answers_file) or 'FILE'}):",
            lines,
        )


def _given_part(found: StillOpen) -> tuple[str, str, str]:
    """The answers that are not kept: nothing is recorded before a person has done their part."""
    lines = "\n".join(printable_line(f"  {name}: {answer}") for name, answer in found.given.items())
    return "", "answered here, and not kept: whoever hands it in answers these, too:", lines


def _refused_part(found: StillOpen) -> tuple[str, str, str]:
    count = f"{counted(len(found.refused), 'answer')} that {'is' if len(found.refused) == 1 else 'are'} none"
    lines = "\n".join(printable_line(f"  {each.name}: {each.problem}") for each in found.refused)
    return count, "answers, refused:", lines


def _next(run_id: str, task: PlannedTask, order: Order, found: StillOpen) -> str:
    """The commands that answer all of it, as far as it can be known how."""
    file = order.answers_file or ANSWERS_FILE
    known = [(each.default or "") if each.suggest else "" for each in found.questions]
    asked = [(each.name, value, each.choices) for each, value in zip(found.questions, known, strict=True)]
    lines = answer_lines([*asked, *((name, answer, ()) for name, answer in found.given.items())], file=file)
    lines += [better_line([(each.name, each.choices) for each in found.refused], file=file)] if found.refused else []
    said = _said_so(found)
    runs = _runs(task, order) if said and found.boxes else ""
    options = f"{order.options}{said}"
    options += f"--answers {path_word(file)} " if (found.questions or found.refused) and not order.answers_file else ""
    remarks = ["where all of it is so"] if said else []
    remarks += [f"{runs} beside it has the commands of boxes run"] if runs else []
    first = []
    if found.persons:  # the order as a whole is for whoever may answer them
        at_terminal, by_command = found.approves
        first = [
            f"phasegate resume {quote(run_id)}{REMARK} a person answers, at a terminal, and does it; {at_terminal}"
        ]
        remarks.append(f"or a person answers in a file, and hands it in; {by_command}")
        lines = [f"{line}{';' if REMARK in line else REMARK} a person" for line in lines]
    remark = f"{REMARK} {'; '.join(remarks)}" if remarks else ""
    return "\n      ".join([*first, *lines, f"phasegate done {quote(run_id)} {options.rstrip()}{remark}"])


def _said_so(found: StillOpen) -> str:
    """The options that say of files, boxes and criteria that they are as they should be, each with a blank behind."""
    options = [f"--path {path_word(path)} " for path in found.files[:FEW]]
    options += [f"--box {number}=yes " for number in found.boxes]
    return "".join([*options, *(f"--attest {number} " for number in found.criteria)])


def _runs(task: PlannedTask, order: Order) -> str:
    """The options that run the commands that stand in boxes, where the order says nothing of any of these."""
    names = {number: question_name(task, number) for box in boxes_of(task) for number in own_commands(task, box)}
    if "--run " in order.options or any(order.answers.get(name, "skip") != "skip" for name in names.values()):
        return ""
    return " ".join(f"--run {number}" for number in names)


def _answered_otherwise(task: PlannedTask, missing: Sequence[int]) -> Mapping[int, str]:
    """What answers the boxes that are not missing, before they are looked at."""
    known = {box.number: answered_otherwise(task, box) for box in boxes_of(task) if box.number not in missing}
    return {number: words or "answered by its check, or before" for number, words in known.items()}


class _Looking:
    """What is asked for a task, and what of it is answered."""

    def __init__(self, run: OpenRun, task: PlannedTask, order: Order) -> None:
        self._run, self._task, self._order = run, task, order
        self._state = run.state.task(task.key)
        self._begun = self._state.status is TaskStatus.WORKING  # a new attempt begins with no answers
        self._said = self._state.answers if self._begun else {}
        self._words = self._state.words if self._begun else {}
        self._given = {**run.policies.answers(), **order.answers}

    def found(self) -> StillOpen:
        """All that has no answer."""
        checks = checks_in(self._run.workspace, self._run.plan.runbook)
        profile = self._profile(checks)
        if profile is not None and profile.leaves_out_task(self._task):
            return StillOpen((), (), (), ())
        files = self._files()
        criteria = self._criteria(applying(checks, profile, self._task) if checks else None)
        questions = list(self._questions(checks, profile))
        persons = [each.name for each in questions if is_persons(self._run, self._task, each)]
        refused = list(self._refused(checks, profile))
        boxes = self._boxes(checks, profile)
        if not persons:
            return StillOpen(files, boxes, criteria, questions, persons, refused)
        policy = self._run.counting.policy(self._task)
        approves = (approves_after(policy), approves_after(policy, at_terminal=False))
        given = dict(self._given_with(checks, profile)) if not refused else {}
        return StillOpen(files, boxes, criteria, questions, persons, refused, given, approves)

    def _given_with(self, checks: Checks | None, profile: Profile | None) -> Iterator[tuple[str, str]]:
        """The answers of this order that are taken, masked: what has a secret is told as it would be refused."""
        for question in self._asked(checks, profile):
            if self._is_given(question) and question.name in self._order.answers:
                yield question.name, self._run.doors.mask(self._order.answers[question.name])

    def _is_answered(self, question: Question) -> bool:
        return self._was_answered(question) or self._is_given(question)

    def _was_answered(self, question: Question) -> bool:
        before = self._said.get(question.name)
        return before is not None and not is_asked_again(self._run, question, before)

    def _profile(self, checks: Checks | None) -> Profile | None:
        answers = {**self._given, **self._run.state.answers}  # the first answer counts
        return chosen(checks.profiles, answers) if checks else None

    def _files(self) -> Sequence[str]:
        if self._order.given.paths is not None or not self._begun or self._state.handed_in is not None:
            return ()  # said, or a task that begins now, and has changed nothing
        return HandedFiles(self._run).changes(self._state)

    def _boxes(self, checks: Checks | None, profile: Profile | None) -> list[int]:
        out = left_out(profile, self._task)
        said = {word.number for word in self._order.words} | self._boxes_said_as_criteria()
        return [
            box.number
            for box in unlooked(self._task, checks.checks if checks else ())
            if box.number not in said
            and box.number not in out
            and box.id not in self._words
            and box_question(self._task, box.number) not in self._given
        ]

    def _boxes_said_as_criteria(self) -> set[int]:
        """The numbers of the boxes whose exit criteria are answered."""
        names = zip(question_names(self._task, self._task.exit_criteria), self._task.exit_criteria, strict=True)
        said = [text for name, text in names if self._is_answered(criterion_question(name, text))]
        ids = {criterion_id(text) for text in said}
        return {box.number for box in boxes_of(self._task) if not ids.isdisjoint(names_of_item(box.number, box.item))}

    def _criteria(self, checks: Checks | None) -> list[int]:
        texts = self._task.exit_criteria
        in_boxes = criteria_in_boxes(self._task)
        looked_at = checks.of(self._task) if checks else ()
        return [
            number
            for number, (name, text) in enumerate(zip(question_names(self._task, texts), texts, strict=True), 1)
            if text not in in_boxes
            and not answering(named_by(text), looked_at)
            and not self._is_answered(criterion_question(name, text))
        ]

    def _questions(self, checks: Checks | None, profile: Profile | None) -> Iterator[Question]:
        """Those that nobody has answered, and that this order does not."""
        yield from (each for each in self._asked(checks, profile) if not self._is_given(each))

    def _asked(self, checks: Checks | None, profile: Profile | None) -> Iterator[Question]:
        """What is sure to be asked, and was not answered before; what this order says counts for nothing here."""
        known = self._run.state.answers
        if checks and checks.profiles and PROFILE not in known:
            yield profile_question(checks.profiles)
        if self._task.kind == "checkpoint" and not self._has_tests():
            yield TESTS
        yield from self._stops()
        yield from (each for each in self._to_fill_in() if each.name not in known)
        if checks:
            out = [word.number for word in self._order.words if word.verdict == "not-applicable"]
            yield from placeholder_questions(self._task, without_boxes(checks, self._task, out), profile, known)
        yield from self._fields(checks)

    def _is_given(self, question: Question) -> bool:
        return question.name in self._given and not is_persons(self._run, self._task, question)

    def _refused(self, checks: Checks | None, profile: Profile | None) -> Iterator[Refused]:
        """The answers of this order that are none; what can be told without the run, `refuse_unasked` has told."""
        for question in self._asked(checks, profile):
            answer = self._order.answers.get(question.name)
            if answer is not None and (problem := self._problem(question, answer)):
                yield Refused(question.name, question.choices, problem)

    def _problem(self, question: Question, answer: str) -> str:
        """What is wrong with an answer, as far as it can be told by now; "" for nothing."""
        mask = self._run.doors.mask
        if problem := problem_with_new(question, answer, unseen=not self._run.doors.person.at_terminal):
            return f"{mask(answer)!r}: {problem}"
        return secret_in(question.name, answer, mask, choices=question.choices)

    def _fields(self, checks: Checks | None) -> Iterator[Question]:
        if any(word.verdict == "fail" for word in self._order.words):
            return  # nobody fills in what is not done
        signed = lines_signed_off(self._task, checks.checks if checks else ())
        asked = (question for _field, question in questions_of(self._run, self._task, signed))
        yield from (each for each in asked if not self._was_answered(each))

    def _has_tests(self) -> bool:
        known = self._run.state.answers.get(TESTS.name, "")
        is_ours = known == NONE or not is_brought(self._run, TESTS.name) or "tests" in self._state.effects
        return known != "" and is_ours

    def _stops(self) -> Iterator[Question]:
        """What the runbook says above commands that are to be run and were not begun, by which it holds them."""
        numbers = [
            number
            for number, command in enumerate(self._task.commands, 1)
            if not (self._begun and f"command-{number}" in self._state.effects)
            and not nameless(command)
            and is_to_run(self._task, number, self._state, self._order.answers)
        ]
        boxes = {box.item.box.line for box in boxes_of(self._task)}  # these are answered as boxes
        held = (stop for stop in self._task.stops if is_to_confirm(self._task, stop, numbers))
        asked = (stop_question(self._task, stop) for stop in held if stop.line not in boxes)
        yield from (each for each in asked if not self._was_answered(each))

    def _to_fill_in(self) -> Iterator[Question]:
        """What is to be filled in in the commands that are to be run, and were not begun; each name once."""
        found: dict[str, Question] = {}
        for number, command in enumerate(self._task.commands, 1):
            begun = self._begun and f"command-{number}" in self._state.effects
            if begun or nameless(command) or not is_to_run(self._task, number, self._state, self._order.answers):
                continue
            for name, written in blanks(command).items():
                if name not in found or stands_in_text(command, name):
                    found[name] = blank_question(self._task, command, name, written)
        yield from found.values()
