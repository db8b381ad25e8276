"""Does an item only name a database, or an object of a cluster, that the place above it lists?

"shop_db created" below "Databases", "`shop-config`" below "ConfigMaps".

Rules:
- The nearest place counts alone, as in `listed_names.py`: it names one kind of thing in the plural, and says of it no
  more than that it is there, or that it runs.
- One command that lists the names is asked for, once for all of a kind; a name counts where it stands alone in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from phases.checks.suggest.checklist import Checklist, ListedItem
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.context import fits
from phases.checks.suggest.listed_names import Listed
from phases.checks.suggest.proposal import Context, Entry, filled_in
from phases.checks.suggest.rules.entries import output

_ALONE = r"(?:[\s\S]*\n)?\s*(?:\w+\.)?$name\s*(?:\n[\s\S]*)?"  # of names that a command lists, one a line


class Listing(NamedTuple):
    """A kind of thing that places list.

    Attributes:
        place: what is found in the place's words; `document`: in the document.
        check: of one of them; `asks`: its questions.
    """

    place: str
    document: str
    context: Context
    check: Entry
    asks: Mapping[str, str]
    unproved: str


def asked_list(name: str, question: str) -> tuple[Entry, dict[str, str]]:
    """The check that `$name` is among the names that an asked command lists, and its question."""
    run: Entry = {"command": {"run": f"sh -c {{{name}}}", "changes": True}, "expect": {"matches": _ALONE}}
    return run, {name: question}


_SPACE = {"namespace": "Which namespace?"}
_DATABASE = r"(?i)\bSQL\b|database|postgres|mysql|maria|sqlite|bigquery|\bbq\b|migrations?\b|\bschema\b|supabase"


def _object(place: str, kind: str, unproved: str) -> Listing:
    run = f"kubectl get {kind} -n {{namespace}} -o json"
    entry = output(run, "items[].metadata.name", {"contains": "$name"})
    return Listing(place, "", "kubernetes", entry, _SPACE, unproved)


LISTINGS: tuple[Listing, ...] = (
    Listing(
        r"\bdatabases\b",
        _DATABASE,
        "any",
        *asked_list(
            "databases-command", "Which command lists the names of the databases, one a line, without a password in it?"
        ),
        "there by its name, not: what is in it",
    ),
    _object(r"\bconfig ?maps\b", "configmaps", "there, not: its values"),
    _object(r"\bcron ?jobs\b", "cronjobs", "there, not: that it ended well"),
    _object(r"\bservice ?accounts\b", "serviceaccounts", "there, not: what it may do"),
    _object(r"\bnetwork ?policies\b", "networkpolicies", "there, not: what it lets through"),
)
_COMPILED = tuple((re.compile(each.place, re.IGNORECASE), re.compile(each.document), each) for each in LISTINGS)
# of a list whose things are to go, may be there, or are said more of
_SAYS_MORE = re.compile(
    r"(?i)\b(?:delet\w*|remov\w*|drop\w*|clean\w*|old|unused|deprecat\w*|optional|migrated|renam\w*|legacy|not?|never"
    r"|without|with|encrypt\w*|index\w*|rows?|data|seed\w*|populat\w*|polic(?:y|ies) (?:on|for)|RLS|row[- ]level"
    r"|columns?|backed|backups?|restor\w*|test\w*|empty|truncat\w*|alter\w*|grow\w*|size\w*|count\w*|access\w*"
    r"|partition\w*|vacuum\w*|analy[sz]\w*|review\w*|replicat\w*|update[ds]?|changed|design\w*|planned|metrics)\b"
)
_NAME = r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*"
_ITEM = re.compile(
    rf"(?:table |database )?(?:`(?P<code>{_NAME})`|(?P<bare>[a-z][a-z0-9]*(?:[_-][a-z0-9]+)+))(?: (?:table|database))?"
    r"(?: (?:is )?(?:created|exists?|present))?(?P<for>(?: \([^()]*\)| [-\u2013\u2014] [^`]+|: [^`]+)?)"
)
_CLAIM = re.compile(
    r"(?i)\d|\b(?:with|must|only|encrypt\w*|no|not|if|optional|RLS|index\w*|columns?|foreign|keys?|rows?|unique|default"
    r"|seeded|populated|empty|set|enabled|disabled|contains?|has|have|renamed|removed|deleted|dropped|new|updated)\b|[=<>]"
)


def listed_object(item: ListedItem, document: Checklist) -> Listed | None:
    """The check that what the item names is there; None where the place does not say which kind it is."""
    place = (item.parents or item.headings[1:])[-1:]
    if not place or item.own or item.below:
        return None
    text = " ".join(plain_text(item.text).split()).rstrip(" .:")
    found = _ITEM.fullmatch(text)
    said = plain_text(place[0].text).replace("`", "")
    if found is None or _CLAIM.search(found["for"]) or _SAYS_MORE.search(re.sub(r"(?i)network ?policies", "", said)):
        return None
    kinds = [
        each
        for pattern, of_document, each in _COMPILED
        if pattern.search(said) and of_document.search(document.text) and fits(each.context, document, item)
    ]
    if len(kinds) != 1 or re.search(r"(?i)dynamo|cassandra|\bmodels?\b|\bclasses\b", said):
        return None
    name = found["code"] or found["bare"]
    listing = kinds[0]
    return filled_in(listing.check, {"name": name}), listing.asks, listing.unproved, (item.words, place[0])
