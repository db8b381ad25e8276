"""What would git make of a run's own files on their way into it? An attribute that changes their bytes, by name.

A runbook, a working log and a journal are compared byte for byte with what a commit holds, and read from it: with a
filter, `ident` or an encoding on them a commit holds something else than is shown. Line ends are known to be turned.

Source: gitattributes(5). A filter of which no configuration names a program does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from state.counted import counted
from state.errors import Problem, WorkspaceRefused
from state.path_word import path_word
from state.printable import as_name
from workflow.doors.git.plumbing import look

CHANGING = ("filter", "ident", "working-tree-encoding")
_OFF = " ".join(f"!{name}" for name in CHANGING)


def conversions(workspace: Path, paths: Sequence[str]) -> Mapping[str, str]:
    """Of these paths, there or not, those whose bytes an attribute would change: path -> `filter=z`, `ident`."""
    if not paths:
        return {}
    done = look(workspace, "check-attr", "-z", *CHANGING, "--", *paths)
    words = done.stdout.decode("utf-8", "surrogateescape").split("\0") if done.returncode == 0 else []
    found: dict[str, list[str]] = {}
    for path, name, value in zip(words[::3], words[1::3], words[2::3], strict=False):
        if value in ("unspecified", "unset") or (name == "filter" and not _has_program(workspace, value)):
            continue
        found.setdefault(path, []).append(name if value == "set" else f"{name}={value}")
    return {path: ", ".join(names) for path, names in found.items()}


def refuse_conversions(workspace: Path, paths: Sequence[str], runbook: str) -> None:
    """Raise WorkspaceRefused where an attribute would change one of these files of a run of this runbook."""
    found = conversions(workspace, paths)
    if not found:
        return
    problems = [
        Problem(as_name(path), f"has the attribute {by}, which changes what git stores of it")
        for path, by in found.items()
    ]
    raise WorkspaceRefused(
        f"the runbook {as_name(runbook)} and a run's own files must be stored as they are, and "
        f"{counted(len(found), 'file')} would not be: what is shown is not what would be committed",
        problems=problems,
        next_command=without_it(patterns(runbook, list(found))),
    )


def without_it(paths: Sequence[str]) -> str:
    """The command that takes these attributes off these paths, on record."""
    lines = " ".join(_quoted(f"{_pattern(path)} {_OFF}") for path in paths)
    return (
        f"printf '%s\\n' {lines} >> .gitattributes && git add -- .gitattributes "
        "&& git commit -m 'Keep the bytes of runs' -- .gitattributes   # takes it off"
    )


def patterns(runbook: str, paths: Sequence[str]) -> list[str]:
    """Few patterns for these paths of a run: the runbook, all of `.phasegate`, each other directory."""
    found: dict[str, None] = {}
    for path in paths:
        first = path.partition("/")[0]
        found[path if path == runbook or "/" not in path else f"{first}/**"] = None
    return list(found)


def _has_program(workspace: Path, name: str) -> bool:
    """Whether the configuration says what this filter runs on the way in."""
    asked = rf"^filter\.{''.join(each if each.isalnum() else '.' for each in name)}\.(clean|process)$"
    return look(workspace, "config", "--get-regexp", asked).returncode == 0


def _pattern(path: str) -> str:
    """The path as gitattributes(5) has a pattern: from the top, and in quotes where it has a blank."""
    text = f"/{path}"
    return text if text.isascii() and " " not in text and '"' not in text else '"' + text.replace('"', '\\"') + '"'


def _quoted(text: str) -> str:
    return path_word(text) if "'" in text else f"'{text}'"
