"""Scripts in the shells and the Python of this machine, through the door that a run uses."""

from __future__ import annotations

import shutil
from pathlib import Path

from phases.manual.interpreters import interpreter_of
from phases.manual.scripts import Script, ScriptResult
from phases.manual.shell_lines import command_lines
from workflow.doors.commands import CommandDoor

SHELLS = [each for each in ("sh", "bash", "zsh") if shutil.which(each)]


class Scripts:
    """The door, and what it showed of one script, lines and output in order."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.kept = directory / "private" / "shells"
        self.shown: list[str] = []

    def run(
        self, language: str, text: str, *, keep: str = "", goes_on: str = "", timeout: float = 60.0
    ) -> ScriptResult:
        interpreter = interpreter_of(language)
        assert interpreter is not None
        begins = command_lines(text.split("\n")) if interpreter.is_shell else [0]
        self.shown = []
        return CommandDoor(grace=0.05).run_script(
            Script(text, interpreter, begins, keep, goes_on),
            directory=self.directory,
            shells=self.kept,
            timeout=timeout,
            show=self.shown.append,
            echo=lambda line: self.shown.append(f"| {line}"),
        )
