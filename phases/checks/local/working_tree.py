"""May a working tree be clean while a run is under way? Only without the run's own files: `git status` names them.

The journal, the working log and the reports of a run lie in the tree, and are committed with its tasks: inside of a run
`git status --porcelain` always prints something. A pathspec leaves them out.
Source: https://git-scm.com/docs/gitglossary#Documentation/gitglossary.txt-exclude
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from shlex import quote

OF_RUNS = ".phasegate"
_WHOLE_TREE = re.compile(r"git status(?: (?:--porcelain(?:=v[12])?|--short|-s|--branch|-b|-sb))*")
_CLEAN = re.compile(r"test -z \"\$\((?P<asks>git status[^)]*)\)\"|\[ -z \"\$\((?P<also>git status[^)]*)\)\" \]")


def looks_at_whole_tree(command: str) -> bool:
    """Whether the command is `git status` of everything, whose output is compared."""
    return "-" in command and _WHOLE_TREE.fullmatch(command.strip()) is not None


def without_own(command: str, own: Sequence[str]) -> str:
    """The command, which looks at the whole tree, without these paths: a run's own."""
    return " ".join([command.strip(), "-- :/", *(quote(f":!{path}") for path in own)])


def why_never_clean(command: str, *, says_nothing: bool) -> str:
    """Why this command never finds a clean tree inside of a run; "" where it can.

    `says_nothing`: its output is expected to be empty.
    """
    found = _CLEAN.fullmatch(command.strip())
    asked = (found["asks"] or found["also"]) if found else command if says_nothing else ""
    if not looks_at_whole_tree(asked):
        return ""
    return f"a run's own files are in the tree; leave them out: {without_own(asked, [OF_RUNS, 'artifacts'])}"
