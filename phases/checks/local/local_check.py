"""What is a check of this machine? The frozen values that a checks file becomes; made by `settings`, never edited.

Rules:
- One check looks at one thing: a tool's version, a command, a file, or the virtual environment.
- A command that is not known to read says so (`changes`), and is asked about before it runs.
- In a command `{placeholders}` are filled as one word, quoted; in a path as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import Self, TypeAlias

from phases.checks.definition import Declared
from phases.checks.expectation import Expectation
from phases.checks.expression import Expression
from phases.checks.local.of_the_run import SIGNED_OFF, CannotHold, FollowsFrom, SignOff
from phases.checks.local.paths import problem_with_path
from phases.checks.local.working_tree import why_never_clean
from phases.checks.placeholders import Path, filled, names_in, texts_of, with_texts
from state.errors import Problem
from state.evidence import Verdict
from state.json_values import Json

Fill = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ToolVersion:
    """A tool is there, and its version is as it should be.

    Attributes:
        run: what prints the version: `python3 --version`.
        at_least, at_most: versions, compared number by number; "" for any.
    """

    run: str
    at_least: str = ""
    at_most: str = ""

    def __str__(self) -> str:
        bounds = [f"at {word} {given}" for word, given in (("least", self.at_least), ("most", self.at_most)) if given]
        return "installed" + (f", {' and '.join(bounds)}" if bounds else "")


@dataclass(frozen=True, slots=True)
class CommandExit:
    """A command ends with an exit code.

    Attributes:
        run: for `sh -c`, in the workspace.
        exit: the expected code.
        changes: it may change something, so somebody has to say that it may run.
    """

    run: str
    exit: int = 0
    changes: bool = False

    def __str__(self) -> str:
        return f"exit {self.exit}"


def is_the_shells(exit_code: int) -> bool:
    """Whether a shell says by this code that nothing started, or that a signal ended it: no word of the command's own.

    Source: POSIX.1-2017, XCU 2.8.2; signals are 1 to 64, so 128 and 255 are a program's.
    """
    return exit_code in (126, 127) or 128 < exit_code <= 192


@dataclass(frozen=True, slots=True)
class FileState:
    """A file of the workspace is as it should be; a path that ends in a slash is a directory's.

    Attributes:
        json: it is JSON, an object.
        fields: dotted names of its fields that have a value which is no placeholder; ("*",) for all of them.
        contains, lacks: texts; "" where nothing is asked. A file that is not there lacks nothing: it fails.
    """

    path: str
    json: bool = False
    fields: tuple[str, ...] = ()
    contains: str = ""
    lacks: str = ""

    def __str__(self) -> str:
        said = ["there"]
        said += ["JSON"] * self.json
        said += [f"{', '.join('every field' if name == '*' else name for name in self.fields)} filled in"] * bool(
            self.fields
        )
        said += [f"with {json.dumps(self.contains, ensure_ascii=False)} in it"] * bool(self.contains)
        said += [f"not empty, without {json.dumps(self.lacks, ensure_ascii=False)}"] * bool(self.lacks)
        return ", ".join(said)


@dataclass(frozen=True, slots=True)
class VirtualEnvironment:
    """A virtual environment of Python is active: the `python3` on PATH is one's; at `path`, where one is named."""

    path: str = ""

    def __str__(self) -> str:
        return "active"


