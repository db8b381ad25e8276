"""Does git store of a task's files what they have? What it stores otherwise is shown as that, or refused.

Rules:
- A program that a configuration names (`filter=`) can store anything: where it changes a file's bytes the work is
  refused, unless what is stored is a pointer that names the SHA-256 and the size of the very file (LFS).
- `ident`, an encoding and line ends are git's own. Their bytes are shown as git stores them; what does so is named.
- Runs of 0.1 record no blobs: there nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from phases.documents.markdown import code, code_block
from phases.step import Check, ReviewSection
from state.counted import counted
from state.errors import Problem
from state.evidence import Verdict
from state.files import sha256
from state.path_word import path_word
from state.printable import as_name
from state.tree_entry import TreeEntry

if TYPE_CHECKING:
    from workflow.git_port import ConvertedFile, Git

TITLE = "What git stores is not what the file has"


def refused_programs(git: Git, paths: Sequence[str]) -> tuple[list[Problem], str]:
    """Those of the files that a program would have stored otherwise, and the command that shows what it stores.

    The ids of the files are asked for anew. Raises WorkspaceRefused where a filter fails.
    """
    git.object_ids(paths)
    wrong = [each for each in git.converted(paths) if each.program and not each.is_pointer]
    return [_problem(each) for each in wrong], _way_on(wrong[0]) if wrong else ""


def stored_otherwise(
    git: Git, entries: Sequence[TreeEntry], since: str
) -> tuple[list[Check], list[ReviewSection], list[Problem], str]:
    """What is shown of the files of these entries that git stores otherwise; and of what else nobody can approve.

    `since`: the commit with which they are compared. The last two as of `refused_programs`, also of a file of which
    a filter stores something else each time.
    """
    blobs = {entry.path: entry.blob for entry in entries if entry.type == "file" and entry.blob}
    checks, bodies, problems, way_on = list[Check](), list[str](), list[Problem](), ""
    for each in git.converted(list(blobs)):
        if each.blob != blobs[each.path] or (each.program and not each.is_pointer):
            problems.append(_problem(each))
            way_on = way_on or _way_on(each)
            continue
        # neither lets a policy open the gate: only a person can judge what is stored
        verdict: Verdict = "note" if each.only_line_ends else "not-checked"
        checks.append(Check(f"what git stores of {as_name(each.path)}", "the file's bytes", _said(each), verdict))
        if not each.only_line_ends:
            before = git.blob(since, each.path) or b""
            bodies.append(f"{code(as_name(each.path))}, {_said(each)}:\n\n{_difference(before, each.stored)}")
    return checks, [ReviewSection(TITLE, "\n\n".join(bodies))] if bodies else [], problems, way_on


def _said(each: ConvertedFile) -> str:
    what = "a pointer to the file's SHA-256" if each.is_pointer else "LF for CR LF" if each.only_line_ends else "shown"
    return (
        f"{', '.join(each.by)}: git stores {counted(len(each.stored), 'byte')} ({what}; blob {each.blob[:10]}), "
        f"the file has {each.size:,}"
    )


def _problem(each: ConvertedFile) -> Problem:
    return Problem(
        as_name(each.path),
        f"expected that git stores its {counted(each.size, 'byte')}; seen {', '.join(each.by)}, which stores "
        f"{counted(len(each.stored), 'other byte')} (SHA-256 {sha256(each.stored)[:12]})",
    )


def _way_on(each: ConvertedFile) -> str:
    name = path_word(each.path)
    return (
        f"git cat-file blob {each.blob}   # what git would store\n"
        f"      git check-attr filter -- {name}   # take that attribute off, or put what git would store into the file"
    )


def _difference(before: bytes, stored: bytes) -> str:
    """How what is stored differs from what was, as a fenced unified diff; of no text its digest."""
    if b"\0" in before or b"\0" in stored:
        return f"is no text: {counted(len(stored), 'byte')}, SHA-256 {sha256(stored)}"
    old, new = (data.decode("utf-8", "backslashreplace") for data in (before, stored))
    from phases.documents.text_difference import text_difference  # here: with difflib, where there is a difference

    return code_block(text_difference(old, new, "before", "stored") or "no difference", "diff")
