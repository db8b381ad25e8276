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
import shlex
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from state.errors import BadInput, Problem
from state.printable import as_name

FILE = "phasegate.yaml"
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
# Letters of other scripts, and Latin ones that no normal form makes plain, beside what they are taken for.
# Source: https://www.unicode.org/reports/tr39/#Confusable_Detection, for the letters of these names
_CONFUSABLE = str.maketrans(
    {
        other: letter
        for letter, others in {
            "a": "\u0430\u03b1\u0251\u1d00\u13aa\u0d02",
            "c": "\u0441\u03f2\u1d04\u0188",
            "d": "\u0501\u0257\u13e7",
            "e": "\u0435\u03b5\u0454\u04bd\u212e\u1d07\u13ac\u0259",
            "f": "\u0192\u0493\u017f",
            "g": "\u0261\u0262\u0581\u050d\u01e5\u13c0",
            "h": "\u04bb\u043d\u0570\u029c\u13bb\u0266",
            "j": "\u0458\u03f3",
            "l": "il1|\u0456\u03b9\u0131\u04cf\u0406\u01c0\u029f\u0142\u2223\u0269\u05c0\u05d5\u13de",
            "m": "\u043c\u1d0d\u03fb\u13b7",
            "n": "\u0578\u057c\u03b7\u0274",
            "o": "0\u043e\u03bf\u0585\u1d0f\u03c3\u00f8",
            "p": "\u0440\u03c1\u03f1\u1d18\u13e2\u01bf",
            "r": "\u0433\u0280\u1d26",
            "s": "\u0455\ua731\u13da\u0282\u01bd",
            "t": "\u0442\u03c4\u1d1b\u13a2\u0167",
            "u": "\u03c5\u057d\u028b\u1d1c",
            "v": "\u03bd\u0475\u1d20",
            "y": "\u0443\u03b3\u04af\u028f\u0263\u13a9",
            ".": "\u00b7\u2024\u2219\u22c5\u30fb\u3002\u06d4\ua4f8",
            "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u02d7\u30fc",
        }.items()
        for other in others
    }
)
_NOT_SEEN = ("Cc", "Cf", "Cn", "Mn", "Me", "Zs", "Zl", "Zp")  # categories; an accent is seen, and passed over
_BLANKS = "\u2800\u115f\u1160\U0001d159"


def is_meant(name: str) -> bool:
    """Whether a file of this name is one that somebody takes for the policy; so is the policy's own name."""
    return re.fullmatch(_MEANT, _folded(name)) is not None


def is_meant_at_the_top(name: str) -> bool:
    """As `is_meant`, for a file at the top of the repository: there a name without an ending means the policy, too."""
    folded = _folded(name)
    return re.fullmatch(_MEANT, folded) is not None or re.fullmatch(_BARE, folded) is not None


def _folded(name: str) -> str:
    """The name as a hurried reader takes it."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    seen = (sign for sign in plain if unicodedata.category(sign) not in _NOT_SEEN and sign not in _BLANKS)
    return "".join(seen).translate(_CONFUSABLE)


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
    inside = [
        path for each in directories if not (path := PurePosixPath(each)).is_absolute() and ".." not in path.parts
    ]
    above = [parent for path in inside for parent in (path, *path.parents)]
    for directory in dict.fromkeys([PurePosixPath("."), *map(PurePosixPath, SETTINGS), *above]):
        for name in _names(workspace / directory):
            path = directory / name
            if path != PurePosixPath(FILE) and _is_another(workspace, path):
                yield path.as_posix()


def _is_another(workspace: Path, path: PurePosixPath) -> bool:
    """Whether what is there is taken for the policy, and is neither a directory nor a link to it.

    A program may be called `phasegate`.
    """
    full = workspace / path
    at_the_top = path.parent == PurePosixPath(".") and not os.access(full, os.X_OK)
    if not (is_meant_at_the_top(path.name) if at_the_top else is_meant(path.name)) or full.is_dir():
        return False
    return not (full.is_symlink() and Path(os.path.realpath(full)) == Path(os.path.realpath(workspace)) / FILE)


def _typed(path: str) -> str:
    """The path as a word of a shell; one with signs beyond ASCII by its bytes, as a reader cannot tell what to type."""
    if path.isascii() and path.isprintable():
        return shlex.quote(path)
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b"\\'" else f"\\x{byte:02x}" for byte in os.fsencode(path))
    return f"$'{''.join(plain)}'"


def _odd(path: str) -> str:
    """The signs of a name that are not what they look like, or are not seen, by code and name; "" for none."""
    odd = [f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".strip() for sign in path if not sign.isascii()]
    return f", whose name has {', '.join(dict.fromkeys(odd))}" if odd else ""


def _names(directory: Path) -> list[str]:
    try:
        return sorted(path.name for path in directory.iterdir())
    except (FileNotFoundError, NotADirectoryError, PermissionError):  # git cannot read it either: who needs it says so
        return []
