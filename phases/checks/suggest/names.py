"""What are the things called that a rule's check has to know? From the item, from the document's commands, or asked.

A name that is not in the document becomes a `{placeholder}` and a question; the same thing is asked about once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from phases.checks.suggest.checklist import Checklist, ListedItem, Words
from phases.checks.suggest.files import PATH
from phases.checks.suggest.proposal import Name

_GENERIC = (
    "the",
    "all",
    "each",
    "every",
    "a",
    "an",
    "new",
    "aws",
    "dynamodb",
    "database",
    "lambda",
    "any",
    "no",
    "some",
)


@dataclass
class Known:
    """What the names of one proposal became.

    Attributes:
        values: name -> value, or the placeholder in braces.
        asks: placeholder -> question.
        rests_on: where values were found.
    """

    values: dict[str, str] = field(default_factory=dict)
    asks: dict[str, str] = field(default_factory=dict)
    rests_on: list[Words] = field(default_factory=list)


def known_names(names: Mapping[str, Name], groups: Mapping[str, str], item: ListedItem, document: Checklist) -> Known:
    """The values of these names for one item; `groups` is what the rule's pattern matched."""
    known = Known()
    for name, about in names.items():
        if about.code and (spelled := spelled_name(item)):
            known.values[name] = spelled
            continue
        word = _word(about, groups)
        found = _in_document(about, word, item, document)
        if found is not None:
            known.values[name] = found.text
            known.rests_on.append(found)
            continue
        placeholder = _placeholder(name, about, word)
        known.values[name] = f"{{{placeholder}}}"
        known.asks[placeholder] = about.ask.replace("{}", word or "meant")
    return known


def _word(about: Name, groups: Mapping[str, str]) -> str:
    """The item's own word for it; "" where it has none that tells it from others."""
    word = groups.get(about.group, "") if about.group else ""
    return "" if word.lower() in _GENERIC else word


def _placeholder(name: str, about: Name, word: str) -> str:
    """How it is called in the check while nobody has said its value: `sessions-table`."""
    placeholder = f"{_slug(word)}-{name}" if word else name
    if about.group == name and placeholder.endswith(f"-{name}-{name}"):
        placeholder = placeholder.removesuffix(f"-{name}")
    return placeholder if placeholder[0].isalpha() else f"n-{placeholder}"


_STATES = re.compile(r"(?i)active|issued|available|deployed|running|ready|ok|enabled|healthy|alarm|true|yes|bound")


def spelled_name(item: ListedItem) -> str:
    """The one name that an item has in backticks; "" for none, several, a state or a command."""
    found = [each for each in item.code if not _STATES.fullmatch(each)]
    if len(found) != 1 or not re.fullmatch(r"[A-Za-z0-9][\w./-]*", found[0]) or found[0].startswith("http"):
        return ""
    return found[0]


def _in_document(about: Name, word: str, item: ListedItem, document: Checklist) -> Words | None:
    if word and word in item.code and re.fullmatch(about.pattern, word):
        return Words(word, "item", item.line)
    if about.option == "json":
        return _json_file(item, document)
    if not about.option or (about.group and not word):
        return None  # without a word there may be several of it, and nobody says which
    return _the_one(_given(about.option, word, document), item)


def _given(option: str, word: str, document: Checklist) -> list[Words]:
    """The values that the document's commands give to an option; of those, where there is a word, the ones with it."""
    given = list(document.options(option))
    if not word:
        return given
    key = _letters(word)
    return [each for each in given if key and key in _letters(each.text)]


def _the_one(given: list[Words], item: ListedItem) -> Words | None:
    """The one value of the item itself or of its block, or else the only one; None where there are several."""
    own = [each for each in given if each.line == item.line or any(each.text in block.text for block in item.own)]
    found = own if len(own) == 1 else given
    return found[0] if len(found) == 1 else None


def _json_file(item: ListedItem, document: Checklist) -> Words | None:
    """The JSON file that the item's own section names last before it."""
    before = [each for each in document.items if each.line < item.line and each.headings == item.headings]
    found = [
        Words(code, "item", each.line)
        for each in before
        for code in each.code
        if PATH.fullmatch(code) and code.endswith(".json")
    ]
    return found[-1] if found else None


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _slug(text: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text)
    return re.sub(r"[^a-z0-9]+", "-", spaced.lower()).strip("-")[:40].strip("-")
