"""What does a checklist say around each of its items? Headings, parents, blocks below and beside it, with their lines.

Made by `workflow/runbook/checklist.py` from any Markdown; nothing here reads a file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from state.late_pattern import late

Where = Literal["item", "parent", "heading", "title", "block", "document"]
_CODE = late(r"`([^`]+)`")
_EXAMPLE = late(
    r"(?i)(?:your|my|example|sample|some|foo|xx+|placeholder)(?:[-_.].*)?|.*[-_](?:id|name|arn|here)|(?:i|vpc|sg"
    r"|subnet)-x+|x+|.*\.\.\..*|(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"
    r"|(?:.*[./-])?(?:your|my)[-_]?(?:domain|site|app|company|org|api|project)\b.*|(?:.*\.)?example\.(?:com|org|net)"
)


@lru_cache(128)
def option_pattern(option: str) -> re.Pattern[str]:
    """What finds a value that a command gives to this option, its first group; none that goes on with a placeholder."""
    written = "(?:-n|--namespace)" if option == "-n" else re.escape(option)
    return re.compile(rf"(?<!\S){written}[ =]+[\"']?([A-Za-z0-9][\w./:@-]*)(?![\w./:@<${{*-])")


def is_example(value: str) -> bool:
    """Whether a value only shows where one goes: `your-bucket`, `my-table`, `sg-xxx`."""
    return _EXAMPLE.fullmatch(value) is not None


class Words(NamedTuple):
    """Words of the document, quoted, and where they stand: `line` from 1."""

    text: str
    where: Where
    line: int


class Block(NamedTuple):
    """A fence: its text, the line of its first line, from 1, and its language."""

    text: str
    line: int
    language: str


@dataclass(frozen=True)
class ListedItem:
    """One box, and what stands around it.

    Attributes:
        line: from 1.
        text: what stands behind the box, wrapped lines joined, as written.
        parents, headings: what stands above it, outermost first.
        own: blocks below the item; `beside`: the other blocks of its section.
        below: how many boxes stand below it.
        criterion, tie_line, tasks: how a checks file ties a check to it; empty where the runbook's plan has it not.
    """

    line: int
    text: str
    parents: tuple[Words, ...] = ()
    headings: tuple[Words, ...] = ()
    own: tuple[Block, ...] = ()
    beside: tuple[Block, ...] = ()
    below: int = 0
    criterion: str = ""
    tie_line: int = 0
    tasks: tuple[str, ...] = ()

    @cached_property
    def code(self) -> tuple[str, ...]:
        """Its inline code."""
        return tuple(each.strip() for each in _CODE.findall(self.text))

    @cached_property
    def above(self) -> tuple[Words, ...]:
        """What it stands below, nearest first."""
        return (*reversed(self.parents), *reversed(self.headings))

    @property
    def words(self) -> Words:
        return Words(self.text, "item", self.line)


@dataclass(frozen=True, eq=False)
class Checklist:
    """A document with its items, in order.

    Attributes:
        path: as given, for messages; its words count as the title's do.
        title: the first heading, or "".
        text: the whole of it.
        lines: the text's lines, for quoting.
        sections: of each the line on which it begins, in order, and its headings, outermost first.
    """

    path: str
    title: str
    text: str
    items: tuple[ListedItem, ...]
    lines: tuple[str, ...] = ()
    sections: tuple[tuple[int, tuple[str, ...]], ...] = ()
    _options: dict[str, tuple[Words, ...]] = field(default_factory=dict)  # by option, once looked for

    def headings_at(self, line: int) -> tuple[str, ...]:
        """The headings that this line stands below, outermost first."""
        number = bisect_right(self.sections, line, key=lambda each: each[0])
        return self.sections[number - 1][1] if number else ()

    def options(self, option: str) -> tuple[Words, ...]:
        """The values that its commands give to this option (`--table-name`), each once, placeholders apart."""
        if option not in self._options:
            self._options[option] = tuple(self._found(option))
        return self._options[option]

    def _found(self, option: str) -> Iterator[Words]:
        pattern = option_pattern(option)
        seen: set[str] = set()
        for number, line in enumerate(self.lines, 1):
            if "-" not in line:
                continue
            for found in pattern.finditer(line):
                if option == "-n" and not re.search(r"\b(?:kubectl|helm)\b", line):
                    continue
                if found[1] not in seen and not is_example(found[1]):
                    seen.add(found[1])
                    yield Words(found[1], "block", number)
