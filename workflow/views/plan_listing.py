"""How does a plan look in a terminal? Its states with all that was read, what was not taken, and what is odd.

Rules:
- Findings read as a compiler's: `file:line:column: severity: message [code]`, the line, a caret below the place.
- A runbook may come from a stranger: nothing of it reaches the terminal but printable signs.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

from gates.policy import Policies
from phases.manual.blanks import blanks, nameless
from phases.manual.interpreters import missing_here
from phases.step import Workflow
from state.counted import counted
from state.model import Command, Finding, Plan, PlannedTask, Shape
from state.printable import as_name, printable_line
from state.task_boxes import boxes_of
from state.task_fields import fields_of
from state.task_name import number_and_title
from workflow.engine.commit_message import commit_message
from workflow.runbook.case_words import is_optional
from workflow.runbook.excerpt import excerpt
from workflow.views.boxes import answered_otherwise
from workflow.views.who_may import approval_asked

_SHAPES = {"tasks": "a task list", "phases": "a phase workflow", "checklist": "a checklist"}


def listing(plan: Plan, workflow: Workflow, data: bytes, asked: Shape | None, policies: Policies) -> str:
    """The whole listing.

    Args:
        data: the runbook.
        asked: the shape that it was asked to be read as.
        policies: what each gate asks for, and how commits are called.
    """
    lines = [f"{plan.name}: {plan.title} ({as_name(plan.runbook)}, {counted(len(plan.tasks), 'state')})"]
    lines += [f"read as {_SHAPES[plan.shape]}{', as asked' if asked else ''}: {_summary(plan)}"]
    for task in plan.tasks:
        lines += [
            "",
            _heading(task),
            *(f"    {name:<8} {said}" for name, said in _facts(plan, workflow, task, policies)),
        ]
    raw = data.split(b"\n")
    told = {(each.line, each.message) for each in plan.findings}  # a box of a NO-GO list is warned of below
    if left := tuple(each for each in plan.not_tasks if (each.line, each.message) not in told):
        lines += ["", "not taken as a task:", *_findings(plan.runbook, left, raw, severity=False)]
    if plan.findings:
        lines += ["", *_findings(plan.runbook, plan.findings, raw, severity=True)]
        counts = Counter(finding.severity for finding in plan.findings)
        lines.append(", ".join(counted(number, severity) for severity, number in sorted(counts.items(), reverse=True)))
    return "\n".join(printable_line(line) for line in lines)


def _summary(plan: Plan) -> str:
    counts = Counter(task.kind for task in plan.tasks)
    said = [counted(number, kind) for kind, number in counts.items()]
    optional = sum(task.optional for task in plan.tasks)
    gates = sum(task.gate != "" for task in plan.tasks)
    commands = [command for task in plan.tasks for command in task.commands]
    open_ = sum(command.unfilled(os.environ) != () for command in commands)
    said += [f"{optional} optional"] * bool(optional)
    said += [counted(gates, "explicit gate")] * bool(gates)
    said += [counted(len(commands), "command") + f" ({open_} with placeholders)" * bool(open_)] * bool(commands)
    return ", ".join(said)


def _heading(task: PlannedTask) -> str:
    marks: list[str] = [task.kind] * (task.kind not in ("task", "phase", "section"))
    marks += ["optional"] * (task.optional and not is_optional(task.title))
    name = number_and_title(task.id, task.title)
    return name + f" ({', '.join(marks)})" * bool(marks)


def _facts(plan: Plan, workflow: Workflow, task: PlannedTask, policies: Policies) -> Iterator[tuple[str, str]]:
    step = workflow.step_for(task)
    if task.condition:
        yield from _only_if(task, asks=step is None)
    if task.inside:
        yield "part of", " › ".join(task.inside)
    yield "does", step.summary if step else "by hand"
    for path in step.writes if step else ():
        yield "leaves", path
    yield from _asked_of(task) if step is None else _shown_of(task)
    yield from _is_for(task)
    if ticked := _ticked(task):
        yield "ticks", f"{as_name(plan.runbook)}:{ticked}"
    own = f"{task.gate} ({as_name(plan.runbook)}:{task.gate_line})"
    is_own = task.gate and task.gate_line not in {stop.line for stop in task.stops}
    policy = policies.for_gate(workflow.name, task.key, task.id, task.title)
    yield "gate", own if is_own else f"checks pass, then {approval_asked(policy)}"
    yield "commit", commit_message(plan, task, policies.commit)


def _only_if(task: PlannedTask, *, asks: bool) -> Iterator[tuple[str, str]]:
    """When the task is to be done at all; `asks`: whether somebody is asked."""
    if task.condition != task.title:  # else the line above says so
        yield "only", task.condition
    if asks:
        yield "asks", "whether that is the case"


def _ticked(task: PlannedTask) -> str:
    """The lines of the task's boxes, and how many items are among them; "" without any box."""
    lines = ", ".join(str(box.line) for box in task.boxes())
    return f"{lines} ({counted(len(task.items), 'item')})" if task.items else lines


def _asked_of(task: PlannedTask) -> Iterator[tuple[str, str]]:
    """What is asked of who does it by hand, in the order of the runbook: its commands, boxes and fields."""
    found = [(command.line, "shows", _command(command)) for command in task.commands]
    found += [(stop.line, "stop", f"{stop.text} (line {stop.line}; confirmed first)") for stop in task.stops]
    for box in boxes_of(task):
        otherwise = answered_otherwise(task, box).partition(":")[0]
        found.append((box.item.box.line, f"box {box.number}", box.text + f"   # {otherwise}" * bool(otherwise)))
    found += [(field.line, "field", f"{field.label} (line {field.line})") for field in fields_of(task)]
    yield from ((name, said) for _line, name, said in sorted(found, key=lambda each: each[0]))


def _shown_of(task: PlannedTask) -> Iterator[tuple[str, str]]:
    yield from (("shows", _command(command)) for command in task.commands)


def _is_for(task: PlannedTask) -> Iterator[tuple[str, str]]:
    """What the runbook says that the task is for."""
    if task.requirements:
        yield "meets", f"requirements {', '.join(task.requirements)}"
    for name in task.properties:
        yield "proves", name
    if task.validates:
        yield "proves", f"requirements {', '.join(task.validates)}"
    for criterion in task.exit_criteria:
        yield "exit", criterion


def _command(command: Command) -> str:
    more = command.text.count("\n")
    shown = command.first + f" ... ({counted(more, 'more line')})" * bool(more)
    asked, unnamed = blanks(command).values(), nameless(command)  # each name once, however it is written
    said = f"never run as it is, fill in {', '.join(unnamed)}" if unnamed else f"asks for {', '.join(asked)}"
    not_here = missing_here(command, os.environ)
    remarks = [f"not run here: {not_here}"] * bool(not_here) + [said] * bool(asked or unnamed)
    return shown + f"   # {'; '.join(remarks)}" * bool(remarks)


def _findings(path: str, findings: tuple[Finding, ...], raw: list[bytes], *, severity: bool) -> Iterator[str]:
    for each in findings:
        said = f"{each.severity}: {each.message}" if severity else each.message
        yield f"{path}:{each.line}:{each.column}: {said} [{each.code}]"
        if severity:
            yield from (f"    {line}" for line in excerpt(raw[each.line - 1], each.column).split("\n"))
