"""How does a run begin? Everything between a command and the Engine of a new run; how one comes back: `reopen.py`.

Rules:
- A refusal changes nothing on disk: plan, workspace, inputs and step bindings are checked before the journal is made.
- Two unfinished runs of one runbook, or with artifacts in one place, would mix their commits: the second is refused.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from gates.judged import checks_beside
from phases.step import Workflow
from state.cheap_classes import NamedTuple
from state.errors import BadInput, RunHeld, WorkspaceRefused
from state.event_parts import RunTarget as Target
from state.event_types import RunStarted
from state.evidence import By
from state.files import sha256
from state.find_runs import DIRECTORY, find_runs, find_unbegun, remove_unbegun, run_directory
from state.fold import fold
from state.journal import Journal
from state.line_endings import with_lf
from state.model import Plan
from state.outside_file import INPUT, read_if_there
from state.path_word import path_word
from state.plain_files import open_lock
from state.printable import as_name
from state.segments import JOURNAL, STORAGE
from workflow.doors.git.branch_gone import switch_to
from workflow.doors.git.plumbing import other_worktrees, read_head
from workflow.doors.git.runs_elsewhere import goes_on_elsewhere
from workflow.engine.engine import Doors, Engine, Settings
from workflow.engine.judging_files import require_committed
from workflow.engine.log_parts import own_parts
from workflow.engine.open_run import OpenRun
from workflow.engine.rollback_tasks import rollback_tasks
from workflow.policy.effective_policy import PolicyInForce
from workflow.ports import Clock
from workflow.runbook.plan_checks import start_problems
from workflow.runs.beginning import first_line
from workflow.runs.case_twins import refuse_case_twins
from workflow.runs.checks_beside import checks_of, that_cannot_hold
from workflow.runs.completed_tasks import adopted_tasks, require_open_tasks
from workflow.runs.find_run import events_of, is_over
from workflow.runs.git_attributes import refuse_other_attributes, write_attributes
from workflow.runs.holder import keep_holder, read_holder
from workflow.runs.kept_attempts import KeptAttempts, place_in_repository
from workflow.runs.kept_attempts import keep as keep_attempts
from workflow.runs.load_plan import RunTarget
from workflow.runs.lost_attempts import notes_of_gone
from workflow.runs.missing_programs import missing_programs
from workflow.runs.other_worktrees import driven_elsewhere
from workflow.runs.run_before import run_before
from workflow.runs.runbook_name import refuse_shared_place, refuse_unfit
from workflow.runs.take_boxes_back import take_boxes_back
from workflow.runs.workflow_catalog import workflow_of
from workflow.trailers import run_files

if TYPE_CHECKING:
    from workflow.git_port import Git


class Ordered(NamedTuple):
    """What was said of a run before it began: who ordered it, if that is not who starts it; where it acts; its id."""

    by: By | None = None
    target: Target | None = None
    run: str = ""

    def fields(self) -> dict[str, object]:
        """As `run-started` has it."""
        return {
            "ordered_by": self.by.to_json() if self.by else None,
            "target": self.target.to_json() if self.target else None,
        }


NOTHING_SAID = Ordered()


def start(
    workspace: Path,
    target: RunTarget,
    doors: Doors,
    settings: Settings,
    *,
    sandbox: bool,
    git_dir: Path,
    again: bool = False,
    said: Ordered = NOTHING_SAID,
) -> Engine:
    """A new run, held by this process, not yet at its first task.

    `again`: the ticked boxes of the runbook are taken back, where there are any; `said`: of who ordered it, and where
    it is to act.

    Raises WorkspaceRefused, RunHeld or BadInput when another run is in the way, or BadInput with every problem of the
    inputs; nothing was written then.
    """
    with _starting(git_dir):
        return _start(workspace, target, doors, settings, sandbox=sandbox, git_dir=git_dir, again=again, said=said)


@contextmanager
def _starting(git_dir: Path) -> Iterator[None]:
    """One start at a time: between looking at the other runs and having a journal, nobody else looks."""
    (git_dir / "phasegate").mkdir(exist_ok=True)
    with open_lock(git_dir / "phasegate" / "start.lock") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _start(
    workspace: Path,
    target: RunTarget,
    doors: Doors,
    settings: Settings,
    *,
    sandbox: bool,
    git_dir: Path,
    again: bool,
    said: Ordered,
) -> Engine:
    plan, workflow, data, shape = target
    refuse_shared_place(workspace, plan.runbook, workflow)
    own = (plan.runbook, *checks_beside(plan.runbook), workflow.log, DIRECTORY)
    refuse_case_twins(workspace, own)
    _refuse_second(workspace, target, git_dir)
    _forget_unbegun(workspace, doors)
    run_id = _unbegun(workspace, said.run) if said.run else _new_id(workspace, workflow.name, doors.clock)
    directory = run_directory(workspace, run_id)
    ours = workflow.paths(plan.runbook) | set(run_files(run_id)) | own_parts(workspace, workflow.log)
    doors.git.preflight(sorted(ours), plan.runbook)
    kept = {plan.runbook, *run_files(run_id), *own_parts(workspace, workflow.log)}
    doors.git.require_kept(sorted(kept), plan.runbook)
    _require_as_in_head(workspace, doors.git, plan.runbook)
    refuse_unfit(workspace, plan.runbook, workflow.name)
    refuse_other_attributes(workspace, doors.git, run_files(run_id)[0])
    workflow.requires()
    workflow.preflight(lambda path: read_if_there(workspace / path, "input", limit=INPUT, name=path), settings.answers)
    _require_tickable(plan)
    policies = PolicyInForce(workspace, doors.git, plan.runbook)
    policies.check(workflow.name, plan, lambda: rollback_tasks(plan, workflow.rollback, data))
    if policies.policies().rules:
        from workflow.policy.other_names import require_own_name  # where the policy says something of gates
        from workflow.policy.shape_fit import require_shape_fit

        require_shape_fit(policies.policies(), target)
        require_own_name(workspace, policies.policies(), target)
    _require_sound_checks(workspace, target, doors.person.progress)
    require_committed(workspace, doors.git, plan.runbook)
    former = run_before(workspace, target) if again else ""
    if not former and not any(map(workflow.step_for, plan.tasks)):
        require_open_tasks(workspace, plan)
    adopted = [] if former else adopted_tasks(plan, workflow, settings, doors.person)
    template = policies.commit_template()
    optional: dict[str, object] = {
        "adopted": adopted,
        "commit": template,
        "as": shape,
        "again": former,
        **said.fields(),
    }
    optional = {name: value for name, value in optional.items() if value}
    base, branch, by = doors.git.head(), doors.git.branch(), dict(doors.by)
    journal = Journal.create(directory / JOURNAL, doors.disk)
    try:
        doors.disk.write_atomic(directory / "runbook.md", data)
        write_attributes(workspace, doors.disk)
        journal.append(
            "run-started",
            doors.clock.now(),
            run=run_id,
            workflow=workflow.name,
            runbook=plan.runbook,
            runbook_sha256=plan.sha256,
            plan=plan.digest,
            tasks=[{"id": task.id, "key": task.key, "title": task.title} for task in plan.tasks],
            grammar=plan.grammar,
            branch=branch,
            base=base,
            sandbox=sandbox,
            by=by,
            storage=STORAGE,
            sync=True,
            **optional,
        )
        keep_holder(git_dir, journal, doors, sha256(first_line(workspace, run_id)), taken_on_at=0)
        place = place_in_repository(workspace)
        keep_attempts(git_dir, doors.disk, KeptAttempts(run_id, workflow.name, plan.runbook, place))
        opened = OpenRun(workspace, plan, workflow, journal, fold(journal.events), doors, settings)
        engine = Engine(replace(opened, plan=take_boxes_back(opened)) if former else opened)
        for note in notes_of_gone(workspace, git_dir, engine.run):
            engine.note(note)
        return engine
    except BaseException:
        journal.close()
        raise


def _require_as_in_head(workspace: Path, git: Git, runbook: str) -> None:
    """Raise WorkspaceRefused where HEAD holds another text than the one that is read here, whatever `git status` says.

    git goes by size and times of a file: an attribute that was changed, or a setting, hides a difference from it.
    """
    head = git.head()
    blob, here = git.tree_entries(head, (runbook,))[runbook].blob, git.object_ids((runbook,))[runbook]
    if here == blob or with_lf(git.blob(head, runbook) or b"") == with_lf((workspace / runbook).read_bytes()):
        return
    name = path_word(runbook)
    raise WorkspaceRefused(
        f"the runbook must be as committed, and {as_name(runbook)} here (blob {here[:10]}) has another text than in "
        f"HEAD ({(blob or 'none')[:10]}), which `git status` does not show",
        next_command=f"git cat-file blob HEAD:./{name} | diff - {name}   # look\n      git add --renormalize -- {name} "
        f"&& git commit -m 'The runbook as it is here' -- {name}   # or takes it over",
    )


def _require_tickable(plan: Plan) -> None:
    """Raise BadInput, with each, where the runbook has boxes that no commit could tick."""
    problems = start_problems(plan)
    if problems:
        raise BadInput(
            f"{as_name(plan.runbook)} has boxes that could not be ticked",
            problems=problems,
            next_command=f"$EDITOR {path_word(plan.runbook)}   # then the same command again",
        )


def _require_sound_checks(workspace: Path, target: RunTarget, tell: Callable[[str], None]) -> None:
    """Raise BadInput unless the checks beside the runbook, where there are any, are sound and belong to its tasks.

    They may belong to tasks of its way back as well. What they say that nothing can make true is told before the run
    begins, and so are the programs that they and the runbook's commands name and that are not here.
    """
    found = checks_of(workspace, target)
    for line in that_cannot_hold(found, target.plan) if found is not None else ():
        tell(line)
    for each in missing_programs(target.plan, target.workflow, found):
        tell(each.said)


def _refuse_second(workspace: Path, target: RunTarget, git_dir: Path) -> None:
    for each in driven_elsewhere(workspace) if next(other_worktrees(git_dir), None) is not None else ():
        other = fold(events_of(Path(each.directory), each.run)).start
        if each.branch == read_head(git_dir)[0] and _would_mix(other, target):
            raise RunHeld(
                f"{each.said}, which is checked out here as well; a second run would mix its commits with it",
                next_command=f"{each.command()}\n      git switch -c phasegate-run   # or a branch of its own",
            )
    for run_id in find_runs(workspace):
        if is_over(workspace, run_id):
            continue
        other = fold(events_of(workspace, run_id)).start
        if not _would_mix(other, target):
            continue
        further = goes_on_elsewhere(workspace, run_id)
        if further:
            raise BadInput(
                f"run {run_id} of {as_name(other.runbook)} went on on branch {further.branch}; a second run here "
                "would mix "
                "its commits with it when the branches are joined",
                next_command=f"git merge {quote(further.branch)}   # joins them\n"
                f"      {switch_to(workspace, further.branch)}   # or goes on there",
            )
        with (run_directory(workspace, run_id) / JOURNAL).open("rb") as journal:
            try:
                fcntl.flock(journal, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = read_holder(git_dir, run_id).shown or "another process"
                raise RunHeld(
                    f"run {run_id} of {as_name(other.runbook)} is held by {holder}; a second run would mix its "
                    "commits with it",
                    next_command=f"phasegate status {run_id}",
                ) from error
        raise BadInput(
            f"run {run_id} of {as_name(other.runbook)} ({other.workflow}) is not finished; a second run would mix its "
            "commits with it",
            next_command=f"phasegate resume {run_id}\n      phasegate abort {run_id} --reason TEXT   # or ends it",
        )


def _would_mix(other: RunStarted, target: RunTarget) -> bool:
    """Whether a run that began so and one of this target write to one runbook, or keep what they leave in one place."""
    return other.runbook == target.plan.runbook or _place(workflow_of(other)) == _place(target.workflow)


def _place(workflow: Workflow) -> str:
    """Where its runs keep what they leave: what tells one workflow from another, and a moved one from itself."""
    return workflow.rollback_plan


def _forget_unbegun(workspace: Path, doors: Doors) -> None:
    """Remove what starts left that died before their first event; a journal that git knows was emptied: it stays."""
    for run_id in find_unbegun(workspace):
        if not doors.git.tree_ids("HEAD", run_files(run_id)):
            remove_unbegun(workspace, run_id)


def _unbegun(workspace: Path, run_id: str) -> str:
    """The id that was ordered. Raises BadInput where the branch has the run already."""
    if run_directory(workspace, run_id).exists():
        raise BadInput(
            f"run {run_id} was ordered, and this branch has it already",
            next_command=f"phasegate log {path_word(run_id)}   # what happened in it",
        )
    return run_id


def _new_id(workspace: Path, name: str, clock: Clock) -> str:
    """`<workflow>-<start, UTC>-<8 hex digits>`: two clones that begin in one second have two ids."""
    while True:
        run_id = f"{name}-{clock.now():%Y%m%d-%H%M%S}-{clock.suffix()}"
        if not run_directory(workspace, run_id).exists():
            return run_id
