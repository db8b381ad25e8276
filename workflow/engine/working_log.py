"""What stands in the working log? One entry per committed task, made from the journal, found again and never doubled.

Rules:
- Pure: bytes in, bytes out. Everything but our own entries belongs to the people who write in the file.
- An entry stands between two HTML comments that name run and task; writing it again replaces it in place.
- The audit renders an entry again and compares it with the one in the task's commit: other words are another format.
- What others wrote stands in one line, printable, and opens no comment: it can neither hide a line nor end an entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from phases.documents.markdown import code, code_block
from state.evidence import CheckResult
from state.model import PlannedTask
from state.printable import as_name, printable_line
from state.run_state import RunState
from state.task_state import TaskState
from workflow.views.stale_answers import stale_answers

Note = tuple[datetime, str, str, str]  # when, the task's key or "", text, by whom


def with_entry(
    log: bytes | None, *, title: str, run_id: str, task: str, entry: str, head: bytes | None = None
) -> bytes:
    """The log with this task's entry: appended, or put in the place of the one that stands there already.

    `head`: what begins it where there is none yet, if it is not the first part.
    """
    begin, end = _begin(run_id, task), _end(run_id, task)
    block = begin + entry.encode() + end
    if log is None:
        log = head or _head(title)
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


def entry_in(log: bytes, *, run_id: str, task: str) -> bytes | None:
    """This task's entry, as the log has it between its comments; None where it is not there, or has no end."""
    begin = _begin(run_id, task)
    start = log.find(begin)
    stop = log.find(_end(run_id, task), start) if start >= 0 else -1
    return log[start + len(begin) : stop] if stop >= 0 else None


def as_shown(
    log: bytes | None, *, title: str, run_id: str, task: str, is_head: Callable[[bytes], bool]
) -> bytes | None:
    """What stands in the log beside this task's entry: what `with_entry` adds it to. None where that begins the log.

    `is_head`: whether it is what begins a further part.
    """
    if log is None:
        return None
    rest = without_entry(log, run_id=run_id, task=task)
    rest = rest if rest.endswith(b"\n") else rest + b"\n"
    return None if rest == _head(title) or is_head(rest) else rest


def _head(title: str) -> bytes:
    return f"# {_said(title)}: working log\n".encode()


def _begin(run_id: str, task: str) -> bytes:
    return f"<!-- phasegate:begin {run_id} {task} -->\n".encode()


def _end(run_id: str, task: str) -> bytes:
    return f"<!-- phasegate:end {run_id} {task} -->\n".encode()


def entry(
    run: RunState,
    state: TaskState,
    task: PlannedTask,
    artifacts: Sequence[str],
    *,
    notes: Sequence[Note] | None = None,
    as_before: bool = False,
) -> str:
    """The Markdown of one task's entry; `notes` are those of the run so far, where `run` knows later ones, too.

    `as_before`: as runs of 0.1 and earlier entries have it: texts of several lines in one, answers that say nothing
    any more, and the time of the first attempt only.
    """
    as_before = as_before or run.is_of_0_1
    stale = set() if as_before else stale_answers(task.asked_as, state.answers, state.worked)
    lines = [
        _said(f"## {task.id} {task.title}".replace("  ", " ")),
        "",
        f"- Run `{run.run_id}`, attempt {state.attempt}, started {_started(state, as_before=as_before)}",
    ]
    if state.skipped:
        lines.append(_said(f"- Skipped: {state.skipped}"))
    if task.kind == "rollback" and run.rollback:
        lines.append(_said(f"- Rollback, because {run.rollback.reason}"))
    lines += map(_said, _checked(state))
    for head, command in _ran_before(state):
        lines += _with_text(head, command, in_one_line=as_before)
    lines += [_said(f"- Left: {code(as_name(path))}") for path in artifacts]
    for name, value in ((each, state.answers[each]) for each in state.answers if each not in stale):
        lines += _with_text(f"- Answer: {name} =", value, in_one_line=as_before)
    lines += [_said(f"- {refusal}") for refusal in state.refusals]
    lines += map(_said, _words_of_people(run.notes if notes is None else notes, state))
    return "\n".join(lines) + "\n"


def _started(state: TaskState, *, as_before: bool) -> str:
    """When this attempt began, and the first one; earlier entries have the first one's time for all."""
    if state.attempt == 1 or as_before:
        return _when(state.first_started_at)
    return f"{_when(state.started_at)} (attempt 1: {_when(state.first_started_at)})"


def _checked(state: TaskState) -> Iterator[str]:
    """How its checks came out, and the answer to each box."""
    from workflow.views.boxes import answer_in_words  # here: an entry is written with a commit only

    everything = state.worked.checks if state.worked else ()
    if checks := [check for check in everything if not check.answers]:
        yield f"- Checks: {_outcome(checks)}"
    yield from (f"- {check.name}: {answer_in_words(check)}" for check in everything if check.answers)


def _with_text(head: str, text: str, *, in_one_line: bool) -> list[str]:
    """A line of the list with a text in code: behind it, or below it where the text has several lines."""
    if in_one_line or "\n" not in text:
        return [_said(f"{head} {code(text)}")]
    return [_said(head), "", *(f"  {_said(line)}".rstrip() for line in code_block(text).split("\n")), ""]


def _ran_before(state: TaskState) -> Iterator[tuple[str, str]]:
    """What ran in earlier attempts, of its commands and beside them, as its evidence has it: how it went, its text."""
    data = state.worked.data if state.worked else {}
    commands = data.get("commands")
    for each in (*(commands if isinstance(commands, list) else ()), data):
        for ran in each.get("earlier", ()) if isinstance(each, Mapping) else ():
            edited = ", edited before it ran" if ran["edited"] else ""
            yield f"- In attempt {ran['attempt']}, {ran['run']}: {ran['ended']}{edited}:", ran["command"]


def _words_of_people(notes: Sequence[Note], state: TaskState) -> Iterator[str]:
    """Who approved, what they said to it, and notes."""
    if state.request:
        at, digest = _when(state.approved_at), state.request.digest[:12]
        yield f"- Approved by {state.approved_by} at {at}, digest `{digest}`"
    for approval in state.approvals:
        if approval.comment:
            yield f"- {approval.by.git} said: {approval.comment}"
    for noted_at, key, text, by in notes:
        if key == state.key:
            yield f"- Note by {by} at {_when(noted_at)}: {text}"


def _outcome(checks: Sequence[CheckResult]) -> str:
    """How many checks passed, and what the others have to say."""
    passed = sum(check.verdict == "pass" for check in checks)
    rest = [check for check in checks if check.verdict in ("note", "not-checked", "attested", "derived")]
    words = {"attested": " (attested)", "derived": " (derived)"}
    remarks = "".join(f"; {check.name}{words.get(check.verdict, '')}: {check.seen}" for check in rest)
    derived = sum(check.verdict == "derived" for check in checks)
    follow = f", {derived} follow from what passed before" if derived else ""
    return f"{passed} of {len(checks)} passed{follow}{remarks}"


def _said(line: str) -> str:
    return printable_line(line.replace("\r\n", " ").replace("\n", " ")).replace("<!--", "&lt;!--")


def _when(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "an unknown time"
