"""Which release, tag, commit or pull request does a question ask about? One list may speak of several.

Rules:
- The same check below two headings ("Before the beta", "Before the release") is about two versions, and asked apart.
- One release in two environments or regions is the same one.
- Each item that opens a pull request opens another one; what follows it in its section is about that one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from phases.checks.suggest.environments import renamed, sides_of
from phases.checks.suggest.proposal import Proposal

OPENS = "pull request that is open or merged"
_OF_ONE_RELEASE = re.compile(r"(?:version|tags?|tag-name|branch|commit|now-.+|milestone)")
_PULL_REQUEST = "pull-request"
_LONGEST = 32


def releases_apart(proposals: Iterable[Proposal]) -> list[Proposal]:
    """The proposals, where the same check for two releases, or for two pull requests, never shares a question."""
    made = list(proposals)
    same: dict[str, list[int]] = {}
    for number, each in enumerate(made):
        same.setdefault(f"{each.kind} {json.dumps(each.entry, sort_keys=True)}", []).append(number)
    for numbers in same.values():
        names = [each for each in made[numbers[0]].asks if _OF_ONE_RELEASE.fullmatch(each)]
        if len(numbers) > 1 and names and not all(any(sides_of(made[each].item)[:2]) for each in numbers):
            words = _places([made[each] for each in numbers])
            for number, word in zip(numbers, words, strict=True):
                made[number] = _asked_for(made[number], names, word)
    return _pull_requests(made)


def _pull_requests(made: list[Proposal]) -> list[Proposal]:
    of: dict[int, tuple[object, int]] = {}
    opened: dict[object, int] = {}
    for number, each in enumerate(made):
        if _PULL_REQUEST in each.asks:
            place = (tuple(words.line for words in each.item.headings), each.item.parents[:1])
            opened[place] = opened.get(place, 0) + (each.kind == OPENS)
            of[number] = (place, max(1, opened[place]))
    groups = list(dict.fromkeys(of.values()))
    if len(groups) < 2:
        return made
    firsts = [made[next(number for number, group in of.items() if group == each)] for each in groups]
    words = dict(zip(groups, _places(firsts), strict=True))
    return [
        _asked_for(each, [_PULL_REQUEST], words[of[number]]) if number in of else each
        for number, each in enumerate(made)
    ]


def _places(proposals: Sequence[Proposal]) -> list[str]:
    """A word for each: its heading, where these tell them apart, else its line."""
    slugs = [_slug(each.item.headings[-1].text) if each.item.headings else "" for each in proposals]
    if len(set(slugs)) == len(slugs) and all(slugs):
        return slugs
    return [f"line-{each.item.line}" for each in proposals]


def _slug(text: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST].strip("-")
    return slug if slug[:1].isalpha() else ""


def _asked_for(each: Proposal, names: Sequence[str], word: str) -> Proposal:
    text = json.dumps(each.entry, ensure_ascii=False)
    asks: dict[str, str] = {}
    for name, ask in each.asks.items():
        own = f"{word}-{name}" if name in names else name
        text = renamed(text, name, own)
        asks[own] = f"{ask} ({word.replace('-', ' ')})" if name in names else ask
    return replace(each, entry=json.loads(text), asks=asks)
