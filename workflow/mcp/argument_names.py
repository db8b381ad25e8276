"""What are the command line's options called by an agent? Refusals name the arguments of `hand_in` and `answer`.

Rules:
- Only words of ours are changed: an option at the beginning of a message, in the headings of what is missing, and in
  remarks behind a command. What a message quotes stays as it is; so does a command for a person.
"""

from __future__ import annotations

import re

_NAMES = {
    "--no-files": "no_files",
    "--path": "paths",
    "--box": "boxes",
    "--attest": "attest",
    "--run": "commands",
    "--skip": "skip",
    "--answers": "answers",
}
_OPTION = re.compile(rf"(?<![\w'\"`-])(?:{'|'.join(_NAMES)})(?![\w-])(?: (?:FILE|REASON)\b)?")
_OURS = re.compile(
    r"\A--path and --no-files\b"  # begins a message
    r"|\A--[a-z-]+(?=[ :])"
    r"|^(?:files|boxes, each by itself|exit criteria|questions) \([^)\n]*\):$"  # headings of what is missing
    r"|^its exit criteria, each by --attest N:$"
    r"|(?<=   \(its command )(?:answers it|runs, and a person says whether [^\n]* holds): (?:--run \d+ ?)+(?=\)$)"
    r"|\bnot run \(--run \d+ runs it\)",
    re.MULTILINE,
)


def in_arguments(message: str) -> str:
    """The message with the options that it names itself as arguments of a tool."""
    return _OURS.sub(lambda found: remark_in_arguments(found[0]), message)


def remark_in_arguments(remark: str) -> str:
    """A remark behind a command, which is ours as a whole."""
    return _OPTION.sub(lambda found: _NAMES[found[0].split()[0]], remark)
