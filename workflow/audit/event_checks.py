"""Do the events of an attempt say what its evidence, its report and the other events say? Hand-in, commands, times.

Rules:
- What evidence and events both say is compared, and who said it, how, and whether a terminal was there.
- Between its beginning and its commit an attempt stays in one working tree, so its times follow each other. A clock
  that was set back looks the same, and the message says so. The commit's own dates may be anybody's choice (git takes
  them from its environment), so nothing is held against them.
- Runs of format 1 record less, and nothing is asked of them.
- The digest that was approved names the line before what was shown, so that an event of before cannot be changed
  without that: but where the approval is not signed, digest and approval can be made to fit. What nothing else holds
  then is listed (`unproved_events`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from phases.documents.markdown import code_block
from phases.manual.early_ends import before_its_end
from phases.manual.hand_work import report_paths
from state.counted import counted
from state.event_types import Event, HandedIn, TaskEvent, Worked
from state.evidence import Evidence
from state.json_values import Fields, format_time
from state.model import PlannedTask
from state.printable import as_names
from state.run_state import RunState
from state.task_events import LEFT_OUT_VIA
from state.task_state import BY_MCP, BY_PROGRAM, TaskState
from workflow.audit.facts import Commit, Repository
from workflow.audit.findings import Finding, Report
from workflow.doors.masking import mask

_OF_WORK = (
    "pass",
    "derived",
    "attested",
    "fail",
    "waived",
    "said-by-agent",
)  # none of a task that a profile leaves out
_COMMAND = re.compile(r"command-(\d+)(?:-run-(\d+))?")


def check_attempt(
    repository: Repository,
    run: RunState,
    task: PlannedTask,
    state: TaskState,
    commit: Commit,
    report: Report,
) -> None:
    """Report what the events of a committed attempt say otherwise than its evidence, or than what its commands left."""
    if run.is_of_0_1 or state.worked is None:
        return
    differences = [
        *_of_hand_in(run, task, state, state.worked),
        *_of_commands(task, state, state.worked),
        *_of_report(repository, task, state, commit),
    ]
    for why in differences:
        report(Finding("event-differs", why, state.key, commit.sha))


def check_times(run: RunState, events: Sequence[Event], report: Report) -> None:
    """Report events of an attempt that are from before the one before, or from before what they tell of."""
    if run.is_of_0_1:
        return
    for before, event in pairwise(events):
        if isinstance(event, TaskEvent) and _attempt(before) == _attempt(event) and event.at < before.at:
            what = f"{before.type} in line {before.seq + 1} from {format_time(before.at)}"
            _report_time(run, event, f"{what}: a time was edited, or a clock set back", report)
    for event in events:
        if isinstance(event, Worked) and event.request.shown_at > event.at:
            _report_time(run, event, f"shown was at {format_time(event.request.shown_at)}", report)


def _report_time(run: RunState, event: TaskEvent, why: str, report: Report) -> None:
    message = f"{run.place(event.seq)}: {event.type} is from {format_time(event.at)}, {why}"
    report(Finding("event-differs", message, event.task))


def _attempt(event: Event) -> tuple[str, int] | None:
    return (event.task, event.attempt) if isinstance(event, TaskEvent) else None


def _of_hand_in(run: RunState, task: PlannedTask, state: TaskState, worked: Evidence) -> Iterator[str]:
    event = state.handed_in
    if event is None:
        return
    place = f"{run.place(event.seq)}: handed-in"
    yield from _of_the_way(place, run, event, worked, alone=state.part_without_terminal)
    if state.alone and worked.terminal:
        yield f"{place}: {', '.join(state.alone)} drove a part without a terminal, the evidence says terminal True"
    yield from _of_paths(place, run, task, event, worked)
    said = _said_in_review(event)
    bodies = [section.body for section in worked.review if section.title in ("What was to be done", "Skipped")]
    if bodies and not any(body.endswith(each) for body in bodies for each in (said, mask(said))):
        yield f"{place} is by {event.by.git} ({event.via}) with {counted(len(event.paths), 'file')}, shown was another"


def _of_the_way(place: str, run: RunState, event: HandedIn, worked: Evidence, *, alone: bool) -> Iterator[str]:
    """Who handed in, by which way, and whether a terminal was there, are those of the evidence, and can be together.

    `alone`: whether somebody drove a part of it without a terminal.
    """
    explained = event.terminal and alone  # a part of it was driven without one, as is recorded
    if event.terminal is not None and event.terminal != worked.terminal and not explained:
        yield f"{place} says terminal {event.terminal}, the evidence {worked.terminal}"
    if event.via in BY_PROGRAM and event.terminal:
        yield f"{place} says that it came by `{event.via}`, and that a terminal was there which could be asked"
    if worked.by is not None and event.by.git != worked.by.git:
        yield f"{place} is by {event.by.git}, the evidence by {worked.by.git}"
    yield from _of_agents_way(place, event)
    if (event.via == LEFT_OUT_VIA) != (event.by.git == LEFT_OUT_VIA):
        yield f"{place} came by {event.via}, and is by {event.by.git}: what a profile leaves out is handed in by nobody"
    if event.via == LEFT_OUT_VIA and any(check.verdict in _OF_WORK for check in worked.checks if check.answers):
        yield f"{place} says that the profile leaves the task out, and the evidence has answers to its boxes"
    if event.via == "--yes" and not run.start.sandbox:
        yield f"{place} came by --yes, which hands in for nobody outside of the sandbox"


def _of_agents_way(place: str, event: HandedIn) -> Iterator[str]:
    """Agents hand in by mcp, where nobody has to at a checkpoint, and nobody else does."""
    if event.by.is_agent and event.via not in (BY_MCP, "checkpoint"):
        yield f"{place} is by {event.by.git}, whose work comes by mcp, and says that it came by {event.via}"
    if event.via == BY_MCP and not event.by.is_agent:
        yield f"{place} says that it came by mcp, and is by {event.by.git}, who is no agent"


def _of_paths(place: str, run: RunState, task: PlannedTask, event: HandedIn, worked: Evidence) -> Iterator[str]:
    """The files that were handed in are those of the evidence, beside phasegate's own reports and copies."""
    approved = set(worked.digests())
    copies = f".phasegate/{run.run_id}/"
    own = {path for path in approved if path.startswith(copies) or PurePosixPath(path).name in _reports(task)}
    if more := sorted(set(event.paths) - approved):
        yield f"{place} names {as_names(more)}, which the evidence does not have"
    if more := sorted(approved - own - set(event.paths)):
        yield f"{place} does not name {as_names(more)}, which the evidence has"


