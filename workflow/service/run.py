"""How is a run started? From a runbook or a workflow of this workspace, and taken as far as it goes."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from state.errors import BadInput, RunbookEdited
from state.model import Shape
from state.path_word import path_word
from workflow.doors.git.plumbing import git_dir_of
from workflow.ports import Person, Settings
from workflow.runs.askable import refuse_unasked
from workflow.runs.begin import Ordered, start
from workflow.runs.completed_tasks import ADOPT
from workflow.runs.load_plan import load_plan
from workflow.sandbox.installed import require_installed
from workflow.service.at_target import require_at_target, target_of
from workflow.service.doors import make_doors
from workflow.service.drive import Driving, Follower, answers_of, followed, go_on, stop_after
from workflow.service.meeting_at import shares_by_itself
from workflow.service.notify import notified
from workflow.service.open_run import require_yes, yes_refused
from workflow.service.resume import with_edit
from workflow.service.run_at_hand import take_in_hand
from workflow.service.shared_file import keep_alone, may_be_shared
from workflow.service.who import Who
from workflow.service.workspace import from_the_top, governed_workspace_of
from workflow.views.driven import Driven
from workflow.views.left_out import left_out


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be run.

    Attributes:
        target: a workflow, or a runbook's path as `workflow.service.workspace.workspace_and_target` takes it.
        runbook: where the workflow's runbook is, if not at its own place.
        shape: as which it is to be read, whatever it looks like.
        strict: refuse a runbook with warnings.
        sandbox: use the account on this machine.
        adopt: take over what is ticked as done.
        again: take the ticked boxes back, and do it all again.
        acts_in: `ACCOUNT/REGION`, where the run is to act, and nowhere else.
    """

    target: str
    runbook: str | None = None
    shape: Shape | None = None
    strict: bool = False
    sandbox: bool = False
    adopt: bool = False
    again: bool = False
    acts_in: str | None = None

    @property
    def plan_command(self) -> str:
        """The command that shows what the runbook is read as."""
        return self._command("plan")

    @property
    def run_command(self) -> str:
        """The command that runs it."""
        return self._command("run")

    @property
    def sandbox_command(self) -> str:
        """The command that runs it in the sandbox."""
        return f"{self._command('run')} --sandbox"

    def _command(self, verb: str) -> str:
        words = [
            "phasegate",
            verb,
            path_word(self.target),
            *(["--runbook", path_word(self.runbook)] if self.runbook else []),
            *(["--as", shlex.quote(self.shape)] if self.shape else []),
        ]
        return " ".join(words)


def run(
    directory: Path,
    who: Who,
    person: Person,
    wanted: Wanted,
    driving: Driving,
    *,
    follower: Follower | None = None,
    typed: Callable[[str], str] = str,
    beside: Callable[[str], None] | None = None,
) -> Driven:
    """Start a run, and drive it. What the runbook has beside its tasks is told first, a line at a time.

    `typed` gives a command as it works where the person stands; `beside` is told those lines, else they are progress.

    Raises BadInput and WorkspaceRefused before anything is written, as `workflow.runs.begin.start`; then as
    `Engine.drive`.
    """
    wanted = _from_the_top(directory, wanted)
    if driving.yes and not wanted.sandbox:
        raise yes_refused(f"{wanted.sandbox_command} --yes\n      {wanted.run_command}   # or without --yes")
    require_yes(driving.practice, driving.yes, wanted.sandbox_command if wanted.sandbox else wanted.run_command)
    acts_in = target_of(wanted.acts_in, sandbox=wanted.sandbox)
    if wanted.sandbox:
        require_installed()
    workspace = governed_workspace_of(directory)
    person.waiting("reading the runbook and looking at the repository")
    found = load_plan(workspace, wanted.target, wanted.runbook, shape=wanted.shape, strict=wanted.strict)
    for line in left_out(found.plan, typed(wanted.plan_command)):
        (beside or person.progress)(line)
    stop = stop_after(found.plan, driving.until)
    given = answers_of(driving)
    if who.by.is_agent and ADOPT in given:
        raise BadInput(
            "what is ticked is taken over as done by a person only", next_command=f"{wanted.run_command} --adopt"
        )
    refuse_unasked(given, found.plan, found.workflow, workspace)
    adopted = {ADOPT: ADOPT} if wanted.adopt else {}
    settings = Settings({**given, **adopted}, driving.yes, driving.wait, driving.practice, driving.answers or "")
    doors = make_doors(workspace, who, person, sandbox=wanted.sandbox)
    if wanted.acts_in:
        require_at_target(acts_in, doors.connect(), again=f"{wanted.run_command} --target {wanted.acts_in}")
    is_shared = shares_by_itself(workspace)
    if is_shared:
        from workflow.service.share import require_meeting_fit, shared_from_the_start  # only where runs are met

        require_meeting_fit(directory)
    engine = start(
        workspace,
        found,
        doors,
        settings,
        sandbox=wanted.sandbox,
        git_dir=git_dir_of(workspace),
        again=wanted.again,
        said=Ordered(target=acts_in),
    )
    take_in_hand(engine.run.run_id)
    if not is_shared and may_be_shared(workspace, engine.run.run_id):
        keep_alone(workspace, engine.run.run_id)
    try:
        with (
            engine.journal,
            notified(engine),
            shared_from_the_start(engine, who, person) if is_shared else nullcontext(),
            followed(engine, follower, engine.journal.events),
        ):
            return go_on(engine, stop)
    except RunbookEdited as error:
        return with_edit(error, workspace, engine.run.run_id, who, person, settings, driving.until, follower)


def _from_the_top(directory: Path, wanted: Wanted) -> Wanted:
    """What is wanted, its paths as seen from the top of the repository, as refusals and their commands name them."""
    runbook = from_the_top(directory, wanted.runbook) if wanted.runbook else wanted.runbook
    return replace(wanted, target=from_the_top(directory, wanted.target), runbook=runbook)
