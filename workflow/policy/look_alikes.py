"""Is there a file that somebody takes for the policy, and that phasegate does not read? Then nothing is opened.

Rules:
- The policy is the file `phasegate.yaml` at the top of the repository and no other: a gate that went by the defaults
  because a policy has another name or lies elsewhere would be open to people whom its author kept out.
- At the top, and in the directories where projects keep settings (`SETTINGS`), names that mean the policy are refused.
- So they are in the runbook's directory and the one of `-C`, and in those between it and the top, `phasegate.yaml`
  among them. Elsewhere in the tree such a file is the project's own (a test's data) and none of our business.
- A link to the policy itself is no other file. What has the ending of a copy put aside (`.bak`, `~`, `.example`) or is
  a directory means no policy.
"""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from state.errors import BadInput, Problem

FILE = "phasegate.yaml"
SETTINGS = (".config", ".github", ".phasegate", "conf", "config", "etc", "settings")

_ENDINGS = r"(ya?ml|yam|yalm|ymal|json[5c]?|toml|ini)"
# a copy has a number or "copy" in its name, an editor adds .txt, a person writes a capital, a dot or a hyphen
_MEANT = re.compile(rf"[._-]*phase[-_. ]?gates?([-_. ]+(policy|config|copy))?( ?\(\d+\))?(\.{_ENDINGS})+(\.txt)?")


def is_meant(name: str) -> bool:
    """Whether a file of this name is one that somebody takes for the policy; so is the policy's own name."""
    return _MEANT.fullmatch(unicodedata.normalize("NFKC", name).casefold().strip()) is not None


def refuse_look_alikes(workspace: Path, *directories: str) -> None:
    """Return where no file is taken for the policy that is none.

    Args:
        workspace: the top of the repository.
        directories: paths below it, of the runbook and of `-C`; those above each are looked at as well.

    Raises BadInput with every such file, and the command that makes the first one the policy.
    """
    found = list(_look_alikes(workspace, directories))
    if not found:
        return
    there = os.path.lexists(workspace / FILE) and FILE in _names(workspace)
    first = shlex.quote(found[0])
    raise BadInput(
        f"the policy is {FILE} at the top of the repository; what looks like one elsewhere would be ignored, so "
        "nothing runs",
        problems=[Problem(path, f"expected {FILE} at the top, seen this file") for path in found],
        next_command=f"git diff --no-index -- {FILE} {first}   # take over what counts\n"
        f"      mv {first} {shlex.quote(found[0] + '.bak')}   # then nothing takes it for the policy"
        if there
        else f"git add {first} && git mv {first} {FILE} && git commit -m 'Name the policy {FILE}'",
    )


def _look_alikes(workspace: Path, directories: tuple[str, ...]) -> Iterator[str]:
    """Paths from the top, each once."""
    inside = [
        path for each in directories if not (path := PurePosixPath(each)).is_absolute() and ".." not in path.parts
    ]
    above = [parent for path in inside for parent in (path, *path.parents)]
    for directory in dict.fromkeys([PurePosixPath("."), *map(PurePosixPath, SETTINGS), *above]):
        for name in _names(workspace / directory):
            path = directory / name
            if path != PurePosixPath(FILE) and is_meant(name) and _is_another(workspace, path):
                yield path.as_posix()


def _is_another(workspace: Path, path: PurePosixPath) -> bool:
    """Whether a file is there that is not the policy: neither a directory nor a link to the policy."""
    full = workspace / path
    if full.is_dir():
        return False
    return not (full.is_symlink() and Path(os.path.realpath(full)) == Path(os.path.realpath(workspace)) / FILE)


def _names(directory: Path) -> list[str]:
    try:
        return sorted(path.name for path in directory.iterdir())
    except (FileNotFoundError, NotADirectoryError, PermissionError):  # git cannot read it either: who needs it says so
        return []
