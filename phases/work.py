"""What does a task's work come to? Checks, sections to review, data; and the questions that are asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any

from gates.words import APPROVING as APPROVING
from gates.words import DONE_OUTSIDE as DONE_OUTSIDE
from phases.asked import Asked
from state.cheap_classes import dataclass
from state.evidence import By, Verdict


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: what was checked, unique within the task.
        expected, seen: as people would write them.
        verdict: "fail" closes the gate; the others do not, and are shown. "attested": nothing but a person's word
            stands for it, and `seen` says whose and how; like "not-checked", it keeps a policy from opening the gate.
        where: JSON path, `file:line`, ARN or resource, or "".
        answers: ids of the items and criteria that it answers (`phases/checks/answered.py`); not recorded.
        item: id of the one item of the task that it is the verdict on, or "": recorded, and judged by `gates.boxes`.
        why, by: of a person's word on an item: the reason, and whose word it is.
        waits_for: whom it waits for, who is elsewhere: it is looked at again; not recorded.
        rests_on: names of the checks, or ids of the items, that the verdict on an item follows from.
    """

    name: str
    expected: str
    seen: str
    verdict: Verdict
    where: str = ""
    answers: tuple[str, ...] = ()
    item: str = ""
    why: str = ""
    by: By | None = None
    rests_on: tuple[str, ...] = ()
    waits_for: str = ""


def compare(name: str, expected: object, seen: object, *, where: str = "", answers: tuple[str, ...] = ()) -> Check:
    """A check that passes when `seen` equals `expected`; lists and mappings are put as people write them."""
    return Check(name, _in_words(expected), _in_words(seen), "pass" if seen == expected else "fail", where, answers)


def _in_words(value: object) -> str:
    """`a, b` of a list, `a=1, b=2` of a mapping, "none" of an empty one; else as Python puts it."""
    if isinstance(value, Mapping):
        value = [f"{name}={each}" for name, each in value.items()]
    return ", ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else str(value)


def any_failed(checks: Iterable[Check]) -> bool:
    """Whether one of them closes the gate."""
    return any(check.verdict == "fail" for check in checks)


@dataclass(frozen=True, slots=True)
class ReviewSection:
    """A section that is shown to the approver: `body` is Markdown. It is part of what is approved."""

    title: str
    body: str


def approving(does: str) -> ReviewSection:
    """What happens outside as soon as the task is approved, because the next one begins at once.

    `does` goes on behind "Approving this", in one line of plain text: "deploys it: task 3.2 executes ...".
    """
    return ReviewSection(APPROVING, f"{APPROVING} {' '.join(does.split())}")


def done_outside(what: str) -> ReviewSection:
    """What the work itself did outside: with it nobody is spared a look, whatever the work rests on."""
    return ReviewSection(DONE_OUTSIDE, what)


@dataclass(frozen=True, slots=True)
class Work:
    """What a step hands in, beside the artifacts it wrote.

    Attributes:
        checks: the exit checks of the task.
        data: small JSON facts for later steps (`ctx.data("3.1", Configured)["stack_name"]`); part of what is approved.
        review: what the approver is shown, in this order.
    """

    checks: Sequence[Check] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    review: Sequence[ReviewSection] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person can say. Its answer is journaled; a resumed run does not ask again.

    Attributes:
        name: key in an answers file, `[a-z][a-z0-9-]*`, unique within the workflow.
        text: the question as asked.
        default: taken by Enter, and by `--yes` against the sandbox; None when a person must say it.
        choices: allowed answers; () for free text.
        problem_with: returns what is wrong with an answer, or None. It is applied to every source of answers.
        problem_unseen: the same, of an answer that nobody at a terminal sees in its place before it is used.
        suggest: False for what a person must think about: Enter takes nothing then, `--yes` still the default.
        persons: True where no agent may answer, whichever task asks.
        shown: what stands above the question, whole: the script that it is about, say.
        lines: whether the answer may have several lines.
        runs: answers that make a command run, None for all of them: those count only where they were given, so a clone
            is asked again what its journal brought.
        place: where in a run it is asked, in a line; the engine says so.
        edits: whether the default is a text to be edited: it always stands there, and what is typed is put behind it.
        may_go_back: whether an empty answer of a person is none, so that `StepContext.ask` raises WentBack.
        kept: whether what is suggested was answered before in this run: that is said, and typing replaces it; the
            engine says so.
        approves: the one of the choices that approves something: at a terminal its key needs Enter; "" for none.
        default_alone: whether the default stands, unrecorded, where nobody can be asked: that is told once then.
        beside: what an answers file has beside some of the answers, a line: for whom nobody asks.
        stays: whether the answer of the run before is the default of a run with `--again`.
    """

    name: str
    text: str
    default: str | None = None
    choices: tuple[str, ...] = ()
    problem_with: Callable[[str], str | None] = field(default=lambda _answer: None, compare=False)
    suggest: bool = True
    shown: str = ""
    lines: bool = False
    runs: tuple[str, ...] | None = ()
    stays: bool = False
    place: str = ""
    persons: bool = False
    kept: bool = False
    edits: bool = False
    may_go_back: bool = False
    problem_unseen: Callable[[str], str | None] = field(default=lambda _answer: None, compare=False)
    approves: str = ""
    beside: str = ""
    default_alone: bool = False

    def asked(self, *, task: str = "", expects: str = "", when: str = "") -> Asked:
        """As it can be told before the run; its text is the first line."""
        text = self.text.split("\n", 1)[0]
        return Asked(self.name, text, task, self.default, self.choices, expects, when, self.suggest)
