"""What does a person, a file or an earlier answer say to what a step asks? Each answer is journaled once.

Rules:
- Nothing is asked twice in one attempt: an answer in the journal is the answer, but for what a clone must not take over
  (`brought_answers.py`).
- An answer that is none (a placeholder, a secret, what the question does not take) is refused before it is journaled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from phases.step import Question
from phases.tried_answers import is_placeholder
from state.counted import counted
from state.errors import BadAnswer, StepFailed, Waiting, WentBack
from state.event_types import Answered, Event, Rejected
from state.model import PlannedTask
from state.says_nothing import is_invisible
from workflow.engine.agents import require_persons_answer
from workflow.engine.answer_line import answer_lines
from workflow.engine.ask_again import is_asked_once_more, unused
from workflow.engine.brought_answers import is_anothers, is_asked_again, is_brought
from workflow.engine.former_run import taken_again, with_former_answer
from workflow.engine.masked_words import require_no_secret, secret_in
from workflow.engine.open_run import OpenRun
from workflow.views.place import place_of

GO_BACK = " (Enter alone: back)"


class StepAnswers:
    """The answers to the questions of one attempt of one task."""

    def __init__(self, run: OpenRun, task: PlannedTask, *, configured: Mapping[str, str], take_defaults: bool) -> None:
        """`configured`: the answers of phasegate.yaml; `take_defaults`: answer by them rather than ask a person."""
        self.run_id = run.run_id
        self.task = task
        self.skipped_unsaid: dict[str, str] = {}  # command's question -> "skip", which is not recorded yet
        self._run = run
        self._person = run.doors.person
        self._given = run.settings.answers
        self._configured = configured
        self._take_defaults = take_defaults
        self._masker = run.doors.mask

    @property
    def at_terminal(self) -> bool:
        return self._person.at_terminal

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
        if question.default_alone and question.name not in self._given and not self._person.at_terminal:
            if question.name not in self._run.told_alone:
                self._run.told_alone.add(question.name)
                self._person.progress(self._masker(question.text))
            return question.default or ""
        answer, via = self._answered_unasked(question) or self._answered_by_person(question)
        if problem := problem_with_new(question, answer, unseen=not self._person.at_terminal):
            raise BadAnswer(
                f"answer to {question.name} refused: {self._masker(answer)!r}: {problem}",
                next_command=f"{self._run.resume_with_answers}   # with a better {question.name}",
            )
        require_no_secret(question.name, answer, self._masker, self._run.resume_with_answers, choices=question.choices)
        if question.name in self._run.left_unsaid:
            # recorded with the evidence: nobody said so while the task waits
            self.skipped_unsaid[question.name] = answer
            return answer
        self._run.record("answered", question=question.name, answer=answer, via=via)
        self._run.maybe_unused.pop(question.name, None)
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
        if other == answer:
            return
        if is_asked_once_more(question):
            self._run.maybe_unused[question] = unused(self._run, question, answer, other)
        else:
            self._person.progress(self._masker(unused(self._run, question, answer, other)))

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
        if again is not None and not problem_with_new(question, again, unseen=not self._person.at_terminal):
            return again, "default"
        return None

    def _answered_by_person(self, question: Question) -> tuple[str, str]:
        # after a reject, what was said before is offered again
        suggestion = self._suggestion(question) if question.suggest else None
        tried = replace(  # a person is asked again
            question,
            text=question.text + (GO_BACK if question.may_go_back else ""),
            problem_with=lambda said: None if _goes_back(question, said) else self._problem_typed(question, said),
            place=place_of(self._run.plan, self._run.state, self.task).line(),
            kept=bool(suggestion) and not question.edits and suggestion == self._run.state.answers.get(question.name),
        )
        answered = self._person.ask(tried, suggestion)
        if answered is None:
            require_persons_answer(self._run, self.task, question)
            asked, _, more = question.text.partition("\n")
            file = self._run.settings.file_to_add_to
            raise Waiting(
                f"task {self.task.label} asks: {asked}",
                body="\n".join(filter(None, (more, question.shown, question.beside))),
                next_command=(
                    f"{answer_lines([(question.name, suggestion or '', question.choices)], file=file)[0]}\n"
                    f"      {self._run.resume_with_answers}"
                ),
            )
        if _goes_back(question, answered[0]):
            raise WentBack
        return answered

    def _problem_typed(self, question: Question, answer: str) -> str | None:
        """What is wrong with what a person typed: whatever would be refused is asked again at the prompt."""
        return problem_with_new(question, answer) or (
            secret_in(question.name, answer, self._masker, choices=question.choices) or None
        )

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
                [*answer_lines(known, file=self._run.settings.file_to_add_to), self._run.resume_with_answers]
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

    def _place(self, event: Event | None) -> str:
        """`.phasegate/<run>/journal.jsonl:<line>`, or another file of the journal."""
        seq = event.seq if event is not None else len(self._run.journal.events) - 1
        return self._run.state.place(seq)


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


def problem_with_new(question: Question, answer: str, *, unseen: bool = False) -> str | None:
    """As `_problem`, for an answer that is not kept yet: what only stands for one is refused as well.

    `unseen`: nobody at a terminal sees it in its place before it is used.
    """
    if is_invisible(answer):
        return f"expected words, seen nothing ({answer[:20]!a})"
    if not question.choices and is_placeholder(answer):
        return "expected an answer; this only stands for one"
    return _problem(question, answer) or (question.problem_unseen(answer) if unseen else None)
