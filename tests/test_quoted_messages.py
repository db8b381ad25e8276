"""Every message that the documentation quotes is one that the product prints. Held against the texts of the sources.

A quoted message is cut where a value comes in (`...`, a name, a number and its noun); each piece stands in one text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.worlds.sources import ROOT, modules

# What stands for a value in a quoted message: the documentation's own names and example values.
VALUE = re.compile(
    r"\.\.\.|\b[0-9a-f]{7,}\b|\b(?:\d+(?:\.\d+)?|N)(?: bytes| commits| files| min| s\b)?"
    r"|\b(?:FILE|X|PATH|NAME|RUNBOOK)\b|tasks\.md|index\.lock|journal(?:/\d\d/\d\d)?\.jsonl|runbook(?:-2)?\.md|\bmain\b|\belsewhere\b"
    r"|\b[A-Z_]{8,}\b|cloudformation:\w+"
)
COMPOSED = {  # a message of two texts of the sources: both of them
    "is a FIFO": ("is ", "a FIFO"),
    "is a device": ("is ", "a device"),
    "is a socket": ("is ", "a socket"),
    "goes through ..., which is a symbolic link": ("goes through ", ", which is", " a symbolic link -> "),
    "index.lock is there, no git process is at work here: left by one that died": (
        " is there, ",
        "no git process is at work here: left by one that died",
    ),
}
SHORTEST = 3  # signs of a piece that says anything


@cache
def texts() -> str:
    """All texts of the product, one a line; a NUL for what comes in."""
    found = []
    for path in modules(ROOT).values():
        for node in ast.walk(ast.parse(path.read_bytes())):
            match node:
                case ast.Constant(value=str(text)):
                    found.append(text)
                case ast.JoinedStr(values=values):
                    found.append(
                        "".join(str(each.value) if isinstance(each, ast.Constant) else "\0" for each in values)
                    )
    return "\n".join(each.replace("\n", " ") for each in found)


def quoted(text: str) -> Iterator[tuple[int, str]]:
    """Line and message of each that stands in the first column of a table of messages."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        inside = line.startswith("|") and (inside or line.startswith("| message |"))
        if inside and not line.startswith(("| message |", "|---")):
            first = line.replace("\\|", " ").split("|")[1]
            yield from ((number, each) for each in re.findall(r"`([^`]+)`", first) if not each.startswith("."))


def missing(message: str) -> list[str]:
    """The pieces of a quoted message that no text of the product has."""
    pieces = COMPOSED.get(message) or [each.strip(" :,.;()") for each in VALUE.split(message)]
    return [each for each in pieces if len(each) >= SHORTEST and each not in texts()]


def messages() -> list[tuple[str, str]]:
    return [
        (f"{path.name}:{number}", message)
        for path in sorted((ROOT / "docs").glob("*.md"))
        for number, message in quoted(path.read_text())
    ]


@pytest.mark.slow  # a second: all sources are parsed
def test_every_message_that_is_quoted_is_printed() -> None:
    assert [f"{place}: {message}: {gone}" for place, message in messages() if (gone := missing(message))] == []
    assert len(messages()) > 50
    assert set(COMPOSED) <= {message for _place, message in messages()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("message", "gone"),
    [
        ("approval void: ... was 4f2a91c, is 9be01d2", []),
        ("knows nothing of 2 commits of its run", []),
        ("there is no branch of the former name here", ["there is no branch of the former name here"]),
        ("approval lost: ... was 4f2a91c", ["approval lost"]),
    ],
)
def test_a_message_that_nobody_prints_is_missed(message: str, gone: list[str]) -> None:
    assert missing(message) == gone


def test_only_tables_of_messages_are_read() -> None:
    text = "| message | what |\n|---|---|\n| `a b`, `c` (exit 2) | `d` |\n\n| form | `e` |\n|---|---|\n| `f` | g |\n"
    assert list(quoted(text)) == [(3, "a b"), (3, "c")]
