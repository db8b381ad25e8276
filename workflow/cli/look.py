"""`status` and `log`: look at where a run stands and what happened. Nothing is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from state.event_types import (
    Aborted,
    Answered,
    Approved,
    AttemptFailed,
    BranchSwitched,
    CommitIntended,
    CommitRefused,
    EffectDone,
    EffectIntended,
    Event,
    HandedIn,
    NamedTask,
    Noted,
    Rejected,
    RollbackStarted,
    RunbookTaken,
    RunStarted,
    TaskEvent,
    TaskStarted,
    Voided,
    Worked,
)
from state.json_values import format_time
from state.printable import printable_line
from state.run_state import RunState, fold
from state.task_state import TaskState
from workflow.cli.place import workspace_of
from workflow.cli.say import say
from workflow.doors.git.plumbing import last_commit_with
from workflow.runs.find_run import choose, events_of
from workflow.trailers import trailers

JSON = click.option("--json", "as_json", is_flag=True, help="As JSON (docs/json.md).")


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@JSON
@click.option("--review", is_flag=True, help="The page that waits for approval, as Markdown, with every check in full.")
@click.pass_context
def status(ctx: click.Context, run_id: str | None, as_json: bool, review: bool) -> None:
    """Show where a run stands and what it waits for."""
    workspace = workspace_of(ctx)
    run = fold(events_of(workspace, choose(workspace, run_id)))
    if review:
        from workflow.views.review import waiting_page

        say(waiting_page(workspace, run), nl=False)
        return
    _settle(workspace, run)
    body = status_json(run)
    if as_json:
        click.echo(json.dumps(body, ensure_ascii=False, indent=2))
    else:
        say("\n".join(map(printable_line, _status_lines(run, body))))


def _settle(workspace: Path, run: RunState) -> None:
    """The last intended commit is its own record: one look at git tells whether it was made."""
    here = run.here
    if here and here.status == "committing":
        sha = last_commit_with(workspace, trailers(run, here))
        if sha:
            run.commit_found(sha)


def status_json(run: RunState) -> dict[str, Any]:
    """`run, workflow, state, tasks, waiting_for, progress, rollback`, as docs/json.md describes them."""
    tasks = run.all_tasks
    states = [run.task(task.key) for task in tasks]
    done = sum(state.status == "done" for state in states)
    here = run.here
    waiting = None
    if here and here.status == "in-review" and here.request and not run.aborted:
        waiting = {
            "task": here.key,
            "digest": here.request.digest,
            "expires_at": format_time(here.request.expires_at),
        }
    by_hand = here is not None and here.status == "working" and here.before is not None and not here.handed_in
    return {
        "run": run.run_id,
        "workflow": run.start.workflow,
        "state": run.position.shown,
        "tasks": [_task_json(task, state) for task, state in zip(tasks, states, strict=True)],
        "waiting_for": waiting,
        "to_do": here.key if here and by_hand and not run.aborted else None,
        "progress": {"done": done, "total": len(states)},
        "rollback": _rollback_json(run.rollback) if run.rollback else None,
    }


def _rollback_json(begun: RollbackStarted) -> dict[str, Any]:
    return {"reason": begun.reason, "by": begun.by.git, "at": format_time(begun.at)}


def _task_json(task: NamedTask, state: TaskState) -> dict[str, Any]:
    return {
        "id": task.id,
        "key": task.key,
        "title": task.title,
        "status": "adopted" if state.adopted else state.status,
        "commit": state.commit,
        "approved_by": state.approved_by or None,
    }


def _status_lines(run: RunState, body: dict[str, Any]) -> list[str]:
    places = {task["key"]: f"at {task['id'] or task['title']}" for task in body["tasks"]}
    place = places.get(body["state"], body["state"].replace("_", " "))
    lines = [f"{body['run']}: {place}, {body['progress']['done']} of {body['progress']['total']} done"]
    for task in body["tasks"]:
        commit = (task["commit"] or "")[:10]
        lines.append(f"  {task['status']:<10} {commit:<10}  " + f"{task['id']} {task['title']}".strip())
    if body["rollback"]:
        lines += ["", f"rolled back because {body['rollback']['reason']} ({body['rollback']['by']})"]
    here = run.here
    if here and here.status == "failed" and here.failure:
        lines += ["", f"failed: {here.failure.reason}", *(f"  {text}" for text in here.failure.problems)]
    if body["waiting_for"]:
        waiting = body["waiting_for"]
        lines += [
            "",
            f"waiting for approval of {waiting['digest'][:7]} until {waiting['expires_at']}",
            f"next: phasegate status {body['run']} --review   # read it, then",
            f"      phasegate approve {body['run']} --digest {waiting['digest'][:7]}",
        ]
    elif body["to_do"]:
        lines += [
            "",
            f"{places[body['to_do']].removeprefix('at ')} is to be done by hand",
            f"next: phasegate resume {body['run']}   # shows it",
            f"      phasegate done {body['run']} --path FILE   # hands it in",
        ]
    elif body["state"] not in ("complete", "aborted", "rolled_back"):
        lines += ["", f"next: phasegate resume {body['run']}"]
    return lines


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@JSON
@click.pass_context
def log(ctx: click.Context, run_id: str | None, as_json: bool) -> None:
    """Show what happened in a run, event by event."""
    workspace = workspace_of(ctx)
    for event in events_of(workspace, choose(workspace, run_id)):
        click.echo(event.to_line().decode() if as_json else printable_line(_log_line(event)))


def _log_line(event: Event) -> str:
    where = ""
    if isinstance(event, TaskEvent):
        where = f"{event.task}#{event.attempt}"
    elif isinstance(event, Noted):
        where = event.task
    return f"{format_time(event.at)}  {event.type:<16} {where:<12} {_gist(event)}".rstrip()


def _gist(event: Event) -> str:
    """The one thing worth reading in a line of the log."""
    match event:
        case RunStarted():
            return f"{event.workflow} from {event.runbook} by {event.by.git}"
        case RunbookTaken():
            return f"{event.file}, {len(event.tasks)} tasks, by {event.by.git}"
        case Noted():
            return f"{event.by.git}: {event.text}"
        case RollbackStarted() | Aborted() | AttemptFailed() | CommitRefused():
            return event.reason
        case CommitIntended():
            return event.message.split("\n", 1)[0]
        case Rejected():
            return f"by {event.by.git}: {event.reason}"
        case Voided():
            return "; ".join(event.changed)
        case _:
            return _gist_of_work(event)


def _gist_of_work(event: Event) -> str:
    match event:
        case TaskStarted():
            return f"after {event.after[:10]}" if event.after else ""
        case Answered():
            return f"{event.question} = {event.answer} ({event.via})"
        case EffectIntended() | EffectDone():
            return event.effect
        case BranchSwitched():
            return f"from {event.from_branch} to {event.branch}"
        case HandedIn():
            what = f"skipped: {event.skip}" if event.skip else f"{len(event.paths)} files"
            return f"{what}, by {event.by.git} ({event.via})"
        case Worked():
            left, failed = event.evidence, sum(check.verdict == "fail" for check in event.evidence.checks)
            digest = event.request.digest[:7]
            return f"{len(left.artifacts)} files, {len(left.checks)} checks, {failed} failed, digest {digest}"
        case Approved():
            return f"{event.approval.digest[:7]} by {event.by.git} ({event.approval.via})"
        case _:
            return ""
