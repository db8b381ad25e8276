"""Is a task done as its runbook says? Its checks are looked at, and a person attests what no check answers.

    looked = look_at_exit(ctx.task, checks, ctx)
    ctx.write("artifacts/phase-3/exit-checks.md", looked.markdown)
    return Work(checks=looked.checks)

Rules:
- An exit criterion is answered by the checks that name it (or that it names, by id in `code`); one without a check by
  a person, who says yes or no; a no is an unmet criterion: at a terminal it is asked again, noted on, sent back or
  paused at, elsewhere it fails. Nobody is asked before every check was looked at and none failed.
- One that is written as a box is asked about as a box, once; where it was answered as a criterion (`done --attest`, an
  answers file) that answers the box.
- Checks that name the task and no criterion belong to it as a whole, and come last.
- A person's word is never a check: its verdict is "attested", with who said so and how.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from gates.judged import checks_beside
from phases.checks.answered import answering, criterion_id, named_by
from phases.checks.api_model import ApiModels, ModelsOnDemand
from phases.checks.evidence import Criterion, evidence_json, evidence_markdown
from phases.step import Check, Question, StepContext
from state.cheap_classes import dataclass
from state.errors import Waiting, WentBack
from state.model import Plan, PlannedTask
from state.says_nothing import says_nothing

if TYPE_CHECKING:  # a task without checks loads none of it
    from phases.checks.definition import Checks, Declared
    from phases.checks.evaluate import Outcome
    from phases.checks.read_once import ReadOnce

ATTESTED = "attested by a person"
PAUSE = "pause"
SEND_BACK = "send back"  # to work
BACK = "back"  # one box
_READ: dict[tuple[bytes, str, bool], Checks] = {}  # the file read last: each task of a run looks at the same bytes
UNMET = "-unmet"  # ends the name of the question what becomes of a task then
UNMET_NOTE = "-unmet-note"  # ends the name of the remark on what is not met


@dataclass(frozen=True, slots=True)
class ExitEvidence:
    """What a step needs of its exit criteria.

    Attributes:
        checks: for `Work.checks`, in the order of the criteria, each once.
        markdown, json: the same with requests and answers, to be written as artifacts.
    """

    checks: tuple[Check, ...]
    markdown: str
    json: str


def find_checks(
    runbook: str,
    read: Callable[[str], bytes | None],
    models: Callable[[], ApiModels],
    *,
    under_way: bool = False,
    plan: Callable[[], Plan] | None = None,
) -> Checks | None:
    """The checks beside a runbook, None when it has none.

    Args:
        runbook: its path in the workspace.
        read: the bytes of a file of the workspace, None when it is not there.
        models: gives AWS's models, asked for only where there is a file; `lambda: ctx.aws.models` in a step.
        under_way, plan: as `read_checks`; the plan is made only where there is a file.

    Raises BadInput with every problem, each at file:line:column.
    """
    for path in checks_beside(runbook):
        data = read(path)
        if data is not None:
            known = (data, path, under_way)
            if known not in _READ or plan is not None:
                from phases.checks.reader import read_checks  # pydantic and YAML, only where there is something to read

                held_against = plan() if plan is not None else None
                found = read_checks(data, path, ModelsOnDemand(models), under_way=under_way, plan=held_against)
                _READ.clear()
                _READ[known] = found
            return _READ[known]
    return None


def look_at_exit(
    task: PlannedTask,
    checks: Checks | None,
    ctx: StepContext,
    *,
    variables: Mapping[str, str] | None = None,
    criteria: Sequence[str] | None = None,
    in_boxes: Collection[str] = (),
    not_applicable: Collection[int] = (),
    before_asking: Callable[[Sequence[Check]], None] | None = None,
) -> ExitEvidence:
    """Look at the checks of a task and have the rest of its exit criteria attested.

    Args:
        checks: of the runbook, placeholders not yet filled; None when there is no checks file.
        variables: what placeholders become; the run's answers when left out.
        criteria: what must hold; the task's exit criteria when left out (a checklist gives its items).
        in_boxes: those of them about which nobody is asked here, because their boxes are answered.
        not_applicable: the numbers of the boxes that do not apply: checks that answer nothing else are not looked at.
        before_asking: called with what the checks came to, before anybody is asked about a criterion.

    Raises BadInput when a placeholder has no value (before anything is called), Waiting when a person is needed and
    nobody answers, and what `evaluate` raises.
    """
    wanted = task.exit_criteria if criteria is None else tuple(criteria)
    _warn(checks, ctx)
    outcomes = _outcomes(task, checks, wanted, ctx, ctx.answers() if variables is None else variables, not_applicable)
    if before_asking is not None:
        before_asking(Criterion("", tuple(outcomes)).checks)
    judged = _judged(task, wanted, outcomes, ctx, in_boxes)
    rest = tuple(outcome for outcome in outcomes if not any(outcome in each.outcomes for each in judged))
    everything, at = (
        [*judged, Criterion("", rest)],
        ctx.clock.replace(microsecond=0),
    )  # it may have been waited for long
    return ExitEvidence(
        checks=_once(check for each in everything for check in each.checks),
        markdown=evidence_markdown(task, at, checks, everything),
        json=evidence_json(task, at, checks, everything),
    )


def _warn(checks: Checks | None, ctx: StepContext) -> None:
    for doubt in checks.doubts if checks else ():
        ctx.progress(f"  warning: {doubt.where}: {doubt.message}")


def _outcome(check: Declared, task: PlannedTask, ctx: StepContext, aws: ReadOnce | None) -> Outcome:
    from phases.checks.definition import DeclaredCheck
    from phases.checks.evaluate import evaluate
    from phases.checks.local.step_here import StepHere

    return evaluate(
        check,
        aws if isinstance(check, DeclaredCheck) else None,
        here=StepHere(ctx, task, check.id),
        wait=ctx.wait,
        progress=ctx.progress,
        mask_text=ctx.mask,
        takes_silence=ctx.is_of_0_1,
    )


def _outcomes(
    task: PlannedTask,
    checks: Checks | None,
    criteria: Sequence[str],
    ctx: StepContext,
    variables: Mapping[str, str],
    not_applicable: Collection[int],
) -> list[Outcome]:
    """What came of the checks that belong to the task or answer one of the criteria, in the file's order."""
    if checks is None:
        return []
    from phases.checks.applying import without_boxes
    from phases.checks.ask_all import ask_all

    ids = [each for criterion in criteria for each in named_by(criterion)]
    mine = [check for check in checks.checks if check.belongs_to(task) or answering(ids, (check,))]
    looked_at = without_boxes(checks.only(mine), task, not_applicable).checks

    def ask(check: Declared, aws: ReadOnce | None) -> Outcome:
        return _outcome(check, task, ctx, aws)

    found = {each.check.id: each for each in ask_all(checks, looked_at, variables, lambda: ctx.aws, ask)}
    return [found.get(check.id) or _not_looked_at(check) for check in mine]


