"""Which checks stand beside a runbook of this workspace, as they lie there now? Light until there are some."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from phases.checks.exit_criteria import find_checks
from state.outside_file import CHECKS, read_if_there

if TYPE_CHECKING:
    from phases.checks.api_model import ApiModels
    from phases.checks.definition import Checks


def checks_in(workspace: Path, runbook: str) -> Checks | None:
    """The checks beside the runbook at this path; None where there are none. Raises BadInput as `find_checks`."""

    def models() -> ApiModels:
        from workflow.doors.aws.models import BotocoreModels  # botocore, only where something is held against it

        return BotocoreModels()

    def read(path: str) -> bytes | None:
        return read_if_there(workspace / path, "checks file", limit=CHECKS, name=path)

    return find_checks(runbook, read, models)
