"""How does a run go on? From wherever it stands, with an edit of its runbook where that is taken into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from phases.step import Question
from state.errors import BadInput, PhasegateError, RunbookEdited
from workflow.engine.agents import require_presence
from workflow.ports import Person, Settings
from workflow.runs.find_run import choose
from workflow.service.drive import Driving, Follower, answers_of, followed, go_on, stop_after
from workflow.service.meeting_at import any_names_runners
from workflow.service.open_run import held_run, recover, require_yes
from workflow.service.who import Who
from workflow.service.workspace import require_governed, workspace_of

if TYPE_CHECKING:
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
    with _meant(directory, run_id) as (home, chosen):
        return _from_here(home, chosen, who, person, driving, take_edit, ask_again, follower)


@contextmanager
def _meant(directory: Path, run_id: str | None) -> Iterator[tuple[Path, str]]:
    """The run that is meant, and its workspace: one that is here, else one at the remote where runs are met.

    Raises as `choose`, `taken_over` and `governed_workspace_of`.
    """
    workspace = workspace_of(directory)
    try:
        chosen = choose(workspace, run_id)
    except BadInput as error:
        with _at_remote(workspace, run_id) as found:
            require_governed(found[0] if found else workspace, directory)
            if found is None:
                raise error from None
            yield found
        return
    require_governed(workspace, directory)
    yield workspace, chosen


@contextmanager
def _at_remote(workspace: Path, run_id: str | None) -> Iterator[tuple[Path, str] | None]:
    """The run at the remote that is meant, and its workspace here; None where none is meant there."""
    from workflow.service.meeting_place import place_of  # these only where runs are met
    from workflow.service.share import taken_over

    try:
        place = place_of(workspace) if any_names_runners(workspace) else None
        there = place.meant(run_id) if place else ""
    except PhasegateError:
        place, there = None, ""
    if place is None:
        yield None
        return
    with taken_over(place, there) as home:
        yield home, there


def _from_here(
    workspace: Path,
    chosen: str,
    who: Who,
    person: Person,
    driving: Driving,
    take_edit: bool,
    ask_again: Sequence[str],
    follower: Follower | None,
) -> Driven:
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
        return with_edit(error, workspace, chosen, who, person, settings, driving.until, follower, ask_again)


def with_edit(
    error: RunbookEdited,
    workspace: Path,
    run_id: str,
    who: Who,
    person: Person,
    settings: Settings,
    until: str | None,
    follower: Follower | None,
    ask_again: Sequence[str] = (),
) -> Driven:
    """Go on with an edit of the runbook, where whoever sits here says so; else `error` is raised, as it was."""
    if not _wants_edit(person, error):
        raise error
    _apply_edit(workspace, run_id, who, person, settings)
    return _resume(workspace, run_id, who, person, settings, until, ask_again, follower)


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
        if engine.open_run.meeting is not None:
            engine.open_run.meeting.take_in()
        if ask_again:
            engine.ask_again(ask_again)
        if engine.open_run.settings.answers:
            from workflow.engine.unused_answers import tell_of_unused

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