Look: TypeAlias = ToolVersion | CommandExit | FileState | VirtualEnvironment | FollowsFrom | SignOff | CannotHold
SETTING: Mapping[type, str] = {
    ToolVersion: "tool",
    CommandExit: "command",
    FileState: "file",
    VirtualEnvironment: "virtual-environment",
    FollowsFrom: "follows-from",
    SignOff: "sign-off",
    CannotHold: "cannot-hold",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCheck(Declared):
    """One look at this machine.

    Attributes:
        look: at what.
        expression: what of a command's output, or of a file, as JSON is looked at; None for the output as a text.
        expect: what that must be; None where `look` says it all.
    """

    look: Look
    expression: Expression | None = None
    expect: Expectation | None = None

    @property
    def call(self) -> str:
        """`command make test`, `file config.json`: what is looked at."""
        match self.look:
            case ToolVersion(run=what) | CommandExit(run=what) | FileState(path=what):
                return f"{SETTING[type(self.look)]} {what}"
            case VirtualEnvironment(path=what):
                return f"virtual environment {what}".rstrip()
            case FollowsFrom() | SignOff() | CannotHold():
                return self.look.call

    @property
    def expected(self) -> str:
        """What it must be."""
        if self.expect is None:
            return str(self.look)
        return f"{self.expression.text}: {self.expect}" if self.expression else str(self.expect)

    @property
    def changes(self) -> bool:
        """Whether somebody has to say that it may run."""
        return isinstance(self.look, CommandExit) and self.look.changes

    @property
    def passes_as(self) -> Verdict:
        """Derived, where it follows from other items, or from the gate itself."""
        return "derived" if isinstance(self.look, FollowsFrom) or self.look == SignOff("approver") else "pass"

    @property
    def follows(self) -> tuple[Sequence[str], Sequence[int]]:
        """Of one that follows from other boxes."""
        return (self.look.tasks, self.look.lines) if isinstance(self.look, FollowsFrom) else ((), ())

    @property
    def kinds(self) -> tuple[str, ...]:
        """A sign-off is known as one."""
        return (SIGNED_OFF,) if isinstance(self.look, SignOff) else ()

    @property
    def never_holds(self) -> str:
        """Why nothing can make it true, or ""."""
        match self.look:
            case CannotHold(why=why):
                return why
            case CommandExit(run=command, exit=0):
                equals = self.expect is not None and self.expect.kind == "equals" and self.expect.value == ""
                return why_never_clean(command, says_nothing=equals)
        return ""

    def placeholders(self) -> list[tuple[Path, str]]:
        """Where placeholders stand, and their names."""
        setting = SETTING[type(self.look)]
        texts: list[tuple[Path, str]] = [((setting, name), text) for name, text in _texts(self.look)]
        texts += [(("expression",), text) for text in (self.expression.texts() if self.expression else ())]
        if self.expect is not None and self.expect.kind != "matches":
            texts += texts_of(self.expect.value, ("expect", self.expect.kind))
        return [(path, name) for path, text in texts for name in names_in(text)]

    def filled(self, variables: Mapping[str, str]) -> Self:
        """A copy with its placeholders filled."""

        def fill(text: str) -> str:
            return filled(text, variables)

        expect = self.expect
        if expect is not None and expect.kind != "matches":
            expect = replace(expect, value=with_texts(expect.value, fill))
        quoted = {name: quote(value) for name, value in variables.items()}
        return replace(
            self,
            look=_filled(self.look, fill, lambda text: filled(text, quoted)),
            expression=self.expression.filled(fill) if self.expression else None,
            expect=expect,
        )

    def wrong_when_filled(self) -> list[Problem]:
        """What is wrong with the values that its placeholders became."""
        path = getattr(self.look, "path", "")
        why = problem_with_path(path) if path else None
        return [self.problem((SETTING[type(self.look)], "path"), f"path: {why}")] if why else []

    def to_json(self) -> dict[str, Json]:
        """As it stands in the file: `{"tool": {"run": ..., "at-least": ...}}`, without what is left out."""
        given: dict[str, Json] = {name.replace("_", "-"): value for name, value in _settings(self.look)}
        body: dict[str, Json] = {SETTING[type(self.look)]: given}
        if self.expression is not None:
            body["expression"] = self.expression.text
        if self.expect is not None:
            body["expect"] = {self.expect.kind: self.expect.value}
        return body


def _settings(look: Look) -> list[tuple[str, Json]]:
    """The settings that are given, in order."""
    named = [(name, getattr(look, name)) for name in look.__dataclass_fields__]
    return [(name, list(value) if isinstance(value, tuple) else value) for name, value in named if value]


def _texts(look: Look) -> list[tuple[str, str]]:
    return [(name, value) for name, value in _settings(look) if isinstance(value, str)]


def _filled(look: Look, fill: Fill, fill_quoted: Fill) -> Look:
    match look:
        case ToolVersion():
            return replace(look, run=fill_quoted(look.run), at_least=fill(look.at_least), at_most=fill(look.at_most))
        case CommandExit():
            return replace(look, run=fill_quoted(look.run))
        case FileState():
            return replace(look, path=fill(look.path), contains=fill(look.contains), lacks=fill(look.lacks))
        case VirtualEnvironment():
            return replace(look, path=fill(look.path))
        case FollowsFrom() | SignOff() | CannotHold():
            return look
