"""How does each box of a task done by hand get its own answer? Asked one by one, each recorded as it is given.

Rules:
- An answer is an event of its own (`answered` with `item`): a process that dies between two leaves the first, and the
  next one asks for what is missing only.
- What answers comes in this order: what `phasegate done` brings, what was said in this attempt, the answers file, a
  rehearsal's yes, the person who sits here.
- A box is answered again by a later word, until the task is approved; every word stays in the journal.
- A yes to a box whose own command or check has not passed ticks nothing: it is refused, from wherever it comes. At a
  terminal such a box is left to whoever approves, unless it gets a no or does not apply.
- A no at a terminal is asked about once all boxes are answered: answered again, gone back from box by box, noted on,
  sent back to work, or paused at; a key that was hit by mistake fails no attempt.
- One word for all boxes is one event for each of them, and each says so.
- In runs of format 1 no box is asked about: one word stood for all of them, and still does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gates.boxes import REHEARSED
from phases.checks.answered import answering, names_of_item
from phases.checks.exit_criteria import BACK, SEND_BACK, unmet_note, unmet_question
from phases.manual.box_words import NO, NOT_APPLICABLE, YES, read_word, said
from phases.manual.boxes import box_checks, boxes_unmet, is_asked, own_checks, that_wait, to_ask
from phases.step import Check, StepContext, any_failed
from state.counted import counted
from state.errors import BadAnswer, Waiting, WentBack
from state.event_types import Answered
from state.evidence import By
from state.model import PlannedTask
from state.task_boxes import TaskBox, box_id, box_question, boxes_of, own_commands
from state.task_events import LEFT_OPEN
from workflow.engine.former_box_words import former_words, words_before_shown
from workflow.engine.looked_at_boxes import is_looked_at, lines_signed_off, not_passed, yes_refused
from workflow.engine.open_run import OpenRun
from workflow.runs.checks_beside import checks_in
from workflow.views.box_view import AllBoxes, BoxesView, BoxNumber, BoxWord, LeftOpen
from workflow.views.boxes import how_to_answer, listed_boxes
from workflow.views.place import place_of

if TYPE_CHECKING:
    from phases.checks.definition import Declared

_TYPED = {"attested": YES, "fail": NO, "not-applicable": NOT_APPLICABLE}
ALL_OF_THEM = "one word for all boxes that were left"


class BoxAnswers:
    """The boxes of a run's tasks by hand.

    Attributes:
        given: what a command says of boxes, and who, until it is recorded.
        left_out: why boxes of the task at hand do not apply in this run, by their number.
    """

    def __init__(self, run: OpenRun) -> None:
        self.given: tuple[Sequence[BoxWord], By | None] = ((), None)
        self._run = run
        self.left_out: Mapping[int, str] = {}

    def are_answered_one_by_one(self, task: PlannedTask) -> bool:
        """Whether this task by hand has boxes that are answered each by itself."""
        return bool(task.items) and not self._run.state.is_of_0_1

    def checks(self, task: PlannedTask, checks: Sequence[Check], ctx: StepContext) -> list[Check]:
        """The verdict on each box, after these checks of the task's were made; asks for what is missing.

        Raises Waiting, with every box that has no answer, when a person is needed and nobody can be asked; BadAnswer
        for an answer of a file that is none.
        """
        if not self.are_answered_one_by_one(task):
            return []
        self._record_rest(task, checks)
        self.ask_for(task, checks, {box.number for box in boxes_of(task)})
        for box in that_wait(task, checks, self._words(task)):
            if box_question(task, box.number) in self._run.settings.answers:
                self._answer_unasked(task, box, checks)
        self._ask_what_then(task, checks, ctx)
        return box_checks(task, checks, self._words(task), self.left_out)

    def said_not_applicable(self, task: PlannedTask) -> set[int]:
        """The numbers of the boxes of which whoever does the work said, with a reason, that they do not apply.

        Before the evidence was shown; an agent's word is none.
        """
        if not self.are_answered_one_by_one(task):
            return set()
        words, given = words_before_shown(self._run, task), self._run.settings.answers
        found = {number for number, word in words.items() if word.verdict == "not-applicable" and not word.by.is_agent}
        if not self._run.doors.me.is_agent:
            names = {box.number: box_question(task, box.number) for box in boxes_of(task) if box.number not in words}
            found |= {number for number, name in names.items() if _does_not_apply(given.get(name, ""))}
        return found

    def that_wait(self, task: PlannedTask, checks: Sequence[Check]) -> Mapping[TaskBox, str]:
        """The boxes that wait for somebody elsewhere, and for whom."""
        return that_wait(task, checks, self._words(task)) if self.are_answered_one_by_one(task) else {}

    def _to_ask(self, task: PlannedTask, checks: Sequence[Check]) -> list[TaskBox]:
        return to_ask(task, checks, self._words(task), self.left_out)

    def open_ones(self, task: PlannedTask, checks: Sequence[Check]) -> list[TaskBox]:
        """The boxes that have no answer after these checks, neither a word nor one that leaves them to who approves."""
        left_open = self._left_open(task)
        return [box for box in self._to_ask(task, checks) if box.number not in left_open]

    def is_denied(self, task: PlannedTask) -> bool:
        """Whether somebody said no to one of the boxes."""
        return any(word.verdict == "fail" for word in self._words(task).values())

    def ask_for(self, task: PlannedTask, checks: Sequence[Check], numbers: Collection[int]) -> None:
        """Ask for those of these boxes that have no answer after these checks. Raises as `checks`."""
        for box in self._to_ask(task, checks):
            if box.number in numbers:
                self._answer_unasked(task, box, checks)
        self._ask(task, checks, numbers)

    def _left_open(self, task: PlannedTask) -> set[int]:
        """The numbers of the boxes that a person left to whoever approves."""
        answers = self._run.state.task(task.key).answers
        return {box.number for box in boxes_of(task) if answers.get(box_question(task, box.number)) == LEFT_OPEN}

    def _kept(self, task: PlannedTask, box: TaskBox) -> Answered | None:
        """What was said of a box in this attempt by an order that was refused, or paused, before it could count."""
        name = box_question(task, box.number)
        answer = self._run.state.task(task.key).answers.get(name, LEFT_OPEN)
        return None if answer == LEFT_OPEN else self._run.state.answered[name]

    def _declared(self) -> Sequence[Declared]:
        """The checks beside the runbook, as a run that is under way has them."""
        found = checks_in(self._run.workspace, self._run.plan.runbook, under_way=True)
        return found.checks if found else ()

    def signed_off(self, task: PlannedTask) -> set[int]:
        """The lines of the boxes that a sign-off answers, so that nobody fills in their fields."""
        return lines_signed_off(task, self._declared())

    def declared_of(self, task: PlannedTask) -> set[int]:
        """The numbers of the boxes that a declared check looks at."""
        declared = self._declared()
        return {each.number for each in boxes_of(task) if answering(names_of_item(each.number, each.item), declared)}

    def record_given(self, task: PlannedTask) -> None:
        """Record what a command says of boxes, before the task's commands run: nothing of it is lost where one fails.

        But for a yes to a box that its own command or check answers: it counts once that has passed.
        """
        if not self.are_answered_one_by_one(task):
            return
        words, by = self.given
        alone = self._looked_at_by_nothing(task) if words else set()
        self.given = ([each for each in words if each.verdict == "attested" and each.number not in alone], by)
        for word in words:
            if word.verdict != "attested" or word.number in alone:
                record_word(self._run, word, "command", by)

    def _looked_at_by_nothing(self, task: PlannedTask) -> set[int]:
        """The numbers of the boxes that no command or check of their own answers."""
        declared = checks_in(self._run.workspace, self._run.plan.runbook, under_way=self._run.state.is_of_0_1)
        return {
            box.number for box in boxes_of(task) if not is_looked_at(task, box, declared.checks if declared else ())
        }

    def hold(self, task: PlannedTask) -> None:
        """Record what is held back as an answer of this attempt: it is the word on its box once that has passed."""
        words, by = self.given
        known = self._run.state.task(task.key)
        for word in words if self.are_answered_one_by_one(task) else ():
            name = box_question(task, word.number)
            if name not in known.answers and box_id(word.number) not in known.words:
                self._run.record("answered", question=name, answer=_typed(word), via="command", by=by)

    def keep_for_later(self, task: PlannedTask) -> None:
        """Hold what is held back, for another process, and tell so."""
        self.hold(task)
        (words, _by), self.given = self.given, ((), None)
        known = self._run.state.task(task.key)
        for word in words if self.are_answered_one_by_one(task) else ():
            if box_id(word.number) not in known.words:
                told = f"--box {word.number}={_typed(word)} is kept: it counts once what looks at that box has passed"
                self._run.doors.person.progress(told)

    def _record_rest(self, task: PlannedTask, checks: Sequence[Check]) -> None:
        """Record what was held back. Raises BadAnswer for a yes to a box that was looked at in vain."""
        self.record_given(task)
        (words, by), self.given = self.given, ((), None)
        if any_failed(checks):
            return  # the attempt fails, and the words of it are not looked at again
        for word in words:
            self._require_passed(task, word.number, checks, f"--box {word.number}=yes")
        for word in words:
            record_word(self._run, word, "command", by)

    def _require_passed(self, task: PlannedTask, number: int, checks: Sequence[Check], said_as: str) -> None:
        box = boxes_of(task)[number - 1]
        if seen := not_passed(own_checks(task, box, checks)):
            raise yes_refused(self._run.run_id, box, said_as, seen)

    def _words(self, task: PlannedTask) -> Mapping[str, Answered]:
        return self._run.state.task(task.key).words

    def _answer_unasked(self, task: PlannedTask, box: TaskBox, checks: Sequence[Check]) -> None:
        """Answer a box by the answers file, or in a rehearsal, where one of the two does."""
        name = box_question(task, box.number)
        if name in self._run.settings.answers:
            answer = self._run.settings.answers[name]
            try:
                verdict, why = read_word(answer)
            except ValueError as error:
                raise BadAnswer(
                    f"answer to {name} refused: {error}",
                    next_command=f"{self._run.resume_with_answers}   # with a better {name}",
                ) from error
            if verdict == "attested":
                self._require_passed(task, box.number, checks, f"{name}: {answer}")
            record_word(self._run, BoxWord(box.number, verdict, why), self._run.given_via(name))
        elif (kept := self._kept(task, box)) is not None:
            verdict, why = read_word(kept.answer)
            if verdict != "attested" or not not_passed(own_checks(task, box, checks)):
                record_word(self._run, BoxWord(box.number, verdict, why), kept.via, kept.by)
        elif self._run.rehearses:
            me = self._run.doors.me
            record_word(self._run, BoxWord(box.number, "attested"), "default", replace(me, git=REHEARSED))

    def _ask_what_then(self, task: PlannedTask, checks: Sequence[Check], ctx: StepContext) -> None:
        """Ask what becomes of the task while a person here says no to boxes. Raises Waiting for a pause."""
        while unmet := self._unmet(task, checks):
            told = f"{task.in_words}: no to {', '.join(f'{box.id} ({box.text})' for box in unmet)}"
            last = self._answered_last(task)
            match said := ctx.ask(unmet_question(boxes_unmet(task), told, one_back=last.id), again=True):
                case "again":
                    self._ask_again(task, checks, unmet)
                case _ if said == BACK:
                    self._ask_again(task, checks, [last])
                case "note":
                    with suppress(WentBack):  # what becomes of them is asked again
                        ctx.ask(unmet_note(boxes_unmet(task)), again=True)
                case _ if said == SEND_BACK:
                    return
                case _:
                    again = f"phasegate resume {self._run.run_id}   # asks again what becomes of that"
                    raise Waiting(f"paused: {told}", next_command=again)

    def _answered_last(self, task: PlannedTask) -> TaskBox:
        """The box that somebody answered last: from there one goes back, box by box."""
        said = {box: self._words(task).get(box.id) for box in boxes_of(task)}
        left = {
            box: self._run.state.answered[box_question(task, box.number)]
            for box in boxes_of(task)
            if box.number in self._left_open(task)
        }
        seqs = {box: word.seq for box, word in {**said, **left}.items() if word is not None}
        return max(seqs, key=lambda box: seqs[box])

    def _ask_again(self, task: PlannedTask, checks: Sequence[Check], boxes: Sequence[TaskBox]) -> None:
        """Ask once more about these boxes, and about those that have no answer."""
        self._ask(task, checks, [box.number for box in boxes_of(task)], again=[box.number for box in boxes])

    def _unmet(self, task: PlannedTask, checks: Sequence[Check]) -> list[TaskBox]:
        """The boxes to which somebody said no at a terminal, where a person sits here and no check has failed."""
        if self._nobody_can_be_asked or any_failed(checks):
            return []
        words = self._words(task)
        boxes = [box for box in boxes_of(task) if box.id in words]
        return [box for box in boxes if (words[box.id].verdict, words[box.id].via) == ("fail", "prompt")]

    def _ask(self, task: PlannedTask, checks: Sequence[Check], of: Collection[int], again: Sequence[int] = ()) -> None:
        """Ask whoever sits here for each of these boxes that has no answer, one by one; and `again` for these."""
        number, once_more = 0, list(again)
        while left := [*once_more, *(box.number for box in self.open_ones(task, checks) if box.number in of)]:
            view = self._view(task, checks, number or left[0], left)
            number = 0
            match self._run.doors.person.boxes(view):
                case BoxWord() | LeftOpen() | AllBoxes() as answer:
                    answered = self._record(task, checks, answer, left)
                    once_more = [each for each in once_more if each not in answered]
                case BoxNumber(number):
                    pass
                case None if self._is_for_approvers(task, left, checks):
                    return
                case _:
                    raise self._waits(view)

    def _record(
        self, task: PlannedTask, checks: Sequence[Check], answer: BoxWord | LeftOpen | AllBoxes, left: Sequence[int]
    ) -> Collection[int]:
        """Record what a person says while these boxes are left; returns the numbers of those that it answers."""
        match answer:
            case BoxWord(number):
                if answer.verdict == "attested":
                    self._require_passed(task, number, checks, f"yes to box {number}")
                record_word(self._run, answer, "prompt")
                return [number]
            case LeftOpen(number):
                self._run.record("answered", question=box_question(task, number), answer=LEFT_OPEN, via="prompt")
                return [number]
            case AllBoxes():
                for each in left:
                    record_word(self._run, BoxWord(each, "attested", ALL_OF_THEM), "prompt")
                return left

    def _is_for_approvers(self, task: PlannedTask, left: Sequence[int], checks: Sequence[Check]) -> bool:
        """Whether nobody sits here, and all these boxes were looked at, in vain: whoever approves is asked then."""
        boxes = boxes_of(task)
        return self._nobody_can_be_asked and all(own_checks(task, boxes[each - 1], checks) for each in left)

    @property
    def _nobody_can_be_asked(self) -> bool:
        return not self._run.doors.person.at_terminal

    def _view(self, task: PlannedTask, checks: Sequence[Check], number: int, left: Sequence[int]) -> BoxesView:
        boxes = boxes_of(task)
        words = self._words(task)
        own = {box.number: own_checks(task, box, checks) for box in boxes}
        known: dict[int, str] = {}
        in_vain: dict[int, str] = {}
        for box in boxes:
            if seen := not_passed(own[box.number]):
                in_vain[box.number] = seen
            if (answer := self._known(box, own[box.number], words.get(box.id))) is not None:
                known[box.number] = answer
        left_open = self._left_open(task)
        known |= {number: LEFT_OPEN for number in left_open if boxes[number - 1].id not in words}
        answered = [box.number for box in boxes if box.id in words or box.number in left_open]
        at_once = not any(own_commands(task, box) or own[box.number] for box in boxes)
        place = place_of(self._run.plan, self._run.state, task).line()
        looked_at = [box.number for box in boxes if own_commands(task, box) or own[box.number]]
        former = {at: word for at, word in former_words(self._run, task).items() if at not in looked_at}
        return BoxesView(self._run.run_id, task, boxes, number, known, left, answered, at_once, in_vain, place, former)

    def _known(self, box: TaskBox, own: Sequence[Check], word: Answered | None) -> str | None:
        """What is known of a box, in words; None where somebody is still asked. `own`: the checks that answer it."""
        if word is not None:
            return said(word)
        if box.number in self.left_out:
            return self.left_out[box.number]
        if waits := [each.waits_for for each in own if each.waits_for]:
            return f"waits for {'; '.join(waits)}"
        if is_asked(box, own):
            return None
        return "; ".join(f"{each.name}: {each.seen}" for each in own) or "follows from those below it"

    def _waits(self, view: BoxesView) -> Waiting:
        run_id = view.run_id
        return Waiting(
            f"task {view.task.label} has {counted(len(view.left), 'box', 'boxes')} without an answer, and each is "
            "answered by itself:",
            body=listed_boxes(view.boxes, view.said),
            next_command=f"{how_to_answer(run_id, view.left)}\n      phasegate resume {run_id}   # or in a terminal, "
            "which asks",
        )


def _typed(word: BoxWord) -> str:
    """A word on a box as `--box N=` takes it."""
    return _TYPED[word.verdict] + (f":{word.why}" if word.why else "")


def _does_not_apply(answer: str) -> bool:
    """Whether an answers file says so; what is no word at all is refused later."""
    try:
        return read_word(answer)[0] == "not-applicable"
    except ValueError:
        return False


def record_word(run: OpenRun, word: BoxWord, via: str, by: By | None = None) -> None:
    """Record one word on a box of the current task."""
    why: dict[str, Any] = {"why": word.why} if word.why else {}
    run.record("answered", item=box_id(word.number), verdict=word.verdict, **why, via=via, by=by)
