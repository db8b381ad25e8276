"""The commands of README.md and docs/*.md: where they stand, and what exit code the text promises.

Rules:
- ```console has a command behind each `$ `, with its here-document; `[exit N]` below says its exit code, else 0.
- ```sh and ```bash have a command a line, to be pasted; each ends with 0.
- A comment `# somebody else` behind a command means what it says: it is given by another git identity.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.worlds.workspaces import ROOT
from workflow.cli.verbs import VERBS

_FENCE = re.compile(r"^(```+)(\w*)[ ]*\n(.*?)^\1[ ]*$", re.MULTILINE | re.DOTALL)
_SOMEBODY_ELSE = "# somebody else"
PASTED = {"sh", "bash"}
DOCUMENTS = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
# how a line begins that somebody would type
TYPED = re.compile(
    rf"\$ |phasegate (-|({'|'.join(VERBS)})\b)|"
    r"(git|make|pipx|uv|npm|aws|export|curl|cd|pip|python3?|ssh-keygen) [\w.'-]"
)


@dataclass(frozen=True)
class Command:
    """A command of a document.

    Attributes:
        text: as it is printed, with its comment; several lines for a here-document.
        exit_code: what the document promises.
        by_another: somebody else gives it.
    """

    text: str
    exit_code: int
    by_another: bool


@dataclass(frozen=True)
class Block:
    """A block of commands, with the text of its fence as it stands."""

    text: str
    commands: tuple[Command, ...]


def blocks(document: str) -> list[Block]:
    """The blocks of a document that hold commands, in order."""
    found = []
    for _marks, language, text in _FENCE.findall((ROOT / document).read_text("utf-8")):
        if language == "console":
            found.append(Block(text, tuple(_session(text))))
        elif language in PASTED:
            found.append(Block(text, tuple(_command(line, 0) for line in text.splitlines() if line)))
    return found


def outside(document: str) -> list[str]:
    """Lines that look typed and stand in no block of commands: in another fence, or indented."""
    text = (ROOT / document).read_text("utf-8")
    strays = []
    for _marks, language, inside in _FENCE.findall(text):
        if language != "console" and language not in PASTED:
            strays += [line for line in inside.splitlines() if TYPED.match(line)]
    return strays + [
        line for line in _FENCE.sub("", text).splitlines() if re.match(r" {4}", line) and TYPED.match(line.lstrip())
    ]


def _session(text: str) -> list[Command]:
    commands: list[Command] = []
    here_document = False
    for line in text.splitlines():
        if here_document:
            commands[-1] = _command(f"{commands[-1].text}\n{line}", 0)
            here_document = line != "END"
        elif line.startswith("$ "):
            commands.append(_command(line[2:], 0))
            here_document = line.endswith("<<'END'")
        elif exit_code := re.fullmatch(r"\[exit (\d+)\]", line):
            commands[-1] = _command(commands[-1].text, int(exit_code.group(1)))
    return commands


def _command(text: str, exit_code: int) -> Command:
    return Command(text, exit_code, _SOMEBODY_ELSE in text)


def script(blocks_run: list[tuple[str, Block]], stand_ins: dict[str, str], codes: Path) -> str:
    """A script for bash that runs the blocks in order, each behind its preparation, and writes each exit code down.

    Args:
        blocks_run: the preparation (a script that must succeed) and the block.
        stand_ins: what a document shows as an example, and what is to be typed here instead.
        codes: the file that gets a line `NUMBER EXIT_CODE` for each command.
    """
    lines, number = ["set -u"], 0
    for preparation, block in blocks_run:
        if preparation:
            lines.append(f"( set -e\n{_meant(preparation, stand_ins)}\n) || exit 99")
        for command in block.commands:
            typed = _meant(command.text, stand_ins)
            if command.by_another:
                typed = f"GIT_AUTHOR_NAME=Bob GIT_AUTHOR_EMAIL=bob@example.com {typed}"
            lines.append(f"{typed}\necho \"{number} $?\" >> '{codes}'")
            number += 1
    return "\n".join(lines) + "\n"


def _meant(text: str, stand_ins: dict[str, str]) -> str:
    for shown, meant in stand_ins.items():
        text = text.replace(shown, meant)
    return text
