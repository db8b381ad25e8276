"""Where does a run stand, what waits for approval in it, and what happened? Nothing is written.

Light: the reading verbs start quickly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gates.judged import checks_beside, judged_by
from gates.operators import is_agents_run
from state.errors import PhasegateError
from state.event_types import EffectDone, EffectIntended, Event, Worked
from state.find_runs import run_directory
from state.fold import commit_found, fold
from state.run_state import RunState
from state.segments import JOURNAL
from state.task_state import TaskStatus
from workflow.doors.git.head import head_is
from workflow.doors.git.plumbing import git_dir_of, last_commit_with, look, other_worktrees, read_head
from workflow.doors.lock_holder import Holder, lock_holder
from workflow.runs.find_run import choose, events_of
from workflow.service.shown_gate import closed_at, waits_at
from workflow.service.weaker_policy import is_weaker_at_head
from workflow.service.workspace import workspace_of
from workflow.trailers import trailers
from workflow.views.effects import RunningCommand
from workflow.views.items import count_items
from workflow.views.log import LogEnd, LogEntry, log_end, log_entries
from workflow.views.status import StatusView
from workflow.views.status_of_run import status_view

if TYPE_CHECKING:
    from state.model import PlannedTask
    from workflow.doors.git.record_taken_back import TakenBack


def status(directory: Path, run_id: str | None) -> StatusView:
    """Where the run stands and what it waits for. Raises as `workflow.runs.find_run.choose`."""
    workspace = workspace_of(directory)
    events = events_of(workspace, choose(workspace, run_id))
    run = fold(events)
    resolve_commit(workspace, run)
    holder = holder_of(workspace, run)
    view = replace(seen_now(workspace, run, events, holder), held_by=holder.said if holder else "")
    return _with_other_worktrees(workspace, view)


def _with_other_worktrees(workspace: Path, view: StatusView) -> StatusView:
    """The view, with the runs that are driven in another worktree; git's files alone tell where there is none."""
    if next(other_worktrees(git_dir_of(workspace)), None) is None:
        return view
    from workflow.runs.other_worktrees import driven_elsewhere

    found = driven_elsewhere(workspace)
    there = next((each for each in found if each.run == view.run and not view.outcome), None)
    return replace(view, driven_there=there, others_there=[each for each in found if each.run != view.run])


def holder_of(workspace: Path, run: RunState) -> Holder | None:
    """The process that works at the run now, as far as that is known."""
    return None if run.outcome else lock_holder(run_directory(workspace, run.run_id) / JOURNAL)


def seen_now(workspace: Path, run: RunState, events: list[Event], holder: Holder | None) -> StatusView:
    """The view of a run about whose last intended commit git was asked, with its boxes and HEAD's policy beside it.

    `holder`: the process that works at it now.
    """
    begun = _under_way(events, holder)
    view = replace(at_its_gate(workspace, run, events), items=_items(workspace, run))
    view = replace(view, checks_not_committed=_checks_not_committed(workspace, run))
    if begun is not None and (failed := view.failed_command) is not None:
        view = replace(view, failed_command=None, running_command=RunningCommand(failed.name, failed.script, begun.at))
    view = with_agents_part(workspace, run, events, view)
    task = _at_hand(workspace, run)
    if task is None:
        return view
    from workflow.views.boxes import asked_beside_files, boxes_at_hand, open_criteria  # where there is a task only

    boxes, criteria = boxes_at_hand(task, run.task(task.key), begun.effect if begun else ""), open_criteria(task)
    elsewhere = _elsewhere(workspace, run, task)
    return replace(view, boxes=boxes, criteria=criteria, asked=asked_beside_files(task), waits_elsewhere=elsewhere)


def with_agents_part(workspace: Path, run: RunState, events: list[Event], view: StatusView) -> StatusView:
    """The view, with what of the task at hand is no agent's; nothing of a run that a person began."""
    current = run.current_task
    if current is None or run.outcome or not is_agents_run(run) or current.status is TaskStatus.IN_REVIEW:
        return view
    from workflow.runs.load_plan import plan_of  # with the runbook's reader: only where an agent is at work
    from workflow.service.agents_part import confirmed_by_a_person, used_up

    try:
        task = plan_of(workspace, run).task(current.key)
    except (PhasegateError, KeyError):
        return view  # `status` says where the run stands in a damaged workspace, too
    if why := used_up(workspace, run, events, task):
        return replace(view, used_up=why.message, to_do_by_agent=False)
    return replace(view, persons_step=confirmed_by_a_person(workspace, run, events, task))


