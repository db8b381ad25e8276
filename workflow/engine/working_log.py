"""What stands in the working log? One entry per committed task, made from the journal, found again and never doubled.

Rules:
- Pure: bytes in, bytes out. Everything but our own entries belongs to the people who write in the file.
- An entry stands between two HTML comments that name run and task; writing it again replaces it in place.
- What others wrote stands in one line, printable, and opens no comment: it can neither hide a line nor end an entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from phases.documents.markdown import code
from state.evidence import CheckResult
from state.model import PlannedTask
from state.printable import printable_line
from state.run_state import RunState
from state.task_state import TaskState


def with_entry(log: bytes | None, *, title: str, run_id: str, task: str, entry: str) -> bytes:
    """The log with this task's entry: appended, or put in the place of the one that stands there already."""
    begin, end = _begin(run_id, task), _end(run_id, task)
    block = begin + entry.encode() + end
    if log is None:
        log = _head(title)
    start = log.find(begin)
    if start >= 0:
        stop = log.find(end, start)
        tail = log[stop + len(end) :] if stop >= 0 else b""  # without its end it was torn: nothing of ours follows
        return log[:start] + block + tail
    if not log.endswith(b"\n"):
        log += b"\n"
    return log + b"\n" + block


def without_entry(log: bytes, *, run_id: str, task: str) -> bytes:
    """The log without this task's entry; as it is where it has none."""
    start = log.find(_begin(run_id, task))
    if start < 0:
        return log
    stop = log.find(_end(run_id, task), start)
    tail = log[stop + len(_end(run_id, task)) :] if stop >= 0 else b""  # as in `with_entry`
    return log[:start].removesuffix(b"\n") + tail


def as_shown(log: bytes | None, *, title: str, run_id: str, task: str) -> bytes | None:
    """What stands in the log beside this task's entry: what `with_entry` adds it to. None where that begins the log."""
    if log is None:
        return None
    rest = without_entry(log, run_id=run_id, task=task)
    rest = rest if rest.endswith(b"\n") else rest + b"\n"
    return None if rest == _head(title) else rest


def _head(title: str) -> bytes:
    return f"# {_said(title)}: working log\n".encode()


def _begin(run_id: str, task: str) -> bytes:
    return f"<!-- phasegate:begin {run_id} {task} -->\n".encode()


def _end(run_id: str, task: str) -> bytes:
    return f"<!-- phasegate:end {run_id} {task} -->\n".encode()


def entry(run: RunState, state: TaskState, task: PlannedTask, artifacts: Sequence[str]) -> str:
    """The Markdown of one task's entry."""
    checks = state.worked.checks if state.worked else ()
    passed = sum(check.verdict == "pass" for check in checks)
    lines = [
        _said(f"## {task.id} {task.title}".replace("  ", " ")),
        "",
        f"- Run `{run.run_id}`, attempt {state.attempt}, started {_when(state.first_started_at)}",
    ]
    if state.skipped:
        lines.append(_said(f"- Skipped: {state.skipped}"))
    if task.kind == "rollback" and run.rollback:
        lines.append(_said(f"- Rollback, because {run.rollback.reason}"))
    if checks:
        lines.append(_said(f"- Checks: {passed} of {len(checks)} passed{_remarks(checks)}"))
    lines += [_said(f"- Left: {code(path)}") for path in artifacts]
    lines += [_said(f"- Answer: {name} = {code(value)}") for name, value in state.answers.items()]
    lines += [_said(f"- {refusal}") for refusal in state.refusals]
    if state.request:
        lines.append(
            _said(
                f"- Approved by {state.approved_by} at {_when(state.approved_at)}, digest `{state.request.digest[:12]}`"
            )
        )
    lines += [
        _said(f"- {approval.by.git} said: {approval.comment}") for approval in state.approvals if approval.comment
    ]
    notes = [note for note in run.notes if note[1] == task.key]
    lines += [_said(f"- Note by {by} at {_when(at)}: {text}") for at, _task, text, by in notes]
    return "\n".join(lines) + "\n"


def _remarks(checks: Sequence[CheckResult]) -> str:
    rest = [check for check in checks if check.verdict in ("note", "not-checked", "attested")]
    words = {"attested": " (attested)"}
    return "".join(f"; {check.name}{words.get(check.verdict, '')}: {check.seen}" for check in rest)


def _said(line: str) -> str:
    return printable_line(line.replace("\r\n", " ").replace("\n", " ")).replace("<!--", "&lt;!--")


def _when(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "an unknown time"
