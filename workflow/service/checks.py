"""What would a checks file ask of AWS, and what does AWS answer?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gates.judged import CHECKS_SUFFIX, checks_beside
from state.errors import BadInput
from state.model import Plan
from state.nearest import hint, nearest
from state.outside_file import CHECKS, read_outside
from state.path_word import path_word
from workflow.ports import Person
from workflow.service.workspace import directory_at, workspace_and_target, workspace_of, workspace_or_directory
from workflow.views.checks import ChecksView, OutcomeView

if TYPE_CHECKING:
    from phases.checks.definition import Checks, Declared
    from phases.checks.evaluate import Outcome
    from phases.checks.profiles import Profile
    from phases.checks.read_once import ReadOnce


def checks(directory: Path, target: str) -> ChecksView:
    """The checks of a file as seen from the directory, or those beside a runbook of its repository.

    Raises BadInput when there are none, and with every problem of the file.
    """
    from phases.checks.reader import read_checks
    from workflow.doors.aws.models import BotocoreModels

    if target.endswith((".yaml", ".yml")):
        start = directory_at(directory)
        try:
            data = read_outside(start / target, "checks file", limit=CHECKS, name=target)
        except FileNotFoundError as error:
            raise BadInput(f"checks file {target} is not there", next_command="ls ./*.yaml") from error
        return ChecksView(read_checks(data, target, BotocoreModels()), None)
    from workflow.engine.rollback_tasks import with_way_back
    from workflow.runs.checks_beside import checks_in
    from workflow.runs.load_plan import load_plan

    with workspace_and_target(directory, target) as (workspace, name):
        loaded = load_plan(workspace, name, None, or_own=True)
        plan = loaded.plan
        found = checks_in(
            workspace, plan.runbook, plan=partial(with_way_back, plan, loaded.workflow.rollback, loaded.data)
        )
    if found is None:
        raise BadInput(
            f"{plan.runbook} has no checks: neither {' nor '.join(checks_beside(plan.runbook))} is there",
            next_command=f"$EDITOR {path_word(checks_beside(plan.runbook)[0])}   # docs/checks.md has an example",
        )
    return ChecksView(found, plan)


def filled(directory: Path, view: ChecksView, variables: Mapping[str, str]) -> ChecksView:
    """Those that apply, with what each {placeholder} becomes, but for what AWS is asked for.

    A profile is chosen by the variable `profile`; what it leaves out is asked of nobody (`ChecksView.left_out`).

    Raises BadInput as `Checks.filled`, for a profile that the file does not have, and where a profile leaves out parts
    of a runbook that is not there.
    """
    from phases.checks.definition import DeclaredCheck
    from phases.checks.lookups import stay_open
    from phases.checks.profiles import with_values

    _require_used(view.declared, variables)
    profile = _profile(view.declared, variables)
    if profile is None:
        _require_profile(view.declared, variables)
    if profile is not None:
        view = _applying(directory, view, profile)
    declared = view.declared
    known = with_values(profile, variables)
    variables = {**stay_open(declared), **known}
    looked_up = [each for each in declared.lookups if each.id not in known]
    lookups = declared.only(looked_up).filled(variables).checks
    asked = tuple(each for each in lookups if isinstance(each, DeclaredCheck))
    return replace(view, declared=replace(declared.filled(variables), lookups=asked))


def _require_used(declared: Checks, variables: Mapping[str, str]) -> None:
    """Raise BadInput for variables that fill nothing of the file."""
    from phases.checks.profiles import PROFILE

    known = declared.needed(declared.checks) | {PROFILE, *(name for each in declared.profiles for name in each.values)}
    strange = [name for name in variables if name not in known]
    if strange:
        raise BadInput(
            "\n".join(
                f"--var {name}: no check of {declared.path} has {{{name}}}{hint(name, known)}" for name in strange
            ),
            next_command=_again(declared, {name: value for name, value in variables.items() if name in known}),
        )


def _require_profile(declared: Checks, variables: Mapping[str, str]) -> None:
    """Raise BadInput where no profile was chosen, and one gives what has no value."""
    missing = declared.to_be_told(declared.checks).difference(variables)
    if not any(missing.intersection(each.values) for each in declared.profiles):
        return
    names = [each.name for each in declared.profiles]
    raise BadInput(
        f"{declared.path} has the profiles {', '.join(names)}, and none was chosen: expected --var profile=NAME",
        next_command=_again(declared, {"profile": names[0], **variables}),
    )


def _again(declared: Checks, variables: Mapping[str, str]) -> str:
    given = "".join(f" --var {path_word(f'{name}={value}')}" for name, value in variables.items())
    return f"phasegate checks {path_word(declared.path)}{given}"


def _profile(declared: Checks, variables: Mapping[str, str]) -> Profile | None:
    """The profile that these variables choose; None where they choose none. Raises BadInput for one that is none."""
    from phases.checks.profiles import PROFILE, chosen

    name = variables.get(PROFILE)
    if name is None or (found := chosen(declared.profiles, variables)):
        return None if name is None else found
    names = [each.name for each in declared.profiles]
    if not names and any(each == PROFILE for check in declared.checks for _path, each in check.placeholders()):
        return None  # a placeholder of that name
    expected = f"expected {' or '.join(names)}" if names else "it has no profiles"
    again = nearest(name, names) or (names[0] if names else "")
    raise BadInput(
        f"{declared.path} has no profile {name!r}: {expected}{hint(name, names)}",
        next_command=f"phasegate checks {path_word(declared.path)}{f' --var profile={again}' if again else ''}",
    )


def _applying(directory: Path, view: ChecksView, profile: Profile) -> ChecksView:
    """The view without the checks that answer nothing but what the profile leaves out."""
    from phases.checks.applying import apply_to_plan

    if not profile.tasks and not profile.lines:
        return replace(view, profile=profile.name)
    plan = view.plan or _plan_beside(directory, view.declared, profile)
    kept = [check for check in view.declared.checks if apply_to_plan(check, view.declared, profile, plan)]
    left_out = tuple(check for check in view.declared.checks if check not in kept)
    return replace(view, declared=view.declared.only(kept), profile=profile.name, left_out=left_out)


def _plan_beside(directory: Path, declared: Checks, profile: Profile) -> Plan:
    """The plan of the runbook beside a checks file. Raises BadInput when none is there."""
    from workflow.runs.load_plan import load_plan

    runbook = f"{declared.path.removesuffix(CHECKS_SUFFIX)}.md"
    if not declared.path.endswith(CHECKS_SUFFIX) or not (directory_at(directory) / runbook).exists():
        raise BadInput(
            f"profile {profile.name} leaves out parts of a runbook, and {runbook!r} is not there to see which checks "
            f"{declared.path} has for them",
            next_command="phasegate checks RUNBOOK.md --var profile=" + profile.name,
        )
    with workspace_and_target(directory, runbook) as (workspace, name):
        return load_plan(workspace, name, None).plan


def ask(
    directory: Path, person: Person, view: ChecksView, *, sandbox: bool, changes: bool = False
) -> Iterator[OutcomeView]:
    """Call AWS, or this workspace's sandbox, look at this machine, and judge what is seen one by one.

    `changes`: run commands that are not known to only read as well.
    """
    from phases.checks.ask_all import ask_each
    from phases.checks.evaluate import evaluate
    from workflow.doors.aws.retry import PatientAws
    from workflow.doors.clock import SystemClock
    from workflow.doors.masking import mask, secret_values
    from workflow.service.doors import commands_of, real_aws, sandbox_aws
    from workflow.service.workspace_here import WorkspaceHere

    secrets, clock = secret_values(os.environ), SystemClock(patient=not sandbox)

    def masked(text: str) -> str:
        return mask(text, secrets)

    connect = sandbox_aws(workspace_of(directory)) if sandbox else real_aws(person)
    here = WorkspaceHere(
        workspace_or_directory(directory),
        commands_of(workspace_of(directory) if sandbox else None),
        person,
        changes=changes,
    )

    def ask_one(check: Declared, once: ReadOnce | None) -> Outcome:
        return evaluate(check, once, here=here, wait=clock.wait, progress=person.progress, mask_text=masked)

    for outcome in ask_each(
        view.declared, view.declared.checks, {}, lambda: PatientAws(connect(), clock, person), ask_one
    ):
        yield OutcomeView(outcome)
