"""How does a local check look at a workspace outside of a run? By its files, and by commands that read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from phases.checks.local.here import NotRun
from phases.checks.local.of_the_run import BoxSeen, FollowsFrom, Of
from phases.checks.local.step_here import LONGEST
from phases.step import CommandResult
from state.errors import StepFailed
from state.outside_file import INPUT, read_if_there
from workflow.doors.commands import CommandDoor
from workflow.ports import Person

OF_A_RUN = "known in a run only"


class WorkspaceHere:
    """Implements `phases.checks.local.here.Here`; `changes`: commands that may change something run as well."""

    def __init__(self, workspace: Path, commands: CommandDoor, person: Person, *, changes: bool) -> None:
        self._workspace, self._commands, self._person, self._changes = workspace, commands, person, changes

    def read(self, path: str) -> bytes | None:
        return read_if_there(self._workspace / path, "file", limit=INPUT, name=path)

    def has_directory(self, path: str) -> bool:
        return (self._workspace / path).is_dir()

    def run(self, command: str, *, changes: bool) -> CommandResult:
        if changes and not self._changes:
            raise NotRun("not run: it may change something; --changes lets it run")
        told = f"$ {self._commands.mask(command)}"
        self._person.progress(told)
        self._person.waiting(told)
        try:
            return self._commands.run(
                command, directory=self._workspace, timeout=LONGEST, extra={}, show=lambda _line: None
            )
        except StepFailed as error:
            raise NotRun(str(error)) from error

    def has_passed(self, _command: str) -> str:
        return ""

    def boxes(self, look: FollowsFrom) -> Sequence[BoxSeen]:
        raise NotRun(OF_A_RUN)

    def sign_off(self, of: Of) -> str:
        raise NotRun(OF_A_RUN)
