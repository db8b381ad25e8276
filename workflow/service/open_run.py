"""How is a run taken in hand? Opened by this process, with the doors that it was started with.

What every verb asks of a run before it does its own is here, so that the engine is asked for it in one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from state.errors import BadInput
from state.files import Disk
from state.run_state import RunState
from workflow.doors.git.plumbing import git_dir_of
from workflow.engine.engine import Engine
from workflow.ports import Doors, Person, Settings
from workflow.runs.lost_attempts import note_of_lost
from workflow.runs.reopen import reopen
from workflow.runs.workflow_catalog import find_workflow
from workflow.service.doors import make_doors
from workflow.service.given_words import require_short_answers
from workflow.service.notify import notified
from workflow.service.run_at_hand import take_answers_along, take_in_hand
from workflow.service.shared_file import is_shared, may_be_shared
from workflow.service.who import Who

if TYPE_CHECKING:
    from workflow.meeting.refs import Standing
    from workflow.runs.answers_file import GivenAnswers
    from workflow.service.met import Met

PATIENCE = 1.0  # for a run whose process is just writing something down [s]


@contextmanager
def held_run(
    workspace: Path,
    run_id: str,
    who: Who,
    person: Person,
    settings: Settings | None = None,
    *,
    key: Path | None = None,
    tip_key: Path | None = None,
    patience: float = 0,
    quiet: bool = False,
    alone: bool = False,
    left: Standing | None = None,
) -> Iterator[Engine]:
    """The run, held by this process until the end of the block.

    `key` signs approvals, and nothing else; `tip_key` what is pushed of a shared run, if not git's own; with `quiet`
    nobody is told of what is recorded; `patience` is how long to try for a run that another process holds [s]; `left`
    is a worker's, as of `workflow.service.met.met`; `alone`: this clone goes away again, and claims nothing.

    A run that is shared is claimed first, also where this clone never did so (`workflow.service.shared_there`).

    Raises as these, and as `workflow.runs.reopen.reopen`; BadInput for a `yes` outside of the sandbox;
    WorkspaceRefused when it is not known who acts.
    """
    settings = settings or Settings()
    take_in_hand(run_id)

    def doors(sandbox: bool) -> Doors:
        if settings.yes and not sandbox:
            raise yes_refused(f"phasegate resume {run_id}   # without --yes")
        return make_doors(workspace, who, person, sandbox=sandbox, key=key)

    def doors_of(run: RunState) -> Doors:
        if who.by.is_agent and run.is_of_0_1:
            raise BadInput(
                f"run {run_id} is of format 1, which cannot record an agent; it goes on as it began",
                next_command=f"phasegate resume {run_id}",
            )
        return doors(run.start.sandbox)

    with ExitStack() as held:
        shared = is_shared(workspace, run_id)
        if not shared and not alone and may_be_shared(workspace, run_id):
            from workflow.service.shared_there import claimed_there  # where runs may be shared, and this one is unknown

            held.enter_context(claimed_there(workspace, run_id))
            shared = is_shared(workspace, run_id)
        meeting = held.enter_context(met(workspace, run_id, who, person, tip_key, left)) if shared else None
        engine = reopen(
            workspace,
            run_id,
            doors_of,
            settings,
            git_dir=git_dir_of(workspace),
            find=lambda name: find_workflow(name, or_guided=True),
            disk=Disk(workspace),
            patience=patience,
        )
        held.enter_context(engine.journal)
        if not quiet:
            held.enter_context(notified(engine))
        held.enter_context(parked(meeting, engine))
        lost = note_of_lost(git_dir_of(workspace), engine.run, engine.journal.events)
        if lost and not engine.run.outcome and not engine.run.is_of_0_1:
            engine.note(lost)
        yield engine


def met(
    workspace: Path, run_id: str, who: Who, person: Person, key: Path | None, left: Standing | None
) -> AbstractContextManager[Met | None]:
    """As `workflow.service.met.met`, which is loaded for runs that are shared only."""
    from workflow.service import met as at_remote

    return at_remote.met(workspace, run_id, who, person, key=key, left=left)


def parked(meeting: Met | None, engine: Engine) -> AbstractContextManager[None]:
    """As `workflow.service.met.parked`."""
    if meeting is None:
        return nullcontext()
    from workflow.service import met as at_remote

    return at_remote.parked(meeting, engine)


def recover(engine: Engine, *, to_roll_back: bool = False, answers_too: bool = True, then: str = "") -> None:
    """Clear up after a process that was killed, and make sure that the workspace is fit.

    `then`: this command once more, to be printed where its answers file is refused.

    Raises BadInput for answers that the run can never ask for (unless not `answers_too`) and for credentials of another
    target than the run's, and as `Engine.recover`.
    """
    answers = engine.open_run.settings.answers
    if answers_too and answers:
        from workflow.runs.askable import refuse_unasked

        refuse_unasked(answers, engine.plan, engine.workflow, engine.workspace, then)
    target = engine.run.start.target
    if target is not None and not target.sandbox:
        from workflow.service.at_target import require_at_target

        require_at_target(target, engine.doors.connect(), again=f"phasegate resume {engine.run.run_id}")
    engine.recover(to_roll_back=to_roll_back)


def given_answers(path: str | None, said: Mapping[str, str] | None = None) -> GivenAnswers:
    """The answers in this file, and those that the face gives itself (`said`), which come before them.

    Raises as `read_answers`, and BadInput for a text in `said` that is longer than what is kept; the file's problems
    are `refuse_unasked`'s.
    """
    from workflow.runs.answers_file import GivenAnswers, read_answers

    given = GivenAnswers({}, "", {})
    if path is not None:
        given = read_answers(path)
        take_answers_along(path)
    if not said:
        return given
    require_short_answers(said, "phasegate status")
    return GivenAnswers({**given, **said}, given.path, given.places, given.problems)


def require_yes(practice: bool, yes: bool, command: str) -> None:
    """Raise BadInput for a rehearsal that is none; `command` is the one given, without these options."""
    if practice and not yes:
        raise BadInput(
            "--practice says that --yes is a rehearsal, and there is no --yes",
            next_command=f"{command}\n      {command} --yes --practice   # or a rehearsal",
        )


def yes_refused(command: str) -> BadInput:
    """The refusal of `--yes` where it would act on a real account; `command` is what may be typed instead."""
    return BadInput(
        "--yes opens gates without a person, so it is refused anywhere but in the sandbox",
        next_command=command,
    )
