"""Which workflows does phasegate know? Names and where their steps are, imported on first use."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import PurePosixPath
from typing import cast

from phases.step import Workflow
from state.errors import BadInput

KNOWN = {
    "stage-06": "phases.stage_06.workflow:STAGE_06",
    "aws-deploy": "phases.aws_deploy.workflow:AWS_DEPLOY",
}


def find_workflow(name: str, *, or_guided: bool = False) -> Workflow:
    """The workflow of this name; with `or_guided` any other name is a runbook without steps.

    Raises BadInput for a name that is not known.
    """
    if name not in KNOWN:
        if or_guided:
            return guided(name)
        raise BadInput(
            f"{name!r} is neither a workflow ({', '.join(KNOWN)}) nor a Markdown file",
            next_command="phasegate plan stage-06",
        )
    module, attribute = KNOWN[name].split(":")
    return cast(Workflow, getattr(import_module(module), attribute))


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


def guided(name: str) -> Workflow:
    """A workflow without steps of its own: the people do the work, gates and commits are the same."""
    return Workflow(
        name=name,
        summary="guided: the work is done by hand",
        runbook=f"{name}.md",
        runbook_text=lambda: b"",
        log=f"artifacts/{name}/working_log.md",
        steps=(),
    )
