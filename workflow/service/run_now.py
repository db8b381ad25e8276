"""What of a run goes into its tips, and in which state is it left at the remote? As it is in this clone now."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from state.find_runs import run_directory
from state.json_values import format_time
from state.run_state import RunState
from state.task_state import TaskStatus
from workflow.doors.git.plumbing import look
from workflow.doors.git.tips import ATTEMPT, DIGEST, EXPIRES, TASK, Now
from workflow.engine.commit import commit_paths
from workflow.engine.engine import Engine
from workflow.engine.log_parts import own_parts
from workflow.meeting.refs import State
from workflow.trailers import run_files
from workflow.views.review import waiting_page


def now_of(engine: Engine) -> Now:
    """The run as it is in this clone."""
    run, workspace = engine.run, engine.workspace
    current = run.current_task
    own = run_directory(workspace, run.run_id)
    held = [path.relative_to(workspace).as_posix() for path in sorted(own.rglob("*")) if path.is_file()]
    paths = [*run_files(run.run_id), *held, ".phasegate/.gitattributes", run.start.runbook]
    paths += sorted(own_parts(workspace, engine.workflow.log))
    said: dict[str, str] = {}
    subject, page = f"phasegate: {run.run_id}", ""
    if current is not None and not run.outcome:
        paths += commit_paths(workspace, engine.workflow.log, run, current)
        step = engine.workflow.step_for(engine.plan.task(current.key))
        paths += [*(step.writes if step is not None else ()), *(current.handed_in.paths if current.handed_in else ())]
        said = {TASK: current.key, ATTEMPT: str(current.attempt)}
        subject = f"phasegate: {engine.plan.task(current.key).label}"
        if current.status == TaskStatus.IN_REVIEW and current.request is not None:
            said |= {DIGEST: current.request.digest, EXPIRES: format_time(current.request.expires_at)}
            subject, page = f"{subject} waits for approval", waiting_page(workspace, run, engine.doors.git)
    return Now(subject, said, _known(workspace, list(dict.fromkeys(paths))), page)


def _known(workspace: Path, paths: Sequence[str]) -> list[str]:
    """Those that are here, or that HEAD has: of what is neither git knows no path."""
    away = [path for path in paths if not os.path.lexists(workspace / path)]
    listed = look(workspace, "ls-tree", "-z", "--name-only", "HEAD", "--", *away).stdout if away else b""
    unknown = {*away} - {os.fsdecode(path) for path in listed.split(b"\0")}
    return [path for path in paths if path not in unknown]


def state_of(run: RunState) -> tuple[State, str]:
    """In which state the run is parked, and why."""
    if run.outcome:
        return "", "over"
    current = run.current_task
    if current is not None and current.status == TaskStatus.IN_REVIEW:
        return "waiting", "waits"
    return "stopped", str(current.status) if current is not None else "ready"