def _not_looked_at(check: Declared) -> Outcome:
    from phases.checks.evaluate import Outcome

    return Outcome(check, "not checked", "", "not looked at: what it answers does not apply", check.to_json())


def _judged(
    task: PlannedTask,
    criteria: Sequence[str],
    outcomes: Sequence[Outcome],
    ctx: StepContext,
    in_boxes: Collection[str],
) -> list[Criterion]:
    """Each criterion with the outcomes that answer it, or with a person's word."""
    failed = any(outcome.verdict == "fail" for outcome in outcomes)
    judged = []
    for text, name in zip(criteria, question_names(task, criteria), strict=True):
        answered = tuple(answering(named_by(text), outcomes))
        left = answered or (text in in_boxes and not _is_said(ctx, text, name))
        attested = None if left else _attested(ctx, text, "" if failed else name)
        judged.append(Criterion(text, answered, attested))
        unmet = attested is not None and attested.verdict == "fail"
        failed = failed or (unmet and ctx.answers().get(f"{name}-unmet") == SEND_BACK)  # at once, without the others
    return judged


def _is_said(ctx: StepContext, criterion: str, name: str) -> bool:
    """Whether this criterion has an answer of its own; what a rehearsal takes by default is none."""
    return ctx.known(replace(criterion_question(name, criterion), default=None)) is not None