def _under_way(events: list[Event], holder: Holder | None) -> EffectIntended | None:
    """What is being done now: begun last, by the process that works at the run. One that came later may only look."""
    if holder is None or holder.began is None:
        return None
    last = next((each for each in reversed(events) if isinstance(each, EffectIntended | EffectDone | Worked)), None)
    return last if isinstance(last, EffectIntended) and last.at >= holder.began else None


def at_its_gate(workspace: Path, run: RunState, events: list[Event]) -> StatusView:
    """The view of such a run, with how HEAD's policy and checks stand to it and to what waits there."""
    wrong = approvals_that_count(workspace, run, events)
    view = _with_record(workspace, run, status_view(run, weaker_policy=is_weaker_at_head(workspace, run, events)))
    if view.waiting_for is None:
        return view
    why, following = closed_at(workspace, run, events, wrong)
    return with_enrolled(
        replace(view, waiting_for=replace(view.waiting_for, closed=why, by=following)) if why else view,
        workspace,
        run,
        events,
    )


def _with_record(workspace: Path, run: RunState, view: StatusView) -> StatusView:
    """The view, with what somebody took back of the run's record; git's files alone tell that nobody did."""
    found = _record_lost(workspace, run)
    if found is None:
        return view
    from workflow.runs.require_record import following

    return replace(view, record_lost=found.said, record_back=following(run.run_id, found))


def require_record(workspace: Path, run: RunState) -> None:
    """Raise JournalDamaged where somebody took back what such a run committed of its own record."""
    if found := _record_lost(workspace, run):
        from workflow.runs.require_record import refusal

        raise refusal(run.run_id, found)


def _record_lost(workspace: Path, run: RunState) -> TakenBack | None:
    if run.outcome or not _may_be_behind(workspace, run):
        return None
    from workflow.runs.holder import read_holder  # where others committed, or the branch was moved
    from workflow.runs.require_record import record_lost

    return record_lost(workspace, run, read_holder(git_dir_of(workspace), run.run_id).segment)


def _may_be_behind(workspace: Path, run: RunState) -> bool:
    """Whether HEAD is another commit than the run's last one, or this clone knew of a further file of its journal."""
    git_dir = git_dir_of(workspace)
    if read_head(git_dir)[1] != run.last_known_commit:
        return True
    known = git_dir / "phasegate" / f"{run.run_id}.holder"
    said = known.read_bytes() if known.is_file() else b""
    return b'"segment":' in said and b'"segment": %d}' % run.segments.last not in said


def approvals_that_count(workspace: Path, run: RunState, events: list[Event]) -> list[str]:
    """Leave of the approvals of what waits those that its gate counts, and say why of each other one."""
    current = waits_at(run)
    if current is None or not current.approvals:
        return []
    from workflow.service.recorded_approvals import uncounted  # where somebody approved, and more are asked for

    try:
        return uncounted(workspace, run, events)
    except PhasegateError as error:
        return [error.message]


def with_enrolled(view: StatusView, workspace: Path, run: RunState, events: list[Event]) -> StatusView:
    """The view of such a run, where passkeys alone sign with how many may approve it now."""
    current = waits_at(run)
    policy = current.worked.policy if current is not None and current.worked is not None else None
    if view.waiting_for is None or current is None or policy is None or not policy.passkeys_alone:
        return view
    from workflow.service.keys_here import approving_passkeys
    from workflow.views.who_may import who_may

    enrolled = len(approving_passkeys(workspace, run, events))
    return replace(view, waiting_for=replace(view.waiting_for, whom=who_may(run, current, enrolled=enrolled)))


def review(directory: Path, run_id: str | None) -> str:
    """The page that waits for approval, as Markdown, with every check in full.

    Raises BadInput when nothing waits, or where the run is driven in another worktree.
    """
    from workflow.doors.git.repository import GitDoor
    from workflow.views.review import waiting_page

    workspace, run = _run(directory, run_id)
    resolve_commit(workspace, run)
    if next(other_worktrees(git_dir_of(workspace)), None) is not None and not run.outcome:
        from workflow.runs.other_worktrees import refuse_copy

        refuse_copy(workspace, run.run_id)
    require_record(workspace, run)
    return waiting_page(workspace, run, GitDoor(workspace))