def _said_in_review(event: HandedIn) -> str:
    """The end of what the approver was shown of the hand-in."""
    if event.skip:
        return f"{event.skip}\n\nSaid by {event.by.git} ({event.via})."
    return f"\n\nHanded in by {event.by.git} ({event.via}) with {counted(len(event.paths), 'file')}."


def _of_commands(task: PlannedTask, state: TaskState, worked: Evidence) -> Iterator[str]:
    """How each run of a command ended is what the evidence repeats of it."""
    if state.handed_in is None or state.skipped:
        return
    shown = _runs_shown(worked.data)
    ran = {number: runs for number, runs in _runs_done(state).items() if runs}
    for number in sorted(ran.keys() | shown.keys()):
        told = [_gist(each) for each in ran.get(number, [])]
        if number <= len(task.commands) and told != shown.get(number, []):
            yield f"command {number}: the events have {told}, the evidence {shown.get(number, [])}"
    yield from _of_intents(ran)


def _of_intents(ran: Mapping[int, Sequence[tuple[Fields, Fields]]]) -> Iterator[str]:
    """Each run is of the script and program that were intended."""
    for number, runs in ran.items():
        for run, (intent, result) in enumerate(runs, 1):
            if (intent.get("command"), intent.get("program")) != (result.get("script"), result.get("program")):
                yield f"command {number}, run {run}: effect-done is of another script or program than was intended"


