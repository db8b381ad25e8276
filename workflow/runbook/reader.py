"""What does a runbook ask for? Its bytes as a frozen plan: one reader for task lists, phase workflows, checklists.

Rules (docs/runbook-grammar.md):
- Pure and linear: bytes in, a Plan out; nothing is read from disk, nothing is changed.
- A runbook that cannot be run is refused here, with every problem at once as `path:line:column: code: message`; a
  strict reading refuses warnings, too.
- Patterns of the rarer forms are strings, compiled when first met: compiling all of them would be a good part of the
  command line's cold start.
- All else that is odd becomes a finding; what looks like a task and is none is kept in `not_tasks` with the reason.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable

from state.errors import BadInput, Problem
from state.model import Plan, PlannedTask, Shape
from state.path_word import path_word
from workflow.runbook.above import with_what_stands_beside
from workflow.runbook.boxes import find_boxes
from workflow.runbook.cases_left import report_cases_left
from workflow.runbook.conditions import Natures, natures
from workflow.runbook.encoding import refuse_other_encodings
from workflow.runbook.grammar import CURRENT_GRAMMAR, GRAMMARS, Grammar
from workflow.runbook.lines import Lines, scan
from workflow.runbook.loose_commands import report_loose_commands
from workflow.runbook.outline import Document, outline
from workflow.runbook.overlooked_boxes import report_overlooked_boxes
from workflow.runbook.phases import phase_name, read_phases
from workflow.runbook.plan_checks import missing_phases, skipped_phases, structure_problems
from workflow.runbook.report import Report, as_problems, in_order
from workflow.runbook.sections import read_checklist
from workflow.runbook.shape import recognise
from workflow.runbook.states import read_states
from workflow.runbook.stops_above import with_stops_above
from workflow.runbook.task_list import read_task_list
from workflow.runbook.unread_conditions import report_unread_conditions

# of grammar 1
_READERS: dict[Shape, Callable[[Document, Report], tuple[PlannedTask, ...]]] = {
    "tasks": read_task_list,
    "phases": read_phases,
    "checklist": read_checklist,
}
_NOTHING = {
    "tasks": "no task: expected lines like `- [ ] 1.1 Title`, or headings like `## Phase 1: Title`",
    "phases": "no phase: expected headings like `## Phase 1: Title`",
    "checklist": "no item: expected lines like `- [ ] text` under headings",
}


def read_runbook(
    data: bytes,
    *,
    name: str,
    path: str,
    shape: Shape | None = None,
    strict: bool = False,
    grammar: int = CURRENT_GRAMMAR,
) -> Plan:
    """The plan that a runbook describes.

    Args:
        data: the file's bytes, in any encoding that extends ASCII; UTF-8 is expected, UTF-16 and UTF-32 are refused.
        name: what commits and listings call it.
        path: the file's path for messages and for `Plan.runbook`.
        shape: which form to read it as; recognised when None.
        strict: refuse what would be a warning.
        grammar: number of the rules to read by; for a run that has begun, those that it began with (`grammar_of`).

    The garbage collector rests meanwhile: everything made here stays, and walking it again and again would make the
    time grow faster than the runbook (Source: Mercurial, `util.nogc`).

    Raises BadInput when there is no task, when an unclosed fence or comment swallows tasks, when a gate names a phase
    that is not there, and when the plan has no way to finish; all problems at once.
    """
    if shape not in (None, *_READERS):
        raise BadInput(f"a runbook cannot be read as {shape!r}, expected one of {', '.join(_READERS)}")
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read(data, name, path, shape, strict, GRAMMARS[grammar])
    finally:
        if collecting:
            gc.enable()


def _read(data: bytes, name: str, path: str, shape: Shape | None, strict: bool, grammar: Grammar) -> Plan:
    if grammar.utf8_only:
        refuse_other_encodings(data, path)
    report = Report()
    lines = scan(data, report, grammar)
    document = outline(lines, find_boxes(lines, report))
    found = natures(document)
    shape = shape or recognise(document, found)
    _check_cut(lines, report)
    tasks = _read_tasks(document, found, shape, report)
    if grammar.all_odd_boxes:
        report_overlooked_boxes(lines, {each.row for each in document.boxes}, report)
    _check_gates(tasks, shape, report)
    warnings = [finding for finding in report.findings if finding.severity == "warning"]
    if strict:
        report.problems += warnings
    plan = Plan(
        name=name,
        title=document.title or name,
        shape=shape,
        runbook=path,
        sha256=hashlib.sha256(data).hexdigest(),
        tasks=tasks,
        findings=in_order(report.findings, lines.raw),
        not_tasks=in_order(report.not_tasks, lines.raw),
        grammar=grammar.number,
    )
    refused = as_problems(in_order(report.problems, lines.raw), path, lines.raw)
    problems = [*refused, *(structure_problems(plan) if tasks else ())]
    if problems:
        raise _refusal(path, problems, by_strict=len(warnings) if strict else 0)
    return plan


def _read_tasks(document: Document, found: Natures, shape: Shape, report: Report) -> tuple[PlannedTask, ...]:
    """The tasks; none is a problem."""
    if document.lines.grammar.sections_around:
        tasks = with_what_stands_beside(document, found, read_states(document, found, shape, report), report)
        tasks = with_stops_above(document, found, tasks, report)
        report_cases_left(document, found, tasks, report)
        report_unread_conditions(document, found, report)
        if shape == "tasks":
            report_loose_commands(document, found, tasks, report)
    else:
        tasks = _READERS[shape](document, report)
    if not tasks:
        line = report.problems[0].line if report.problems else 1
        report.problem("no-task", line, f"{_NOTHING[shape]}{_what_was_seen(document, report)}")
    return tasks


def _refusal(path: str, problems: list[Problem], *, by_strict: int) -> BadInput:
    """A runbook with problems, so many of which are warnings that only a strict reading refuses."""
    seen = _count(len(problems), "problem", "problems")
    if by_strict:
        seen += f" ({_count(by_strict, 'warning', 'warnings')}, refused by --strict)"
    fix = f"$EDITOR {path_word(path)}   # docs/runbook-grammar.md has the rules; then the same command again"
    only_strict = by_strict == len(problems)
    look = f"phasegate plan {path_word(path)}   # without --strict, it can be run" if only_strict else ""
    return BadInput(
        f"{path} cannot be run as it is: {seen}", problems=problems, next_command=f"{fix}\n      {look}".rstrip()
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _check_cut(lines: Lines, report: Report) -> None:
    """An unclosed fence or comment: refused when tasks or headings are behind it, else only said."""
    if lines.cut is None:
        return
    first = lines.cut + 1
    what = f"the {lines.cut_by} that begins here is never closed and reaches to the end of the file"
    if swallowed := _swallowed(lines, first, report):
        report.problem(f"unclosed-{lines.cut_by}", first, f"{what}; it swallows {swallowed}")
    else:
        report.warn(f"unclosed-{lines.cut_by}", first, what)


def _swallowed(lines: Lines, first: int, report: Report) -> str:
    """How many boxes, or else phases, are hidden behind the line `first` (from 1); "" when there are none."""
    boxes = sum(1 for each in report.not_tasks if each.code == "hidden-box" and each.line > first)
    if boxes:
        return _count(boxes, "box", "boxes")
    phases = sum(1 for text in lines.text[first:] if text.startswith("#") and phase_name(text.lstrip("# ")))
    return _count(phases, "phase", "phases") if phases else ""


def _what_was_seen(document: Document, report: Report) -> str:
    headings, boxes = len(document.sections) - 1, len(document.boxes)
    seen = [_count(headings, "heading", "headings"), _count(boxes, "box", "boxes")]
    if report.not_tasks:
        seen.append(f"{len(report.not_tasks)} left out, the first on line {report.not_tasks[0].line}")
    malformed = [each for each in report.findings if each.code == "malformed-box"]
    if malformed:
        seen.append(f"{len(malformed)} malformed, the first on line {malformed[0].line}")
    return f"; seen {', '.join(seen)}"


def _check_gates(tasks: tuple[PlannedTask, ...], shape: Shape, report: Report) -> None:
    """A gate that names a phase: it has to be there, and should be the next one."""
    missing = list(missing_phases(tasks))
    for task, phase in missing:
        message = f"the gate of {task.label} names {phase}, which this runbook does not have"
        if shape == "phases":
            report.problem("gate-names-missing-phase", task.gate_line, message)
        else:
            report.warn("gate-names-missing-phase", task.gate_line, message)
    for task, phase, following in skipped_phases(tasks):
        if (task, phase) in missing:
            continue
        report.warn(
            "gate-skips", task.gate_line, f"the gate of {task.label} names {phase}, what follows is {following}"
        )