def log(directory: Path, run_id: str | None) -> Iterator[LogEntry | LogEnd]:
    """What happened in the run, event by event, and how it ended.

    Raises, behind all that is here, as `require_record`.
    """
    workspace = workspace_of(directory)
    events = events_of(workspace, choose(workspace, run_id))
    yield from log_entries(events)
    run = fold(events)
    resolve_commit(workspace, run)
    if end := log_end(run):
        yield end
    require_record(workspace, run)


def _run(directory: Path, run_id: str | None) -> tuple[Path, RunState]:
    workspace = workspace_of(directory)
    return workspace, fold(events_of(workspace, choose(workspace, run_id)))


def _at_hand(workspace: Path, run: RunState) -> PlannedTask | None:
    """The task at hand, where people do it and each of its boxes is answered; None where no runbook can be read."""
    current = run.current_task
    by_hand = current is not None and (current.before is not None or current.handed_in is not None)
    if current is None or not by_hand or run.is_of_0_1 or run.aborted:
        return None
    if current.status not in (TaskStatus.WORKING, TaskStatus.FAILED, TaskStatus.IN_REVIEW):
        return None
    from workflow.runs.load_plan import plan_of  # with the runbook's reader: only where there may be boxes

    try:
        return plan_of(workspace, run).task(current.key)
    except (PhasegateError, KeyError):
        return None  # `status` says where the run stands in a damaged workspace, too


def _elsewhere(workspace: Path, run: RunState, task: PlannedTask) -> Sequence[str]:
    """Whom the boxes of handed-in work wait for, as the checks beside the runbook say, where nobody said a word yet."""
    state = run.task(task.key)
    if state.status != TaskStatus.WORKING or state.handed_in is None or state.skipped:
        return ()
    if not any((workspace / path).is_file() for path in checks_beside(run.start.runbook)):
        return ()
    from phases.checks.answered import answering, names_of_item  # where work is looked at only
    from phases.checks.profiles import chosen, left_out
    from state.task_boxes import boxes_of
    from workflow.runs.checks_beside import checks_in

    try:
        declared = checks_in(workspace, run.start.runbook, under_way=True)
    except PhasegateError:
        return ()  # what is wrong with them is said by what they judge
    if declared is None:
        return ()
    out = left_out(chosen(declared.profiles, run.answers), task)
    found: list[str] = []
    for box in boxes_of(task):
        own = answering(names_of_item(box.number, box.item), declared.checks)
        whom = "; ".join(each.waits_for for each in own if each.waits_for)
        if whom and box.number not in out and box.id not in state.words:
            found.append(f"{whom} ({box.id}: {box.text})")
    return found


def _items(workspace: Path, run: RunState) -> Mapping[str, int]:
    """How many items came to which verdict; of tasks that were left out they stand in the runbook alone."""
    states = [run.task(task.key) for task in run.all_tasks]
    counts = count_items(states)
    left_out = [state.key for state in states if state.skipped and state.status == TaskStatus.DONE]
    if not counts or not left_out:
        return counts
    from workflow.runs.load_plan import plan_of  # with the runbook's reader: only where a task was left out

    try:
        plan = plan_of(workspace, run)
        return count_items(states, [plan.task(key) for key in left_out])
    except (PhasegateError, KeyError):
        return counts


def _checks_not_committed(workspace: Path, run: RunState) -> str:
    """The path of the checks beside the runbook that are not as HEAD has them, or ""; those of a run that goes on.

    One process of git, where a checks file lies there or judged before.
    """
    if run.is_of_0_1 or run.outcome:
        return ""
    judged = {path for each in run.all_tasks for path in judged_by(run.task(each.key))}
    beside = checks_beside(run.start.runbook)
    known = [path for path in beside if path in judged or (workspace / path).is_file()]
    if not known:
        return ""
    seen = look(workspace, "status", "--porcelain", "--ignored", "-z", "--", *known).stdout.decode(errors="replace")
    return next((path for path in known if seen and _is_named(path, seen)), "")


def _is_named(path: str, seen: str) -> bool:
    """Whether git's status, of paths from the top of the repository, has this one."""
    return any(line[3:] == path or line[3:].endswith(f"/{path}") for line in seen.split("\0"))


def resolve_commit(workspace: Path, run: RunState) -> None:
    """Find out whether the commit that was intended last was made: it is its own record, so git is asked once."""
    current = run.current_task
    if current and current.status == TaskStatus.COMMITTING:
        wanted = trailers(run, current)
        intended = current.commit_intent.message if current.commit_intent else ""
        sha = head_is(workspace, intended, wanted) or last_commit_with(workspace, wanted, run.last_known_commit)
        if sha:
            commit_found(run, sha)