def _runs_done(state: TaskState) -> dict[int, list[tuple[Fields, Fields]]]:
    """Number of a command -> its runs, each as intended and as it ended."""
    found: dict[int, list[tuple[Fields, Fields]]] = {}
    for name, (intent, result) in state.effects.items():
        if (match := _COMMAND.fullmatch(name)) and result is not None:
            found.setdefault(int(match[1]), []).append((intent, result))
    return found


def _runs_shown(data: Fields) -> dict[int, list[dict[str, object]]]:
    """The same from the evidence, in as much as it has; what is of another kind counts as not shown."""
    commands = data.get("commands")
    found: dict[int, list[dict[str, object]]] = {}
    for each in commands if isinstance(commands, Sequence) and not isinstance(commands, str) else ():
        number, runs = (each.get("number"), each.get("runs")) if isinstance(each, Mapping) else (None, None)
        if isinstance(number, int) and isinstance(runs, Sequence) and runs:
            found[number] = [_fields(run) for run in runs if isinstance(run, Mapping)]
    return found


def _gist(run: tuple[Fields, Fields]) -> dict[str, object]:
    return _fields(run[1])


def _fields(run: Mapping[str, object]) -> dict[str, object]:
    return {name: run.get(name) for name in ("exit_code", "failed_line", "commands", "ended_early")}


def _reports(task: PlannedTask) -> tuple[str, str]:
    """Names of what keeps what a task's commands printed and what its checks saw; they stand beside the working log."""
    first, second = report_paths("working_log.md", task)
    return first, second


def _of_report(repository: Repository, task: PlannedTask, state: TaskState, commit: Commit) -> Iterator[str]:
    """What each run printed, how it ended and how long it took stands in the report of the task's commit."""
    runs = _runs_by_name(state)
    if state.handed_in is None or state.skipped or state.worked is None or not runs:
        return
    written = set(state.worked.digests()).difference(state.handed_in.paths)
    path = next((each for each in written if PurePosixPath(each).name == _reports(task)[0]), "")
    if not path:
        yield f"its commands ran, and the evidence has no {_reports(task)[0]}"
    elif held := repository.at(commit.sha, path):  # where it is missing, that is found where blobs are compared
        yield from _not_in(held.data.decode(errors="replace").replace("\r\n", "\n"), runs)


def _runs_by_name(state: TaskState) -> list[tuple[str, Fields]]:
    """Each run of a command and of the tests, as it ended, by what it is called in findings."""
    runs = [(f"command {number}", run) for number, ran in _runs_done(state).items() for _, run in ran]
    _, tests = state.effects.get("tests", (None, None))
    return [*runs, ("tests", tests)] if tests is not None else runs


def _not_in(text: str, runs: Sequence[tuple[str, Fields]]) -> Iterator[str]:
    """The runs that a report tells otherwise than their events."""
    for name, run in runs:
        for part in _reported(run):
            if part not in text and mask(part) not in text:
                yield f"{name}: effect-done says {part.strip().splitlines()[0]!r}, the report in its commit does not"
                break


def _reported(run: Fields) -> Iterator[str]:
    """The parts of a report that repeat a run: how it ended, and what it printed, or else what ran."""
    code, seconds = run.get("exit_code"), run.get("seconds")
    if code is not None:
        at = f" at line {run['failed_line']}" if code and run.get("failed_line") else ""
        by = f", run by `{run['program']}`" if "program" in run else ""
        yield f"{at} after {seconds} s{by}." if at else f" after {seconds} s{by}."
        yield f"xit {code}"
        if early := before_its_end(run):
            yield f" It ended {early}."
    output = run.get("output") or run.get("script")
    if isinstance(output, str) and output:
        yield code_block(output)
