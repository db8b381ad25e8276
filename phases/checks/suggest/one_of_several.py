"""Does an item speak of several things, where its check asks about one? By its own words, a number, or the document.

Rules:
- What is asked is called after its kind: `{bucket}` is one of "buckets". A check that looks at each of a list is none.
- A setting of "the table" is one of several where the document has "tables" and the item does not say which.
"""

from __future__ import annotations

import json
import re

from phases.checks.suggest.checklist import Checklist
from phases.checks.suggest.clause import plain_text, without_code, without_remarks
from phases.checks.suggest.proposal import Proposal
from phases.checks.suggest.rules.table import RULES

ASKS_ONE = "asks about one"
# names that are of one thing each, whatever it is called
_ONE = (
    (
        re.compile(r"(?:^|-)(?:host|domain|frontend-origin|address)$"),
        re.compile(r"(?i)\b(?:domains|sub-?domains|(?:DNS|A|AAAA|CNAME|alias) records)\b"),
    ),
    (re.compile(r"(?:^|-)release-name$"), re.compile(r"(?i)\b(?:charts|releases)\b")),
    (re.compile(r"(?:^|-)(?:image-reference|image-tag)$"), re.compile(r"(?i)\bimages\b")),
    (
        re.compile(r"(?:^|-)(?:host|(?:health|endpoint|base)-url)$"),
        re.compile(
            r"(?i)\b(?:endpoints|URLs|health ?checks|pages|routes|domains|hosts|sites|websites|services|APIs|apps"
            r"|applications|frontends|backends)\b"
        ),
    ),
)
_SAID_OF_SEVERAL = frozenset(each.name for each in RULES if each.several)
_COUNTED = re.compile(r"(\d{1,2})(?: [A-Z]\w+)? [A-Za-z]{3,}s\b")  # "4 queues"
_ALONE = re.compile(r"(?<![\w.])\d+(?:\.\d+)*(?![\w])")
_OF_EACH = re.compile(r"contains-each|for each in|in-file")
_ONE_PART = re.compile(r"-(?:name|id|arn|url)$")
# kinds of which a document often has several -> how it speaks of them
_KINDS = {
    "table": r"(?:DynamoDB |GSI )?tables",
    "bucket": r"(?:S3 )?buckets",
    "repository": r"(?:ECR )?repositories",
    "log-group": r"log groups",
    "queue-url": r"(?:SQS )?queues",
    "function": r"(?:Lambda )?functions",
}


def one_of_several(found: Proposal, document: Checklist) -> str:
    """How what is asked is one of several; "" where nothing says so."""
    said = without_remarks(plain_text(found.item.text))
    has = json.dumps(found.entry, ensure_ascii=False)
    if (counted := _COUNTED.match(said)) and counted[1] not in _ALONE.findall(has):
        return f"does not count: {counted[0]}"
    for name in () if found.kind in _SAID_OF_SEVERAL or _OF_EACH.search(has) else found.asks:
        own = re.escape(_ONE_PART.sub("", name).rpartition("-")[2])
        of_them = rf"(?i)\b(?:{own}e?s|{own[:-1]}ies)\b(?! Manager)"
        if own != "origin" and (word := re.search(of_them, without_code(said))):
            return f"{ASKS_ONE}, and there are several: {word[0]}"
    for one, several in () if found.kind in _SAID_OF_SEVERAL else _ONE:
        if any(one.search(each) for each in found.asks) and (word := several.search(said)):
            return f"{ASKS_ONE}, and there are several: {word[0]}"
    return _one_of_the_documents(found, document)


def _one_of_the_documents(found: Proposal, document: Checklist) -> str:
    """That the document speaks of several of the kind, and nothing says of which one the item is."""
    if "service" not in found.entry or found.kind in _SAID_OF_SEVERAL:
        return ""
    for name, several in _KINDS.items():
        pattern = re.compile(rf"(?i)(?<![\w-]){several}\b")
        if name not in found.asks or any(not pattern.fullmatch(each) for each in found.about):
            continue
        places = [*found.item.parents, *found.item.headings, *(each.words for each in document.items)]
        if word := next((each for place in places if (each := pattern.search(plain_text(place.text)))), None):
            return f"{ASKS_ONE}, and the document has several: {word[0]}"
    return ""
