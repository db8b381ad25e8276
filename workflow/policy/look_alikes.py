"""Is there a file that somebody takes for the policy, and that phasegate does not read? Then nothing is opened.

Rules:
- The policy is the file `phasegate.yaml` at the top of the repository and no other: a gate that went by the defaults
  because a policy has another name or lies elsewhere would be open to people whom its author kept out.
- What looks like such a name is one: letters of other scripts, signs and blanks that are not seen, `I` for `l`.
- At the top, and in the directories where projects keep settings (`SETTINGS`), names that mean the policy are refused.
- So they are in the runbook's directory and the one of `-C`, and in those between it and the top, `phasegate.yaml`
  among them. Elsewhere in the tree such a file is the project's own (a test's data) and none of our business.
- A link to the policy itself is no other file. What has the ending of a copy put aside (`.bak`, `~`, `.example`) or is
  a directory means no policy.
"""

from __future__ import annotations

import os
import re
import time
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath

from state.errors import BadInput, Problem
from state.path_word import path_word
from state.printable import as_name
from state.taken_for import taken_for

FILE = "phasegate.yaml"
ENROL = "phasegate serve   # under People: enrol a passkey, then commit the file"  # where the file of them is missing
QUIET = 3_000_000_000  # [ns]; the coarsest clock of a file system that is in use (FAT) ticks every 2 s
REMEMBERED = 1_000  # directories
_LISTED: dict[
    str, tuple[tuple[int, ...], tuple[str, ...]]
] = {}  # directory -> what it was like, names that may be meant
SETTINGS = (".config", ".github", ".phasegate", "conf", "config", "etc", "settings")

# compared are folded names: small letters without blanks and signs that are not seen, `i` and `1` as `l`
_ENDINGS = r"(ya?ml|yam|yalm|ymal|json[5c]?|toml|lnl)"
_PUT_ASIDE = r"(example|sample|template|tmpl|dist|bak|backup|old|orig|test|demo)"  # `phasegate.example.yaml`
# a copy has a number or "copy" in its name, an editor adds .txt, a person writes a capital, a dot or a hyphen
_MEANT = (
    rf"[._-]*phase[-_.]?gates?([-_.]*(pollcy|conflg|copy|local|overrlde))?(\.(?!{_PUT_ASIDE}\.)\w+)?(\([\dl]+\))?"
    rf"(\.{_ENDINGS})+(\.(txt|md|markdown))?"
)
_BARE = r"[._-]*phase[-_.]?gates?"  # without an ending, at the top


def is_meant(name: str) -> bool:
    """Whether a file of this name is one that somebody takes for the policy; so is the policy's own name."""
    return re.fullmatch(_MEANT, taken_for(name)) is not None


def is_meant_at_the_top(name: str) -> bool:
    """As `is_meant`, for a file at the top of the repository: there a name without an ending means the policy, too."""
    folded = taken_for(name)
    return re.fullmatch(_MEANT, folded) is not None or re.fullmatch(_BARE, folded) is not None


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
    there = os.access(workspace, os.R_OK) and FILE in os.listdir(workspace)  # noqa: PTH208 - as it is spelt
    first = _typed(found[0])
    raise BadInput(
        f"the policy is {FILE} at the top of the repository; what looks like one elsewhere would be ignored, so "
        "nothing runs",
        problems=[Problem(as_name(path), f"expected {FILE} at the top, seen this file{_odd(path)}") for path in found],
        next_command=f"git diff --no-index -- {FILE} {first}   # take over what counts\n"
        f"      mv {first} {_typed(found[0] + '.bak')}   # then nothing takes it for the policy"
        if there
        else f"git add {first} && git mv {first} {FILE} && git commit -m 'Name the policy {FILE}'",
    )


def _look_alikes(workspace: Path, directories: tuple[str, ...]) -> Iterator[str]:
    """Paths from the top, each once."""
    top = os.fspath(workspace)
    for directory in _looked_in(directories):
        for name in _named_like_one(f"{top}/{directory}"):
            path = directory + name
            if path != FILE and _is_another(top, directory, name):
                yield path


@lru_cache(maxsize=64)
def _looked_in(directories: tuple[str, ...]) -> tuple[str, ...]:
    """The directories that are looked in, from the top: "" for the top itself, `conf/`."""
    inside = [
        path for each in directories if not (path := PurePosixPath(each)).is_absolute() and ".." not in path.parts
    ]
    above = [parent for path in inside for parent in (path, *path.parents)]
    all_of_them = dict.fromkeys([PurePosixPath("."), *map(PurePosixPath, SETTINGS), *above])
    return tuple("" if each == PurePosixPath(".") else f"{each}/" for each in all_of_them)


def _named_like_one(directory: str) -> tuple[str, ...]:
    """The names in a directory that may be meant.

    Each gate asks. A directory that has not changed since it was listed is not listed again, where its last change was
    QUIET before that: within the tick of a file system's clock a second change would leave no trace.
    """
    try:
        seen = os.stat(directory)  # noqa: PTH116 - a Path each is half of the time
        then = (seen.st_dev, seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns)
        known = _LISTED.get(directory)
        if known is not None and known[0] == then:
            return known[1]
        now = time.time_ns()
        names = tuple(filter(is_meant_at_the_top, sorted(os.listdir(directory))))  # noqa: PTH208
    except (FileNotFoundError, NotADirectoryError, PermissionError):  # git cannot read it either: who needs it says so
        return ()
    if max(seen.st_mtime_ns, seen.st_ctime_ns) < now - QUIET:
        if len(_LISTED) >= REMEMBERED:
            _LISTED.clear()
        _LISTED[directory] = then, names
    return names


def _is_another(top: str, directory: str, name: str) -> bool:
    """Whether what is there is taken for the policy, and is neither a directory nor a link to it.

    A program may be called `phasegate`.
    """
    full = f"{top}/{directory}{name}"
    if os.path.isdir(full):  # noqa: PTH112
        return False
    at_the_top = not directory and not os.access(full, os.X_OK)
    if not (is_meant_at_the_top(name) if at_the_top else is_meant(name)):
        return False
    return not (os.path.islink(full) and os.path.realpath(full) == f"{os.path.realpath(top)}/{FILE}")  # noqa: PTH114


def _typed(path: str) -> str:
    """The path as a word of a shell; one with signs beyond ASCII by its bytes, as a reader cannot tell what to type."""
    if path.isascii() and path.isprintable():
        return path_word(path)
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b"\\'" else f"\\x{byte:02x}" for byte in os.fsencode(path))
    return f"$'{''.join(plain)}'"


def _odd(path: str) -> str:
    """The signs of a name that are not what they look like, or are not seen, by code and name; "" for none."""
    odd = [f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".strip() for sign in path if not sign.isascii()]
    return f", whose name has {', '.join(dict.fromkeys(odd))}" if odd else ""
