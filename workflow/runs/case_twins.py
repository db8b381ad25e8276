"""Would two names be one on a file system that does not tell upper case from lower? Refused before a run begins.

A run keeps its record beside `Shed.md` in `artifacts/Shed/`. Where `shed.md`, `shed.checks.yaml` or `artifacts/shed/`
is there as well, a clone on macOS or Windows has one of the two only: the runbook would be read, the checks would
judge, and the artifacts would be committed of the other.

Rules:
- Names are compared as git has them (`git ls-files`) and as their directory lists them, component by component, folded
  and composed (NFC) as those file systems compare them. What the file system here says to a name is not asked.
- Run ids differ by time and chance, never by case alone. Policies that look like another: `look_alikes.py`.

Source: git-config(1), `core.ignoreCase`; gitglossary(7), "pathspec": `icase`; Unicode, "Default Caseless Matching".
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from state.errors import BadInput
from state.path_word import path_word
from state.printable import as_name
from workflow.doors.git.plumbing import look

INDEX = "git's index"


def refuse_case_twins(workspace: Path, paths: Sequence[str]) -> None:
    """Raise BadInput where one of these paths of the workspace, or a directory on its way, has a twin."""
    own = dict.fromkeys(prefix for path in map(PurePosixPath, paths) for prefix in (*reversed(path.parents[:-1]), path))
    for name, twin, by_git in (*_in_git(workspace, list(own)), *_in_directories(workspace, list(own))):
        verb = "git mv --" if by_git else "mv --"
        if not os.path.lexists(workspace / twin):
            verb = f"git restore -- {path_word(twin.as_posix())} && {verb}"
        commit = " && git commit -m 'Rename what differs by case only'" if by_git else ""
        raise BadInput(
            f"{as_name(name.as_posix())} and {as_name(twin.as_posix())} differ only by upper and lower case: expected "
            "names that are two on every file system, seen the second one in "
            f"{INDEX if by_git else 'the directory'}; a clone on macOS or Windows has one of them only",
            next_command=f"{verb} {path_word(twin.as_posix())} {path_word(_free(workspace, twin))}{commit}",
        )


Twin = tuple[PurePosixPath, PurePosixPath, bool]  # the run's own name, what differs by case only, whether git lists it


def _in_git(workspace: Path, own: Sequence[PurePosixPath]) -> Iterator[Twin]:
    """By one process for each depth: what lies at the names themselves is left out, and may be much."""
    for depth in sorted({len(each.parts) for each in own}):
        names = {_folded(str(each)): each for each in own if len(each.parts) == depth}
        wanted = [f":(literal,icase){each}" for each in names.values()]
        but = [f":(exclude,literal){each}" for each in names.values()]
        listed = look(workspace, "ls-files", "-z", "--", *wanted, *but).stdout
        for line in filter(None, listed.split(b"\0")):
            twin = PurePosixPath(*PurePosixPath(os.fsdecode(line)).parts[:depth])
            if (name := names.get(_folded(str(twin)))) is not None and twin.parent == name.parent:
                yield name, twin, True


def _in_directories(workspace: Path, own: Sequence[PurePosixPath]) -> Iterator[Twin]:
    for name in own:
        place = workspace / name.parent
        for other in sorted(each.name for each in place.iterdir()) if place.is_dir() else ():
            if other != name.name and _folded(other) == _folded(name.name):
                yield name, name.with_name(other), False


def _folded(name: str) -> str:
    return normalize("NFC", normalize("NFD", name).casefold())


def _free(workspace: Path, twin: PurePosixPath) -> str:
    """A name for the twin that nothing has, whatever its case."""
    number = 2
    place = workspace / twin.parent
    there = {_folded(each.name) for each in place.iterdir()} if place.is_dir() else set()
    while _folded(f"{twin.stem}-{number}{twin.suffix}") in there:
        number += 1
    return twin.with_name(f"{twin.stem}-{number}{twin.suffix}").as_posix()
