"""How does a run go on? From wherever it stands, with an edit of its runbook where that is taken into it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from phases.step import Question
from state.errors import RunbookEdited
from workflow.engine.agents import require_presence
from workflow.engine.ask_again import tell_of_unused
from workflow.ports import Person, Settings
from workflow.runs.find_run import choose
from workflow.service.drive import Driving, Follower, answers_of, followed, go_on, stop_after
from workflow.service.open_run import held_run, recover, require_yes
from workflow.service.who import Who
from workflow.service.workspace import governed_workspace_of
from workflow.views.driven import Driven

LEAVE, TAKE = "no: leave the run as it is", "yes: tasks that are done stay, the rest goes by the edit"


def resume(
    directory: Path,
    who: Who,
    person: Person,
    run_id: str | None,
    driving: Driving,
    *,
    take_edit: bool = False,
    ask_again: Sequence[str] = (),
    follower: Follower | None = None,
) -> Driven:
    """Drive a run that was started before. A person who sits there is asked whether an edit of the runbook is taken.

    `ask_again` names questions whose answers are to be changed.

    Raises as `held_run` and `Engine.drive`.
    """
    workspace = governed_workspace_of(directory)
    chosen = choose(workspace, run_id)
    require_yes(driving.practice, driving.yes, f"phasegate resume {chosen}")
    given = answers_of(driving)
    settings = Settings(given, driving.yes, driving.wait, driving.practice, driving.answers or "")
    if take_edit and given.problems:  # what else is wrong there is told under the new plan
        raise given.refusal(given.problems)
    if take_edit:
        _apply_edit(workspace, chosen, who, person, settings)
    try:
        return _resume(workspace, chosen, who, person, settings, driving.until, ask_again, follower)
    except RunbookEdited as error:
        if not _wants_edit(person, error):
            raise
        _apply_edit(workspace, chosen, who, person, settings)
        return _resume(workspace, chosen, who, person, settings, driving.until, ask_again, follower)


def _resume(
    workspace: Path,
    run_id: str,
    who: Who,
    person: Person,
    settings: Settings,
    until: str | None,
    ask_again: Sequence[str],
    follower: Follower | None,
) -> Driven:
    person.waiting("reading the run and looking at the repository")
    with held_run(workspace, run_id, who, person, settings) as engine, followed(engine, follower):
        recover(engine)
        if ask_again:
            engine.ask_again(ask_again)
        tell_of_unused(engine.open_run)
        return go_on(engine, stop_after(engine.plan, until))


def _apply_edit(workspace: Path, run_id: str, who: Who, person: Person, settings: Settings) -> None:
    from workflow.runs.apply_runbook_edit import apply_runbook_edit

    with held_run(workspace, run_id, who, person, settings) as engine:
        with suppress(RunbookEdited):  # the very thing; everything else that is looked at must be in order
            recover(engine, answers_too=False)
        require_presence(engine.open_run, f"phasegate resume {run_id} --take-edit")
        person.progress(
            f"{run_id}: the edit of {engine.plan.runbook} is taken, and kept as {apply_runbook_edit(engine)}"
        )


def _wants_edit(person: Person, error: RunbookEdited) -> bool:
    """Whether whoever sits there says that the edit is to be taken, having seen the difference."""
    question = Question("take-edit", f"{error.message}\n\nTake this edit into the run?", choices=(LEAVE, TAKE))
    said = person.ask(question, LEAVE)
    return said is not None and said[0] == TAKE
