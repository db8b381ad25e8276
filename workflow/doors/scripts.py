"""How is a script made ready for the program that runs it, and what came of it? A shell is fed; Python reads its input.

Rules:
- The script's own text is all that runs, and a mark that shows that it came to its end (`phases/manual/early_ends.py`);
  what is shown and kept of it is masked.
- A name of this machine's for the pipe, or the mark, is no part of what is kept: it is written `script`.
- A script that goes on in the shell of one before needs what that one left here; without it nothing is run.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

from phases.manual.early_ends import ends_its_shell
from phases.manual.python_mark import marked_python
from phases.manual.scripts import Script, ScriptResult
from state.errors import StepFailed
from workflow.doors.script_feed import KeptShell, ScriptFeed

_PYTHON_PLACE = re.compile(r'^\s*File "<stdin>", line (\d+)', re.MULTILINE)
# what Python prints of an exception in a thread, or at its end, of which its exit code says nothing
_UNCAUGHT = re.compile(
    r"^(?:Exception in thread \S.*:|Exception ignored in atexit callback|Error in atexit\._)", re.MULTILINE
)
FIRST, MORE = "$ ", "> "  # in front of a command's lines


class ReadyScript:
    """A script, ready to be started.

    Attributes:
        arguments: the program and what it is started with.
        directory: in which.
        stdin: what it reads, or subprocess.DEVNULL.
        feed: what gives a shell its lines; None for another program.
    """

    def __init__(
        self,
        script: Script,
        program: str,
        directory: Path,
        shells: Path,
        masker: Callable[[str], str],
        echo: Callable[[str], None],
    ) -> None:
        """`echo` gets each line of the script, masked, when it is begun.

        Raises StepFailed as `CommandDoor.run_script`.
        """
        self._script = script
        self._resources = ExitStack()
        self._lines = script.text.split("\n")
        masked = masker(script.text).split("\n")
        self._shown = masked if len(masked) == len(self._lines) else [masker(line) for line in self._lines]
        self._echo = echo
        self.directory, self.feed = directory, None
        self.stdin: int | IO[bytes] = subprocess.DEVNULL
        self.arguments = [program, *script.interpreter.options]
        self._must_reach: Sequence[int] = ()
        if script.interpreter.is_shell:
            self.feed = self._feed(shells)
            self._name = self.feed.path
            self.arguments.append(str(self.feed.path))
        else:
            self._name = Path(self._resources.enter_context(TemporaryDirectory(prefix="phasegate-"))) / "script"
            self._mark = self._name.with_name("script.end")
            self._give_whole()

    def _give_whole(self) -> None:
        self._begun = self._name.with_name("script.begun")
        begun, ended = (f"__import__('io').open({str(mark)!r}, 'w').close()" for mark in (self._begun, self._mark))
        text, self._must_reach = marked_python(self._script.text, begun, ended)
        self.stdin = input_ = self._resources.enter_context(TemporaryFile())  # noqa: SIM115 - the stack closes it
        input_.write(text.encode("utf-8", "surrogateescape") + b"\n")
        input_.seek(0)
        for index in range(len(self._lines)):
            self._show(index)

    def _feed(self, shells: Path) -> ScriptFeed:
        before = after = ""
        if self._script.goes_on:
            kept = KeptShell(shells / self._script.goes_on)
            there = kept.directory
            if there is None:
                raise StepFailed(
                    "the variables and the directory of the script before are not kept here",
                    next_command="phasegate resume   # where that script ran",
                )
            self.directory, before = there, kept.reads()
        if self._script.keep:
            kept = KeptShell(shells / self._script.keep)
            kept.prepare()
            after = kept.writes(self._script.interpreter.name)
        feed = ScriptFeed(self._lines, before, after, self._show)
        self._resources.callback(feed.close)
        return feed

    def _show(self, index: int) -> None:
        if self._shown[index].strip():
            line = self._shown[index]
            more = self._script.interpreter.is_shell and index not in self._script.begins and line.lstrip()[0] != "#"
            self._echo(f"{MORE if more else FIRST}{line}")

    def started(self, process: int) -> None:
        """The program runs, with this process id."""
        if self.feed is not None:
            self.feed.guard(process)

    def plain(self, line: str) -> str:
        """A line of output without the name of the pipe or the mark."""
        return line.replace(str(self._name), "script")

    def result(self, exit_code: int, output: str, seconds: float) -> ScriptResult:
        """What came of it."""
        if self.feed is not None:
            begun = self.feed.begun
            begins = [each for each in self._script.begins if each < begun]
            if exit_code:
                return ScriptResult(exit_code, output, seconds, begun, begins[-1] if begins else None)
            missed = self._script.begins[len(begins) :]
            early = not self.feed.came_to_end and (bool(missed) or not self._ends_its_shell(begins))
            return ScriptResult(exit_code, output, seconds, begun, None, early, missed if early else ())
        if not exit_code and not (self._mark.exists() and _UNCAUGHT.search(output) is None):
            missed = () if self._mark.exists() or self._begun.exists() else self._must_reach
            return ScriptResult(exit_code, output, seconds, len(self._lines), None, True, missed)
        places = _PYTHON_PLACE.findall(output) if exit_code else []
        failed = min(int(places[-1]), len(self._lines)) - 1 if places else None
        return ScriptResult(exit_code, output, seconds, len(self._lines), failed)

    def _ends_its_shell(self, begins: Sequence[int]) -> bool:
        return bool(begins) and ends_its_shell("\n".join(self._lines[begins[-1] :]), self._script.text)

    def close(self) -> None:
        """Remove what it was given by."""
        self._resources.close()
