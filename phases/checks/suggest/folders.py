"""In which folder does a command run, and is a file looked for, where the document goes to one?

Checks run at the top of the repository. A document that says `cd infra` above an item, or that speaks of a backend and
of a frontend, means another folder: that of the section is taken, and where nobody says it, it is asked.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from phases.checks.local.paths import problem_with_path
from phases.checks.suggest.checklist import Checklist
from phases.checks.suggest.environments import KINDS, PARTS, sides_of
from phases.checks.suggest.proposal import Proposal, run_of

_GOES = re.compile(
    r"(?:^\s*|[`$>] ?|&& |; )cd ([\w./~$<{-][\w./~$<>{}-]*)(?=[`\s;&]|$)"
    r"|(?:[Nn]avigate|[Cc]hange|[Gg]o|[Ss]witch|[Mm]ove) (?:in)?to (?:the )?"
    r"(?:`([\w.-][\w./-]*)`|([\w-]+) (?:directory|folder)\b)"
    r"|\b(?:[Ff]rom|[Ii]n|[Ii]nside) (?:the )?`([\w.-][\w./-]*)` (?:directory|folder)"
)
_CLONES = re.compile(r"\bgit clone\b")
# commands that look at the folder in which they run
_LOCAL = re.compile(
    r"(?:\./[\w.-]+(?![\w./-])|npm (?!view|whoami|audit signatures)|pnpm|yarn|bun|npx|bunx|tsc|eslint"
    r"|jest|vitest|go|cargo|mvn|\./mvnw|gradle"
    r"|\./gradlew|pytest|python3?|poetry|uv"
    r"|tox|nox|ruff|mypy|flake8|black|terraform|tflint|tfsec|checkov|docker compose|docker-compose|make|sam|cdk|bundle"
    r"|rails|rake|rspec|php|composer|vendor/bin|mix|flutter|dart|dotnet|helm (?:lint|template)|test -"
    r"|test .\$\(stat|grep|hugo"
    r"|mkdocs)\b|< [\w.-]+ (?:grep|sed) "
)
_SAYS_WHERE = re.compile(r"(?:^|\s)(?:-C|-chdir|--prefix|--cwd|--dir|--project|--manifest-path|-f|--file)\b|^cd ")
_A_PATH = re.compile(r"(?:^|\s)(?!\./)[\w.-]*[A-Za-z][\w.-]*/[\w./*-]+")
DIRECTORY = "directory"
_ASK = "In which directory of the repository is it?"


# it is rarely at the top, and in a folder without files of its own it finds nothing wrong
_TERRAFORM = re.compile(r"\bterraform |\.terraform|\.tf(?:vars)?\b|\b(?:tflint|tfsec) ")
# a document in one of these may mean its own folder as well as the top
_OF_A_PART = re.compile(
    r"(?i)(?:^|/)(?:terraform|infra(?:structure)?|back-?end|front-?end|server|client|api|web|mobile|app|k8s|kubernetes|helm|cdk"
    r"|(?:apps|packages|services|modules|examples)/[^/]+)/[^/]+$"
)
_REMARK = re.compile(r"\(`?((?!https?:|e\.g)[\w.-]+(?:/[\w.-]+)+)/?`?\)\s*$")


class Gone(NamedTuple):
    """Where the document goes to a folder: its line, the headings there, the folder, "" for an unknown one."""

    line: int
    headings: tuple[str, ...]
    folder: str


def in_their_folders(proposals: Iterable[Proposal], document: Checklist) -> list[Proposal]:
    """The proposals, each looking in the folder that the document means."""
    return [_in_its_folder(each, document) for each in proposals]


def _in_its_folder(each: Proposal, document: Checklist) -> Proposal:
    if not _looks_here(each):
        return each
    folder = _folder_of(each, document)
    if folder is None:
        asks = {**each.asks, DIRECTORY: _ASK}
        return replace(_moved(each, f"{{{DIRECTORY}}}"), asks=asks)
    return _moved(each, folder) if folder else each


def _looks_here(each: Proposal) -> bool:
    """Whether it rests on the folder in which it runs, and does not name one itself."""
    file = each.entry.get("file")
    if isinstance(file, dict):
        return "/" not in str(file["path"]).rstrip("/") and "{" not in str(file["path"])
    run = run_of(each.entry)
    return (
        bool(_LOCAL.match(run)) and "directory}" not in run and not _SAYS_WHERE.search(run) and not _A_PATH.search(run)
    )


def _folder_of(each: Proposal, document: Checklist) -> str | None:
    """The folder of an item: "" for the top, None for one that nobody says."""
    item = each.item
    if (said := _REMARK.search(item.text)) and problem_with_path(said[1]) is None:
        return said[1]
    headings = document.headings_at(item.line)
    gone = [found for found in _went(document) if found.line <= item.line]
    near = [found for found in gone if found.headings == headings[: len(found.headings)]]
    if near and len(near[-1].headings) > 1:  # below the title anything may stand
        return near[-1].folder or None
    if (
        gone
        or _OF_A_PART.search(document.path)
        or _of_a_part(each, document)
        or _TERRAFORM.search(json.dumps(dict(each.entry)))
    ):
        return None
    return ""


def _of_a_part(each: Proposal, document: Checklist) -> bool:
    """Whether the item is about one part of the system, and the document names several of them."""
    part = sides_of(each.item)[PARTS]
    named = {name for name, pattern in KINDS[PARTS] if pattern.search(document.text)}
    run = json.dumps(dict(each.entry))
    if any(re.search(rf"(?i)\b{word}\b", run) for word in part):
        return False  # the command itself says which
    return len(part) == 1 and len(named & {"frontend", "backend", "mobile", "admin"}) > 1


@lru_cache(64)
def _went(document: Checklist) -> tuple[Gone, ...]:
    """Where the document goes to folders, in order; the folder of a repository that was just cloned is its top."""
    found: list[Gone] = []
    cloned = 0
    for number, line in enumerate(document.lines, 1):
        if _CLONES.search(line):
            cloned = number
        for each in _GOES.finditer(line):
            named = next(part for part in each.groups() if part)
            headings = document.headings_at(number)
            if cloned and number - cloned <= 3:
                found.append(Gone(number, headings, "."))
                cloned = 0
                continue
            found.append(Gone(number, headings, _resolved(named, found, headings)))
    if all(each.folder == "." for each in found):
        return ()
    return tuple(found)


def _resolved(named: str, before: list[Gone], headings: tuple[str, ...]) -> str:
    """A folder from the top of the repository; "" for one that is outside of it or has blanks."""
    base = before[-1].folder if before and before[-1].headings == headings and named.startswith("..") else "."
    path = posixpath.normpath(posixpath.join(base or ".", named))
    return path if problem_with_path(path) is None and not set(path) & set("<>{}$~") else ""


def _moved(each: Proposal, folder: str) -> Proposal:
    if folder == ".":
        return each
    file, command = each.entry.get("file"), each.entry.get("command")
    if isinstance(file, dict):
        return replace(each, entry={**each.entry, "file": {**file, "path": f"{folder}/{file['path']}"}})
    assert isinstance(command, dict)
    return replace(each, entry={**each.entry, "command": {**command, "run": f"cd {folder} && {command['run']}"}})
