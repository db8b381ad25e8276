"""What is a proposal, and what does a rule look like? Frozen values; made by `propose`.

Rules:
- A proposal quotes the words that it rests on, with where they stand, and says what its check does not prove.
- What it asks for is a `{placeholder}` of its check, asked once for the whole document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from phases.checks.suggest.checklist import ListedItem, Words
from state.json_values import Json

Context = Literal["any", "aws", "kubernetes", "operations"]
CONTEXTS: tuple[Context, ...] = get_args(Context)
ARN = r"arn:.+"
DOMAIN = r"(?:[a-z0-9-]+\.)+[a-z]{2,}"
VERSION = r"v?\d+(?:\.\d+)+[\w.+-]*"
Entry = Mapping[str, Json]  # a check as a checks file has it, without `id`, `name` and what it answers


def run_of(entry: Entry) -> str:
    """What a check runs; "" where it is no command."""
    command = entry.get("command")
    return str(command["run"]) if isinstance(command, dict) else ""


def filled_in(entry: Entry, words: Mapping[str, str]) -> dict[str, Json]:
    """A check with these words in the places of their names in its texts, `$name`; other names stay."""

    def filled(value: Json) -> Json:
        if isinstance(value, dict):
            return {key: filled(each) for key, each in value.items()}
        if isinstance(value, list):
            return [filled(each) for each in value]
        if not isinstance(value, str):
            return value
        return re.sub(r"\$([a-z]+)\b", lambda found: words.get(found[1], found[0]), value)

    return {key: filled(each) for key, each in entry.items()}


@dataclass(frozen=True)
class Name:
    """Something that a check has to know and that the item may name.

    Attributes:
        ask: the question, for a person; `{}` in it becomes the item's own word for it.
        option: of a command in the document's blocks whose value it may be: `--table-name`.
        group: the group of the pattern that has its word ("Sessions" of "Sessions table deployed"): the option's value
            has to have that word in it, and the placeholder is called after it.
        code: it is what the item is about: a name that stands in the item (in backticks, in quotes, or of a form that
            is nobody else's) is it, where it has the form; else it is asked about for that name alone.
        pattern: what the value looks like where it is taken from the item.
        many: it stands for several: those that the item spells, with spaces between them, or as many as are answered.
    """

    ask: str
    option: str = ""
    group: str = ""
    code: bool = False
    many: bool = False
    pattern: str = r"[A-Za-z0-9][\w./:$-]*"


@dataclass(frozen=True)
class Rule:
    """Words of an item, and the check that they announce.

    Attributes:
        head: a regular expression for the whole of the item's clause: without remark in brackets, emphasis, backticks,
            a "Verify that" in front and a period behind. Case does not count.
        remark: one that has to be found in its remark in brackets; its groups count as the head's.
        around: one that has to be found in the item, its parents, its headings or the title.
        document: one that has to be found somewhere in the document.
        context: what the document has to be about.
        check: the check; `$group` is what a group matched, `{name}` a name below.
        names: what has to be known.
        unproved: what the check does not prove.
        examples, counters: items that it takes, and that it does not.
        firm: its words are so much its own that it counts before what refuses a person's items.
        named: only where the item spells a name.
        several: an item may say it of several things; the check asks about one of them, and `unproved` says so.
    """

    name: str
    head: str
    check: Entry
    unproved: str
    examples: tuple[str, ...]
    counters: tuple[str, ...]
    context: Context = "aws"
    remark: str = ""
    around: str = ""
    document: str = ""
    names: Mapping[str, Name] = field(default_factory=dict)
    firm: bool = False
    named: bool = False
    several: bool = False


@dataclass(frozen=True)
class Proposal:
    """A check for one item.

    Attributes:
        kind: the rule's name, or the family's.
        rests_on: the words, quoted, with where they stand.
        asks: the questions that are open, by the placeholder's name.
        about: what the item says it is about and the check does not have: another item that is about something else
            is asked about apart.
        entry: the check as a checks file has it, its placeholders open.
    """

    item: ListedItem
    kind: str
    entry: Entry
    rests_on: tuple[Words, ...]
    unproved: str
    asks: Mapping[str, str] = field(default_factory=dict)
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoProposal:
    """An item without a proposal, and why."""

    item: ListedItem
    why: str


@dataclass(frozen=True)
class Suggestions:
    """What a checklist's items come to.

    Attributes:
        questions: name -> question, each once, in the order of the document; `known` are those that were answered.
    """

    path: str
    proposals: tuple[Proposal, ...]
    others: tuple[NoProposal, ...]
    questions: Mapping[str, str]
    known: Mapping[str, str] = field(default_factory=dict)
