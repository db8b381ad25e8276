"""Does a policy fit the runbook whose gates it is for, and is there a key where it asks for signatures?

One check: `run` refuses what it finds before anything is written, and `plan` and `doctor` tell of the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from gates.policy import GatePolicy, Policies
from state.errors import BadInput, Problem
from state.event_types import NamedTask
from workflow.policy.look_alikes import FILE
from workflow.runs.workflow_catalog import name_of_runbook

if TYPE_CHECKING:
    from state.model import Plan, PlannedTask

NAMED = 12  # gates that a refusal names
# Source: ssh-keygen(1), "ALLOWED SIGNERS": principals, options, type of key, key
_KEY = re.compile(rb"^[^#\s].*\s(?:sk-)?(?:ssh|ecdsa)[\w.@-]*\s+\S", re.MULTILINE)

Back = Callable[[], Sequence[NamedTask]]


def require_fit(workspace: Path, policies: Policies, workflow: str, plan: Plan, back: Back = tuple) -> None:
    """Return where every rule for this workflow governs a gate of it, and whoever has to sign can.

    Raises BadInput as `require_rules` and `require_keys`.
    """
    require_rules(workspace, policies, workflow, plan, back)
    require_keys(workspace, policies, workflow, plan)


def require_rules(workspace: Path, policies: Policies, workflow: str, plan: Plan, back: Back = tuple) -> None:
    """Raise BadInput for a rule that names this workflow and none of its tasks, and for one that names the runbook's
    file, which in a sub-directory is not its name.

    `back` gives the states that a rollback would have; a rule may be about these, too.
    """
    _refuse_file_names(workspace, policies, workflow, plan)
    if problems := idle_rules(policies, workflow, plan, back):
        gates = ", ".join(dict.fromkeys(task.id or task.title for task in plan.tasks[:NAMED]))
        raise BadInput(
            f"{FILE} has rules for gates that {workflow} does not have",
            problems=problems,
            next_command=f"$EDITOR {FILE}   # its gates: {gates}{' ...' if len(plan.tasks) > NAMED else ''}",
        )


def require_keys(workspace: Path, policies: Policies, workflow: str, plan: Plan) -> None:
    """Raise BadInput for a file of signers without a key, where signatures open a gate of this plan."""
    used = [policies.for_gate(workflow, task.key, task.id, task.title) for task in plan.tasks]
    if problem := next(filter(None, (without_key(workspace, policy) for policy in used)), ""):
        raise BadInput(
            f"{FILE} asks for signatures that nobody could make: {problem}",
            next_command=f"$EDITOR {FILE}   # allowed_signers: a file with lines `ADDRESS ssh-ed25519 AAAA...`",
        )


def idle_rules(policies: Policies, workflow: str, plan: Plan, back: Back = tuple) -> list[Problem]:
    """The rules that name this workflow, and none of its tasks and of those of its rollback."""
    rules = [rule for rule in policies.rules if rule.workflow == workflow]
    tasks: list[PlannedTask | NamedTask] = [*plan.tasks, *(back() if rules else ())]
    names = [(task.key, task.id, task.title) for task in tasks]
    return [
        Problem(rule.place, f"no task of {workflow} is called {rule.gate!r}")
        for rule in rules
        if not any(rule.is_about(workflow, *each) for each in names)
    ]


def without_key(workspace: Path, policy: GatePolicy) -> str:
    """Why nobody could sign at this gate, where signatures open it; "" where somebody can, or a file is not there."""
    path = policy.allowed_signers
    if not policy.signed or not path or policy.passkeys or not (workspace / path).is_file():
        return ""
    return "" if _KEY.search((workspace / path).read_bytes()) else f"{path} has no line with a key"


def _refuse_file_names(workspace: Path, policies: Policies, workflow: str, plan: Plan) -> None:
    """A rule for `tasks` that was meant for `specs/login/tasks.md` would govern nothing, and its gates be open.

    So would one for `a-b-tasks`, where another path has that name (`workflow.runs.runbook_name`).
    """
    meant = _other_name(workspace, policies, workflow, plan)
    wrong = list(_meant_otherwise(policies, meant, workflow))
    if meant and wrong:
        raise BadInput(
            f"{FILE} has rules for {meant}, and {plan.runbook} is called {workflow}",
            problems=wrong,
            next_command=f"$EDITOR {FILE}   # write workflow: {workflow}",
        )


def _meant_otherwise(policies: Policies, meant: str, workflow: str) -> Iterator[Problem]:
    for rule in policies.rules:
        if fnmatchcase(meant, rule.workflow) and not fnmatchcase(workflow, rule.workflow):
            yield Problem(rule.place, f"expected workflow: {workflow}, seen {rule.workflow}")


def _other_name(workspace: Path, policies: Policies, workflow: str, plan: Plan) -> str:
    """What somebody may take for the name of this runbook's workflow; "" where that is nothing else."""
    path, plain = PurePosixPath(plan.runbook), name_of_runbook(plan.runbook)
    if path.stem == workflow or not workflow.startswith(plain):
        return ""
    if workflow == plain:
        is_anothers = (workspace / path.name).exists()  # the rule is that one's
        return "" if is_anothers else path.stem
    is_known = any(rule.workflow == workflow for rule in policies.rules)  # somebody knew of the two
    return "" if is_known else plain
