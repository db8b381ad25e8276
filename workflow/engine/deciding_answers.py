"""Which answers decide what a task's checks run or compare, and did somebody give them who may be a program?

Rules:
- An answer of an agent, or of anybody where no terminal was there, can choose the very check that opens a gate. So it
  stands among the checks of the evidence, by whom and by which way: no policy opens a gate alone behind it.
- By hand these are the command that runs the tests (at a checkpoint), what fills in a command, the profile, and each
  name that stands in braces in the file of checks. For a step of phasegate's own it is every answer of the run; for the
  plan of a rollback, which looks at nothing outside, the profile, by which its commands are of another one or not.
- That a command of the runbook is run, or not, chooses nothing: the runbook says what runs. What is attested, a box, a
  field and a stop have verdicts or sections of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from phases.checks.profiles import PROFILE, Profile, chosen
from phases.manual.blanks import blanks
from phases.manual.hand_work import TESTS
from phases.step import Check
from state.event_types import Answered
from state.evidence import Verdict
from state.model import PlannedTask
from state.task_state import BEFOREHAND
from workflow.engine.open_run import OpenRun
from workflow.engine.rollback_plan import CRITERIA, NOTIFIED
from workflow.engine.rollback_tasks import PLAN_ID
from workflow.runs.checks_beside import checks_in

if TYPE_CHECKING:
    from phases.checks.definition import Checks

_ROLLBACK = frozenset((*CRITERIA, NOTIFIED.name))  # what the plan of a rollback attests in checks of its own
_NOBODYS = ("phasegate.yaml", "default")  # recorded by whoever runs the process, and not chosen by them


def deciding_answers(run: OpenRun, task: PlannedTask) -> list[Check]:
    """A check for each answer that decides, and that nobody gave who was seen to be there; none in runs of 0.1."""
    if run.state.is_of_0_1:
        return []
    by_hand = run.workflow.step_for(task) is None
    checks = checks_in(run.workspace, run.plan.runbook, under_way=True) if by_hand else None
    own = [*_of_its_own(task)]
    if by_hand and not (checks or own):
        return []  # as for most tasks
    given = run.state.answered
    told = _ROLLBACK if task.kind == "rollback" else frozenset[str]()
    if task.kind == "rollback" and task.id == PLAN_ID:
        names: Collection[str] = (PROFILE, *_ROLLBACK)
    else:
        names = [*own, *_of_checks(checks, task, given)] if by_hand else given
    decided = (given[name] for name in dict.fromkeys(names) if name in given)
    profile = chosen(checks.profiles, run.state.answers) if checks else None
    return [_check(event, profile) for event in decided if _may_be_a_programs(event) and not _is_told(event, told)]


def _is_told(event: Answered, told: Collection[str]) -> bool:
    """Whether a check of the step itself has this answer as a person's word: that keeps a policy away as well."""
    return event.question in told and not event.by.is_agent


def _of_its_own(task: PlannedTask) -> Iterator[str]:
    if task.kind == "checkpoint":
        yield TESTS.name
    for command in task.commands:
        yield from blanks(command)


def _of_checks(checks: Checks | None, task: PlannedTask, given: Collection[str]) -> Iterator[str]:
    if checks:
        yield PROFILE
        yield from {name for check in checks.of(task) for _path, name in check.placeholders()}
        yield from {name for each in checks.lookups for name in given if "{" + name + "}" in repr(each)}


def _may_be_a_programs(event: Answered) -> bool:
    if event.via in _NOBODYS:
        return False
    return event.by.is_agent or (event.via in BEFOREHAND and not event.terminal)


def _check(event: Answered, profile: Profile | None) -> Check:
    gives = profile.values.get(event.question, event.answer) if profile else event.answer
    instead = f" instead of {gives!r}, which profile {profile.name} gives" if profile and gives != event.answer else ""
    seen = f"{event.answer!r}{instead}, says {event.by.git} ({event.via})"
    verdict: Verdict = "said-by-agent" if event.by.is_agent else "attested"
    return Check(f"answer to {event.question}", "a person's, who is there", seen, verdict)
