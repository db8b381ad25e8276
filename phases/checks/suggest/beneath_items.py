"""What stands below an item, and beside it in its section, that its check does not look at? Lists, blocks, commands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from phases.checks.suggest.checklist import Checklist, ListedItem

_A_COMMAND = re.compile(r"\./\S+|[a-z][\w.-]* \S")
_TO_BE_SEEN = re.compile(
    r"(?i)#.*?\b(?:should (?:show|see|list|return|be|have|include)|expect(?:ed)?:?|look for)\b(?P<what>.+)"
)
_NAMES = re.compile(r"(?<![\w-])[a-z0-9]+(?:[-_][a-z0-9]+)+(?![\w-])|\b\d+\b")
_JSON_VALUES = re.compile(r"\"\w+\"\s*:\s*\"?(\w+)")  # {"status": "healthy"}
_GOOD_CODE = re.compile(r"\b(?:HTTP(?:/[\d.]+)? )?200\b")
_SHOWS_ALL = re.compile(r"'Ready'|(?:available|ready|updated)Replicas")
_ALL_OF_THEM = re.compile(r"\b(\d+)/\1\b|\([^()]*\b(?:minutes?|seconds?|min|sec)\b[^()]*\)")  # "READY: 1/1"
_BULLET = re.compile(r"^(\s*)(?:[-*+]|\d+[.)])\s+(?!\[[ xX]\])(?P<text>.*)")
_LOCAL_AWS = re.compile(r"--endpoint-url[ =]\S*(?:localhost|127\.0\.0\.1|localstack)|\bawslocal \w|\blocalhost:4566\b")
_LOCAL = re.compile(r"https?://(?:localhost|127\.0\.0\.1)[\w:/.-]*")
# a line below that says how it is done, where it is, or why: it wants nothing more
_HOW = re.compile(
    r"(?i)\W*(?:command|run|using|use|via|see|note|hint|tip|example|e\.g\.|docs?|documentation|link|location|path|file"
    r"|url|why|purpose|time|duration|estimated|takes|owner|how)\b.*|`[^`]+`\W*|<?https?://\S+|\[[^\]]*\]\([^)]*\)\W*"
)


def further_commands(item: ListedItem, has: str) -> str:
    """Other commands in an item than the one that is run; "" for none."""
    said = [each for each in item.code if _A_COMMAND.match(each)]
    return ", ".join(each for each in said if json.dumps(each, ensure_ascii=False)[1:-1] not in has and len(said) > 1)


def is_forwarded(item: ListedItem, has: str, document: Checklist) -> bool:
    """Whether a port of this machine is asked that is a cluster's here, and something else's in another section."""
    asked = _LOCAL.search(has)
    if asked is None:
        return False
    others = [each for each in document.items if asked[0] in " ".join((each.text, *(one.text for one in each.own)))]
    here = " ".join(each.text for each in document.items if each.headings == item.headings)
    here += " ".join(block.text for block in (*item.own, *item.beside))
    return "port-forward" in here and any(each.headings[:2] != item.headings[:2] for each in others)


def expected_below(item: ListedItem, has: str) -> str | None:
    """What a remark in the item's own block says is to be seen, where the check does not have it; None for nothing."""
    for block in item.own:
        for line in block.text.split("\n"):
            told = _TO_BE_SEEN.search(_ALL_OF_THEM.sub("", line) if _SHOWS_ALL.search(has) else line)
            names = [*_NAMES.findall(told["what"]), *_JSON_VALUES.findall(told["what"])] if told else []
            if "curl -f" in has and _GOOD_CODE.search(line):
                names = [each for each in names if each not in {"200", "2", "1"}]  # "HTTP/2 200"
            if told and not all(each in has for each in names):
                return str(told["what"]).strip()
    return None


def asks_another_endpoint(item: ListedItem, document: Checklist) -> bool:
    """Whether the commands of its section, or of the item, go to a stand-in for AWS on this machine."""
    said = [each.text for each in document.items if each.headings == item.headings]
    return any(_LOCAL_AWS.search(each) for each in (*said, *(block.text for block in (*item.own, *item.beside))))


def lists_more(item: ListedItem, document: Checklist) -> bool:
    """Whether a list without boxes stands below the item, and says more than how it is done."""
    return any(not _HOW.fullmatch(each) for each in _bullets(item, document))


def _bullets(item: ListedItem, document: Checklist) -> Iterator[str]:
    """The lines of the list right below an item; entries without a box that follow it without a gap are its own."""
    line = document.lines[item.line - 1] if item.line <= len(document.lines) else ""
    indent = len(line) - len(line.lstrip())
    spaced = False
    for after in document.lines[item.line :]:
        bullet = _BULLET.match(after)
        if bullet is None and after.strip():
            return
        spaced = spaced or bullet is None
        if bullet is not None:
            if len(bullet[1]) < indent or (len(bullet[1]) == indent and spaced):
                return
            yield bullet["text"].strip()
