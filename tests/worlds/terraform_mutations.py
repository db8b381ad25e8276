"""What can be wrong in a file of Terraform that its provider's schema knows of? One wrong thing in each block.

A formatted file is taken apart by its indentation: a block's own lines stand two spaces deep, a nested block's four.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

META = {"for_each", "count", "depends_on", "provider", "source", "version", "alias"}
NESTED_META = {"lifecycle", "providers"}
_BLOCK = re.compile(r'^(resource|data|module|provider) "(\w+)"(?: "(\w+)")? (?:\{\}|\{\n.*?^\})$', re.M | re.S)


@dataclass(frozen=True, slots=True)
class Block:
    """A block at the top of a file, with its text and the schema that it must fit."""

    kind: str
    type: str
    name: str
    text: str
    schema: Mapping[str, Any]

    def lines(self) -> list[str]:
        text = f"{self.text[:-1]}\n}}" if self.text.endswith("{}") else self.text
        return text.split("\n")


Schemas = Callable[[str, str], Mapping[str, Any]]
Change = Callable[[Block], str]


def changeable(text: str, change: Change, schemas: Schemas) -> int:
    """How many blocks of a file the change can be made in."""
    return sum(bool(change(_block(found, schemas))) for found in _BLOCK.finditer(text))


def mutate(
    text: str, change: Change, schemas: Schemas, numbers: Container[int]
) -> tuple[str, dict[int, tuple[int, int]]]:
    """A file with the change in some of its changeable blocks, and where those are.

    Args:
        numbers: of the blocks to change, as they are counted from 0 by `changeable`.

    Returns the text, and by number the first and last line (from 1) of each changed block.
    """
    made, at, number, changed = "", 0, -1, {}
    for found in _BLOCK.finditer(text):
        new = change(_block(found, schemas))
        number += bool(new)
        made += text[at : found.start()]
        at = found.end()
        if new and number in numbers:
            first = made.count("\n") + 1
            changed[number] = (first, first + new.count("\n"))
        made += new if new and number in numbers else found[0]
    return made + text[at:], changed


def _block(found: re.Match[str], schemas: Schemas) -> Block:
    return Block(found[1], found[2], found[3] or "", found[0], schemas(found[1], found[2]))


def misspelt_argument(block: Block) -> str:
    """The first argument of the block, or of its first nested block, has a letter more."""
    for number, name in _arguments(block.lines(), "  ") or _nested_arguments(block.lines()):
        lines = block.lines()
        lines[number] = lines[number].replace(name, f"{name}x", 1)
        return "\n".join(lines)
    return ""


def missing_argument(block: Block) -> str:
    """The first argument that the schema requires is left out, with its value."""
    required = {name for name, each in block.schema.get("attributes", {}).items() if each.get("required")}
    lines = block.lines()
    for number, name in _arguments(lines, "  "):
        if name in required:
            end = number + 1
            if lines[number].rstrip()[-1] in "([{":
                end = next(at for at in range(end, len(lines)) if re.match(r" {2}[)\]}]", lines[at])) + 1
            return "\n".join(lines[:number] + lines[end:])
    return ""


def wrong_type(block: Block) -> str:
    """The first argument of one line has a value that its type does not take."""
    lines = block.lines()
    for number, name in _arguments(lines, "  "):
        type_ = block.schema.get("attributes", {}).get(name, {}).get("type", "dynamic")
        if type_ == "dynamic" or lines[number].rstrip()[-1] in "([{":
            continue
        wrong = '["wrong"]' if type_ == "string" else '"wrong"'
        lines[number] = re.sub(r"= .*", f"= {wrong}", lines[number])
        return "\n".join(lines)
    return ""


def unknown_block(block: Block) -> str:
    """A nested block that no type has."""
    lines = block.lines()
    return "\n".join([*lines[:-1], "  no_such_block {", "  }", lines[-1]])


CHANGES: Mapping[Change, tuple[str, ...]] = {
    misspelt_argument: ("Unsupported argument",),
    missing_argument: ("Missing required argument",),
    wrong_type: (
        "Incorrect attribute value type",
        "Invalid value for module argument",
        "Invalid value for input variable",
    ),
    unknown_block: ("Unsupported block type",),
}


def _arguments(lines: list[str], indent: str) -> list[tuple[int, str]]:
    found = []
    for number, line in enumerate(lines):
        if (match := re.match(rf"{indent}(\w+) += ", line)) and match[1] not in META | NESTED_META:
            found.append((number, match[1]))
    return found


def _nested_arguments(lines: list[str]) -> Iterator[tuple[int, str]]:
    inside = ""
    for number, line in enumerate(lines):
        if opened := re.match(r"  (\w+) \{$", line):
            inside = opened[1]
        elif inside and inside not in NESTED_META and (match := re.match(r"    (\w+) += ", line)):
            yield number, match[1]
