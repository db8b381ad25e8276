"""Would rules of the policy hold for this runbook if it had another name? Then a start under this one is refused.

A runbook is its path, and rules of phasegate.yaml say by name (`workflow:`) whose they are. Who starts a run, or moves
a file, does not choose whether they hold:

- A workflow whose tasks are in the runbook is another name of it, and so is its path, where a workflow is started.
- A file that HEAD has no more leaves its rules without a runbook: they are to be given the new name, or taken out.
  One that a run has gone through to its end may be put away, its rules with it.
- A copy, but for its marks, of a runbook with rules is that runbook once more.

A rule for this name, whatever it says, shows that somebody thought of it: then nothing is asked. A rule for a runbook
that HEAD has and that is not started is fine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from gates.policy import GateRule, Policies
from state.errors import BadInput, PhasegateError, Problem
from state.find_runs import find_runs, run_directory
from state.fold import fold
from state.path_word import path_word
from state.position import Outcome
from state.printable import as_name
from state.run_state import copy_name
from workflow.doors.git.read_many import read_blobs
from workflow.doors.git.runbooks_in_head import runbooks_gone, runbooks_in_head
from workflow.policy.look_alikes import FILE
from workflow.runs.find_run import events_of, is_over
from workflow.runs.load_plan import RunTarget
from workflow.runs.workflow_catalog import KNOWN, find_workflow, name_of_runbook, short_name, target_of

_MARK = re.compile(rb"\[[ xX~-]\]")


def require_own_name(workspace: Path, policies: Policies, target: RunTarget) -> None:
    """Return where no rule would hold for the runbook of this run if only it were called otherwise.

    Raises BadInput with these rules, and with what to type so that they hold.
    """
    named = [rule for rule in policies.rules if rule.workflow != "*"]
    if not named:
        return
    if any(_is_for(rule, target.workflow.name) for rule in named):
        return
    _refuse_other_start(named, target)
    here = runbooks_in_head(workspace)
    _refuse_copy(workspace, named, target, here)
    _refuse_moved(workspace, named, target, here)


def _is_for(rule: GateRule, name: str) -> bool:
    return fnmatchcase(name, rule.workflow)


def _names(path: str) -> set[str]:
    """What a run of this path may be called."""
    plain = name_of_runbook(path)
    return {plain, short_name(plain, path)}


def _refuse_other_start(named: Sequence[GateRule], target: RunTarget) -> None:
    """Raise for rules that would hold if the same file were started as a workflow, or as a runbook of its own."""
    plan, name = target.plan, target.workflow.name
    others = [(other, f"phasegate run {target_of(other, plan.runbook)}") for other in _workflows(named, target)]
    others.append((name_of_runbook(plan.runbook), f"phasegate run {path_word(plan.runbook)}"))
    for other, command in others:
        if missed := _rules_of(named, {other}):
            edit = f"$EDITOR {FILE}   # write workflow: {name}"
            is_offered = target.workflow.steps or other in KNOWN
            raise BadInput(
                f"{FILE} has rules for {other}, and {as_name(plan.runbook)} started so is called {name}: its gates "
                "would open without them",
                problems=_problems(missed, name),
                next_command=f"{command}   # as {other}\n      {edit}" if is_offered else edit,
            )


def _workflows(named: Sequence[GateRule], target: RunTarget) -> Iterator[str]:
    """The workflows with rules that have tasks of this runbook, but for the one that is started."""
    for name in KNOWN:
        if name != target.workflow.name and any(_is_for(rule, name) for rule in named):
            known = find_workflow(name)
            if any(known.step_for(task) for task in target.plan.tasks):
                yield name


def _refuse_copy(workspace: Path, named: Sequence[GateRule], target: RunTarget, here: Sequence[str]) -> None:
    plan = target.plan
    ruled = [path for path in here if path != plan.runbook and _rules_of(named, _names(path))]
    wanted = _without_marks(target.data)
    blobs = read_blobs(workspace, [f"HEAD:./{path}" for path in ruled]) if ruled else iter(())
    for path, data in zip(ruled, blobs, strict=True):
        if _without_marks(data) == wanted:
            _refuse(as_name(path), _rules_of(named, _names(path)), target, "is a copy of it")
    for run_id in find_runs(workspace):
        kept = run_directory(workspace, run_id) / copy_name(1)
        if not kept.is_file() or _without_marks(kept.read_bytes()) != wanted:
            continue
        started = _started(workspace, run_id)
        if started and started[1] != plan.runbook and (rules := _rules_of(named, {started[0]})):
            _refuse(f"{as_name(started[1])}, as run {run_id} had it", rules, target, "is a copy of it")


def _refuse_moved(workspace: Path, named: Sequence[GateRule], target: RunTarget, here: Sequence[str]) -> None:
    """Raise for rules that govern no runbook any more, because HEAD has not the file that they governed."""
    names = {*KNOWN, *(name for path in here for name in _names(path))}
    idle = [rule for rule in named if not any(_is_for(rule, name) for name in names)]
    if not idle:
        return
    runs = [found for run_id in find_runs(workspace) if (found := _started(workspace, run_id))]
    settled = {name for name, _path, complete in runs if complete}
    gone = {path: _names(path) for path in runbooks_gone(workspace)}
    gone |= {path: {name} for name, path, _complete in runs if path not in here}
    for path, called in gone.items():
        if (missed := _rules_of(idle, called)) and not any(_rules_of(missed, {name}) for name in settled):
            _refuse(as_name(path), missed, target, "may be that file, moved: it is not in HEAD any more")


def _refuse(of: str, rules: Sequence[GateRule], target: RunTarget, why: str) -> None:
    name = target.workflow.name
    raise BadInput(
        f"{FILE} has rules for {of}, and none for {name}; {as_name(target.plan.runbook)} {why}",
        problems=_problems(rules, name),
        next_command=f"$EDITOR {FILE}   # write workflow: {name}, or give {name} rules of its own; a rule that has "
        "no runbook any more is taken out",
    )


def _rules_of(rules: Sequence[GateRule], names: set[str]) -> list[GateRule]:
    return [rule for rule in rules if any(_is_for(rule, name) for name in names)]


def _problems(rules: Sequence[GateRule], name: str) -> list[Problem]:
    return [Problem(rule.place, f"expected a rule for workflow: {name}, seen {rule.workflow}") for rule in rules]


def _started(workspace: Path, run_id: str) -> tuple[str, str, bool] | None:
    """Name, path and whether it came to its end, of a run here; None for a damaged one, which is refused elsewhere."""
    try:
        run = fold(events_of(workspace, run_id))
    except PhasegateError:
        return None
    came_to_its_end = run.outcome in (Outcome.NONE, Outcome.COMPLETE) and is_over(workspace, run_id)
    return run.start.workflow, run.start.runbook, came_to_its_end


def _without_marks(data: bytes) -> list[bytes]:
    """The lines with text, each with its boxes open and no blanks around."""
    opened = (_MARK.sub(b"[ ]", line).strip() for line in data.splitlines())
    return [line for line in opened if line]
