"""What does a checks file say of this machine? The settings `tool`, `command`, `file`, `virtual-environment` as a look.

Rules:
- Nothing is run and no file is opened here.
- A command is known to read (`phases/manual/reading_commands.py`), or says `changes: true`. A tool is asked for its
  version and nothing else.
- A path is one of the workspace: relative, and not out of it.
- A placeholder in a command stands outside of quotes: what it becomes is quoted as one word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from phases.checks.local.local_check import CommandExit, FileState, Look, ToolVersion, VirtualEnvironment
from phases.checks.local.of_the_run import CannotHold, FollowsFrom, Of, SignOff
from phases.checks.local.paths import problem_with_path
from phases.checks.local.version import is_version
from phases.checks.placeholders import filled, names_in
from phases.documents.yaml_document import Place
from phases.manual.reading_commands import only_reads
from state.printable import printable_line

LONGEST_COMMAND = 2_000  # characters
Wrong = Callable[[Place, str], None]
Line = Annotated[int, Field(ge=1)]
# how programs are asked for their version; nothing else is done then
_ASKS = re.compile(
    r"[A-Za-z][\w.+-]* (?:--version|-version|-V|-v|version|version --short|version --client|version --client --short)"
)


class ToolSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    run: str = Field(min_length=1, max_length=LONGEST_COMMAND)
    at_least: str = Field(default="", alias="at-least")
    at_most: str = Field(default="", alias="at-most")


class CommandSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    run: str = Field(min_length=1, max_length=LONGEST_COMMAND)
    exit: int = Field(default=0, ge=0, le=255)
    changes: bool = False


class FileSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    path: str = Field(min_length=1)
    is_json: bool = Field(default=False, alias="json")
    fields: list[str] = Field(default=[])
    contains: str = ""
    lacks: str = ""


class EnvironmentSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    path: str = ""


class FollowsSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    tasks: list[str] = []
    lines: list[Line] = []


class SignOffSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    of: Of


class CannotHoldSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    why: str = Field(min_length=1)


LocalSettings = (
    ToolSettings
    | CommandSettings
    | FileSettings
    | EnvironmentSettings
    | FollowsSettings
    | SignOffSettings
    | CannotHoldSettings
)


def read_look(settings: LocalSettings, wrong: Wrong) -> Look:
    """The look that these settings declare; `wrong` takes note of each problem, by its path in the check."""
    match settings:
        case ToolSettings(run=run, at_least=least, at_most=most):
            _judge_tool(settings, wrong)
            return ToolVersion(run, least, most)
        case CommandSettings(run=run, exit=code, changes=changes):
            _judge_command(settings, wrong)
            return CommandExit(run, code, changes)
        case FileSettings(path=path):
            _judge_file(settings, wrong)
            fields = tuple(settings.fields)
            return FileState(path, settings.is_json, fields, settings.contains, settings.lacks)
        case EnvironmentSettings(path=path):
            _judge_environment(settings, wrong)
            return VirtualEnvironment(path)
        case FollowsSettings(tasks=tasks, lines=lines):
            _judge_follows(settings, wrong)
            return FollowsFrom(tuple(tasks), tuple(lines))
        case SignOffSettings(of=of):
            return SignOff(of)
        case CannotHoldSettings(why=why):
            return CannotHold(why)


def _judge_tool(settings: ToolSettings, wrong: Wrong) -> None:
    if not _ASKS.fullmatch(settings.run) and not only_reads(settings.run):
        wrong(("tool", "run"), f"expected a program and what asks for its version, seen {_shown(settings.run)}")
    for name, given in (("at-least", settings.at_least), ("at-most", settings.at_most)):
        if given and not names_in(given) and not is_version(given):
            wrong(("tool", name), f"{name}: expected a version such as 3.11, seen {given[:60]!r}")


def _judge_command(settings: CommandSettings, wrong: Wrong) -> None:
    place: Place = ("command", "run")
    if "\0" in settings.run:
        wrong(place, "a command holds no NUL")
    if quoted := _quoted_placeholders(settings.run):
        wrong(place, f"{{{quoted[0]}}} stands in quotes; what it becomes is quoted by itself")
    words = dict.fromkeys(names_in(settings.run), "x")
    if not settings.changes and not only_reads(filled(settings.run, words)):
        wrong(
            place,
            f"not known to only read: {_shown(settings.run)}; say `changes: true`, and it is asked before it runs",
        )


def _judge_file(settings: FileSettings, wrong: Wrong) -> None:
    if why := problem_with_path(settings.path):
        wrong(("file", "path"), f"path: {why}")
    if settings.path.endswith("/") and (settings.is_json or settings.fields or settings.contains or settings.lacks):
        wrong(("file", "path"), "path: a directory has no text; leave the slash away for a file")
    _judge_fields(settings, wrong)


def _judge_fields(settings: FileSettings, wrong: Wrong) -> None:
    if settings.fields and not settings.is_json:
        wrong(("file", "fields"), "fields are those of a JSON file: write `json: true` beside them")
    for number, name in enumerate(settings.fields):
        if not name or name != name.strip():
            wrong(
                ("file", "fields", number), f"expected a field's name, dotted where it is inside another, seen {name!r}"
            )


def _judge_environment(settings: EnvironmentSettings, wrong: Wrong) -> None:
    if settings.path and (why := problem_with_path(settings.path)):
        wrong(("virtual-environment", "path"), f"path: {why}")


def _judge_follows(settings: FollowsSettings, wrong: Wrong) -> None:
    if not settings.tasks and not settings.lines:
        wrong(("follows-from",), "expected tasks or lines that it follows from, seen nothing")


def _quoted_placeholders(command: str) -> list[str]:
    """The placeholders inside of quotes."""
    quote = ""
    found: list[str] = []
    inside: list[str] = []
    for at, sign in enumerate(command):
        if quote:
            if sign == quote:
                found += names_in("".join(inside))
                quote, inside = "", []
            else:
                inside.append(sign)
        elif sign in "'\"" and command[at - 1 : at] != "\\":
            quote = sign
    return found


def _shown(command: str) -> str:
    return f"`{printable_line(command)[:100]}`"
