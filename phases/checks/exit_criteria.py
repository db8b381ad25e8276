"""Is a task done as its runbook says? Its checks are looked at, and a person attests what no check answers.

    looked = look_at_exit(ctx.task, checks, ctx)
    ctx.write("artifacts/phase-3/exit-checks.md", looked.markdown)
    return Work(checks=looked.checks)

Rules:
- An exit criterion is answered by the checks that name it (or that it names, by id in `code`); one without a check by
  a person, who says yes or no; a no fails. Nobody is asked before every check was looked at and none failed.
- Checks that name the task and no criterion belong to it as a whole, and come last.
- A person's word is never a check: its verdict is "attested", with who said so and how.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from phases.checks.answered import answering, criterion_id, named_by
from phases.checks.api_model import ApiModels
from phases.checks.definition import Checks, DeclaredCheck
from phases.checks.evaluate import evaluate
from phases.checks.evidence import Criterion, evidence_json, evidence_markdown
from phases.step import Check, Question, StepContext
from state.model import PlannedTask

ATTESTED = "attested by a person"


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


def checks_beside(runbook: str) -> tuple[str, str]:
    """Where the checks of a runbook may stand, the more special first: `<stem>.checks.yaml`, `checks.yaml`."""
    folder, _, name = runbook.rpartition("/")
    stem = name.rpartition(".")[0] or name
    before = f"{folder}/" if folder else ""
    return f"{before}{stem}.checks.yaml", f"{before}checks.yaml"


def find_checks(runbook: str, read: Callable[[str], bytes | None], models: Callable[[], ApiModels]) -> Checks | None:
    """The checks beside a runbook, None when it has none.

    Args:
        runbook: its path in the workspace.
        read: the bytes of a file of the workspace, None when it is not there.
        models: gives AWS's models, asked for only where there is a file; `lambda: ctx.aws.models` in a step.

    Raises BadInput with every problem, each at file:line:column.
    """
    for path in checks_beside(runbook):
        data = read(path)
        if data is not None:
            from phases.checks.reader import read_checks  # pydantic and YAML, only where there is something to read

            return read_checks(data, path, models())
    return None


def look_at_exit(
    task: PlannedTask,
    checks: Checks | None,
    ctx: StepContext,
    *,
    variables: Mapping[str, str] | None = None,
    criteria: Sequence[str] | None = None,
) -> ExitEvidence:
    """Look at the checks of a task and have the rest of its exit criteria attested.

    Args:
        checks: of the runbook, placeholders not yet filled; None when there is no checks file.
        variables: what placeholders become; the run's answers when left out.
        criteria: what must hold; the task's exit criteria when left out (a checklist gives its items).

    Raises BadInput when a placeholder has no value (before anything is called), Waiting when a person is needed and
    nobody answers, and what `evaluate` raises.
    """
    wanted = task.exit_criteria if criteria is None else tuple(criteria)
    filled = _filled(task, checks, wanted, ctx.answers() if variables is None else variables)
    outcomes = [evaluate(check, ctx.aws, wait=ctx.wait, progress=ctx.progress, mask_text=ctx.mask) for check in filled]
    judged = [Criterion(text, tuple(answering(named_by(text), outcomes))) for text in wanted]
    names = question_names(task, wanted)
    failed = any(outcome.verdict == "fail" for outcome in outcomes)
    judged = [
        each if each.outcomes else Criterion(each.text, attested=_attested(ctx, each.text, "" if failed else name))
        for each, name in zip(judged, names, strict=True)
    ]
    rest = tuple(outcome for outcome in outcomes if not any(outcome in each.outcomes for each in judged))
    everything = [*judged, Criterion("", rest)]
    return ExitEvidence(
        checks=_once(check for each in everything for check in each.checks),
        markdown=evidence_markdown(task, ctx.now, checks, everything),
        json=evidence_json(task, ctx.now, checks, everything),
    )


def _filled(
    task: PlannedTask, checks: Checks | None, criteria: Sequence[str], variables: Mapping[str, str]
) -> tuple[DeclaredCheck, ...]:
    """The checks that belong to the task or answer one of the criteria, ready to be asked."""
    if checks is None:
        return ()
    ids = [each for criterion in criteria for each in named_by(criterion)]
    mine = [check for check in checks.checks if check.belongs_to(task) or answering(ids, (check,))]
    return checks.only(mine).filled(variables).checks


def _attested(ctx: StepContext, criterion: str, name: str) -> Check:
    """A person's word on a criterion; without a question's name nobody is asked."""
    answers = (criterion_id(criterion),)
    if not name:
        return Check(criterion, ATTESTED, "not asked, because a check failed", "not-checked", answers=answers)
    answer = ctx.ask(
        Question(
            name,
            f"No check answers this exit criterion. Is it met: {criterion}",
            default="yes",
            choices=("yes", "no"),
            suggest=False,
        )
    )
    who = ctx.given_by(name)
    return Check(
        criterion, ATTESTED, f"{answer}, says {who}", "attested" if answer == "yes" else "fail", answers=answers
    )


def question_names(task: PlannedTask, criteria: Sequence[str]) -> list[str]:
    """A name for each criterion's question, unique and the same whenever this plan is read."""
    names: list[str] = []
    for number, criterion in enumerate(criteria, 1):
        words = re.sub(r"[^a-z0-9]+", "-", criterion.lower()).strip("-")[:60].strip("-")
        name = f"{task.key.replace('_', '-')}-{words or number}"
        while name in names:
            name += f"-{number}"
        names.append(name)
    return names


def _once(checks: Iterable[Check]) -> tuple[Check, ...]:
    return tuple(dict.fromkeys(checks))
