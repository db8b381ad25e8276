"""Which workflows does phasegate know? Names and where their steps are, imported on first use."""

from __future__ import annotations

import re
from collections.abc import Collection
from importlib import import_module
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, cast

from state.errors import BadInput
from state.event_types import RunStarted
from state.files import sha256
from state.nearest import hint, nearest
from state.path_word import path_word

if TYPE_CHECKING:
    from phases.step import Workflow
    from state.model import Plan

LONGEST = 120  # bytes of a name: a run id adds 25, and its directory's name may have 255 [POSIX NAME_MAX]
KNOWN = {
    "stage-06": "phases.stage_06.workflow:STAGE_06",
    "aws-deploy": "phases.aws_deploy.workflow:AWS_DEPLOY",
    "deployment-checklist": "phases.deployment_checklist.workflow:DEPLOYMENT_CHECKLIST",
    "deployment-infra": "phases.deployment_infra.workflow:DEPLOYMENT_INFRA",
    "fleet": "phases.fleet.workflow:FLEET",
}
# Workflows of which each runbook is one of its own, by the directory of their artifacts: a runbook in a sub-directory
# has `artifacts/<slug>/` in its place.
MOVED = {"stage-06": "artifacts/stage-06"}


def find_workflow(name: str, *, or_guided: bool = False, files: Collection[str] = ()) -> Workflow:
    """The workflow of this name; with `or_guided` any other name is a runbook without steps.

    `files` are names of Markdown files that may be meant.

    Raises BadInput for a name that is not known; it names the nearest.
    """
    if name not in KNOWN:
        if or_guided:
            return guided(name)
        raise BadInput(
            f"{name!r} is neither a workflow ({', '.join(KNOWN)}) nor a Markdown file{hint(name, [*KNOWN, *files])}",
            next_command=f"phasegate plan {path_word(nearest(name, [*KNOWN, *files]) or 'stage-06')}",
        )
    module, attribute = KNOWN[name].split(":")
    return cast("Workflow", getattr(import_module(module), attribute))


def target_of(workflow: str, runbook: str) -> str:
    """The words after `plan` or `questions` that read a runbook as a run of it does: by its workflow, where it has one.

    Args:
        workflow: its name, as a run has it.
        runbook: path from the top of the repository.
    """
    if workflow not in KNOWN:
        return path_word(runbook)
    return workflow if find_workflow(workflow).runbook == runbook else f"{workflow} --runbook {path_word(runbook)}"


def is_markdown(target: str) -> bool:
    """Whether a name on the command line is a Markdown file's, not a workflow's: `.md`, `.markdown`, in either case."""
    return target.lower().endswith((".md", ".markdown"))


def name_of_runbook(path: str) -> str:
    """What a runbook without a workflow is called in run ids, messages and `artifacts/`, by its path in the workspace.

    At the root it is the file's stem; in a sub-directory the directories are named, too, so two `tasks.md` are two:
    `.kiro/specs/login/tasks.md` gives `kiro-specs-login-tasks`.
    """
    *directories, file = PurePosixPath(path).parts
    stem = PurePosixPath(file).stem
    if not directories:
        return stem
    words = (re.sub(r"[^\w.]+", "-", part).strip("-.") for part in (*directories, stem))
    return "-".join(word for word in words if word)


def short_name(plain: str, path: str) -> str:
    """The name with four hex digits of the path's SHA-256, short enough for a file; of a taken or too long one."""
    short = plain.encode()[:LONGEST].decode(errors="ignore")
    return f"{short}-{sha256(path.encode())[:4]}".lstrip("-")


def slug_of(path: str) -> str:
    """What a workflow's runbook in a sub-directory is called in messages and `artifacts/`: of its path alone."""
    plain = name_of_runbook(path)
    return plain if plain and plain not in KNOWN and len(plain.encode()) <= LONGEST else short_name(plain, path)


def slug_of_plan(plan: Plan) -> str:
    """What a plan is called in the messages that phasegate words itself.

    Runs of 0.1, whose grammar is 1, kept the workflow's name.
    """
    return slug_of(plan.runbook) if placed_apart(plan.name, plan.runbook, plan.grammar) else plan.name


def placed(workflow: Workflow, runbook: str, grammar: int) -> Workflow:
    """The workflow with its artifacts where a run of this runbook keeps them; `grammar` is the run's."""
    if not placed_apart(workflow.name, runbook, grammar):
        return workflow
    return workflow.placed(MOVED[workflow.name], f"artifacts/{slug_of(runbook)}")


def workflow_of(started: RunStarted) -> Workflow:
    """The workflow of a run that has begun, with its artifacts where the run keeps them."""
    return placed(find_workflow(started.workflow, or_guided=True), started.runbook, started.grammar)


def placed_apart(name: str, runbook: str, grammar: int) -> bool:
    """Whether a run of that workflow and runbook keeps its artifacts in a directory of its own: not one of 0.1."""
    return name in MOVED and "/" in runbook and grammar > 1


def guided(name: str) -> Workflow:
    """A workflow without steps of its own: the people do the work, gates and commits are the same."""
    from phases.step import Workflow  # with all that steps see: not to look where a run stands

    return Workflow(
        name=name,
        summary="guided: the work is done by hand",
        runbook=f"{name}.md",
        runbook_text=lambda: b"",
        log=f"artifacts/{name}/working_log.md",
        steps=(),
    )