def _attested(ctx: StepContext, criterion: str, name: str) -> Check:
    """A person's word on a criterion; without a question's name nobody is asked."""
    answers = (criterion_id(criterion),)
    if not name:
        return Check(criterion, ATTESTED, "not asked, because a check failed", "not-checked", answers=answers)
    answer = _answer(ctx, criterion_question(name, criterion), criterion)
    who = ctx.given_by(name)
    return Check(
        criterion, ATTESTED, f"{answer}, says {who}", "attested" if answer == "yes" else "fail", answers=answers
    )


def _answer(ctx: StepContext, question: Question, criterion: str) -> str:
    """`yes`, or a `no` with which the task goes back to work; a no at a terminal is asked about, as a failure is.

    Raises Waiting for a pause.
    """
    what_then = unmet_question(question.name, f'{ctx.task.in_words}: not met: "{criterion}"')
    paused = ctx.given_by(what_then.name) != "" and ctx.answers().get(what_then.name) == PAUSE
    answer = ctx.ask(question, again=paused)  # what was paused for may be fixed by now
    while answer == "no" and ctx.given_by(question.name).endswith("(prompt)"):
        match said := ctx.ask(what_then, again=True):
            case "again":
                answer = ctx.ask(question, again=True)
            case "note":
                with suppress(WentBack):  # what becomes of it is asked again
                    ctx.ask(unmet_note(question.name), again=True)
            case _ if said == SEND_BACK:
                break
            case _:
                raise Waiting(
                    f'paused: not met: "{criterion}"',
                    next_command=f"phasegate resume {ctx.run_id}   # asks again whether it is met",
                )
    return answer


def unmet_question(name: str, told: str = "It is not met", *, one_back: str = "") -> Question:
    """What becomes of a task where a person said that this is not met.

    Args:
        name: its question's.
        told: what is not met.
        one_back: what was answered last and can be answered otherwise first (`box 6`); "" where nothing can.
    """
    back = f"go back to {one_back}, " if one_back else ""
    return Question(
        f"{name}-unmet",
        f"{told}. Ask again (it is fixed now), {back}keep a note on it, send the task back to work (everything is "
        "asked again then), or pause?",
        choices=("again", *((BACK,) if one_back else ()), "note", SEND_BACK, PAUSE),
        suggest=False,
    )


def unmet_note(name: str) -> Question:
    """A remark on a criterion that is not met; it is kept with the answers of the task."""
    return Question(
        f"{name}-unmet-note",
        "What is not met? It is kept with the task's answers.",
        problem_with=lambda said: "expected words, seen nothing" if says_nothing(said) else None,
        may_go_back=True,
    )


def criterion_question(name: str, criterion: str) -> Question:
    """Whether an exit criterion is met that no check answers."""
    return Question(
        name,
        f'No check answers this exit criterion. Is it met: "{criterion}"?',
        default="yes",
        choices=("yes", "no"),
        suggest=False,
    )


def question_names(task: PlannedTask, criteria: Sequence[str]) -> list[str]:
    """A name for each criterion's question, unique and the same whenever this plan is read."""
    names: list[str] = []
    for number, criterion in enumerate(criteria, 1):
        words = re.sub(r"[^a-z0-9]+", "-", criterion.lower()).strip("-")[:60].strip("-")
        name = f"{task.asked_as}-{words or number}"
        while name in names:
            name += f"-{number}"
        names.append(name)
    return names


def _once(checks: Iterable[Check]) -> tuple[Check, ...]:
    return tuple(dict.fromkeys(checks))
